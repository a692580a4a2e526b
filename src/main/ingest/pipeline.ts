/**
 * A load: pull from the source, hand over to the encoding thread, commit by bytes and seconds. While one batch is
 * encoded, stored and committed the next one is read; there are never more than these two. See DESIGN.md.
 */
import { isLakeError, LakeError, toFault } from '../../shared/errors.ts'
import type { CommitView, LoadSummary } from '../../shared/model.ts'
import type { RefusalView } from '../../shared/monitor.ts'
import type { StartSetting } from '../../shared/settings.ts'
import type { TableIdentifier } from '../iceberg/catalog.ts'
import type { LakeIo } from '../iceberg/transaction.ts'
import { batchBytes, cutBatch, nextOffset } from '../source/pack.ts'
import type { MessageBatch, Source, Watermark } from '../source/source.ts'
import type { EncodedFile, TableShape } from './accumulator.ts'
import { OpenBatch } from './batch.ts'
import type { Committer } from './commit.ts'
import type { Crash } from './crash.ts'
import type { Encoder } from './encoder.ts'
import { endsOf, giveUpIfLost, isCaughtUp, summaryOf } from './ending.ts'
import { type LoadStatus, Meter } from './meter.ts'
import { openResume, openTables, shapesOf } from './opening.ts'
import { pathOf } from './path.ts'
import type { Acceptance, Resume } from './resume.ts'
import { Rollups } from './rollups.ts'
import { TroubleLog } from './trouble.ts'
import type { Ages } from './waiting.ts'

export interface LoadOptions {
  readonly io: LakeIo
  readonly tables: Readonly<Record<'raw' | 'errors', TableIdentifier>>
  /** Open and not started; the load closes it. */
  readonly source: Source
  /** Starts the encoding thread for the tables as they are; the load closes it. */
  readonly createEncoder: (shapes: {
    readonly raw: TableShape
    readonly errors: TableShape
    readonly topic: string
  }) => Promise<Encoder>
  readonly pipeline: string
  readonly commit: { readonly seconds: number; readonly bytes: number }
  readonly memoryBytes: number
  /** Ends at the end offsets read at the start; a finite source always does. */
  readonly untilCaughtUp: boolean
  readonly reset: 'earliest' | 'latest'
  /** Over `reset`, where the tables hold no position of this pipeline. */
  readonly startAt?: StartSetting | null
  readonly accept: Acceptance
  /** Folder for what must survive a crash beside the tables. */
  readonly stateFolder: string
  /** Brings the aggregates up to raw; called every `rollupSeconds` in which raw changed, and at the end. */
  readonly rollUp?: (signal: AbortSignal) => Promise<RolledUp>
  readonly rollupSeconds: number
  /** ms for which a service that is away is tried again. */
  readonly patienceMs?: number
  /** ms that a message may wait before it is told as a trouble; never where absent. */
  readonly lagAlertMs?: number
  /** Files uploaded at a time. */
  readonly uploads?: number
  readonly crash?: Crash
}

export interface RolledUp {
  readonly commits: { readonly daily: number; readonly weekly: number; readonly monthly: number }
  readonly rowsWritten?: number
  readonly sourceSnapshot?: string | null
}

export interface LoadRun {
  status(): LoadStatus
  /** Stops pulling; what was read is still committed in its time. */
  pause(): void
  resume(): void
  /** Commits what was read, rolls up, and gives what `done` gives. */
  stop(): Promise<LoadSummary>
  /** Ends at once, without a last commit: what was read and not committed is read again by the next load. */
  abort(): void
  /** A recent commit with all its ranges. */
  commit(snapshotId: string): CommitView | undefined
  /**
   * The load's end. Rejects with GAP, TOPIC_REPLACED, CLUSTER_REPLACED, TABLE_REPLACED or TABLE_ROLLED_BACK where going on
   * would lose or repeat messages, OVERTAKEN where another loader of the pipeline committed meanwhile, COMMIT_UNKNOWN where
   * a commit's fate could not be learnt (starting again settles it), and whatever else failed for longer than the load is
   * patient.
   */
  readonly done: Promise<LoadSummary>
  /** Called after each commit with its snapshots; returns what ends that. */
  onCommit(listener: (commits: readonly CommitView[]) => void): () => void
}

/** Share of the memory budget that rows waiting for a commit may take in the encoder: they exist several times later. */
const ROWS_SHARE = 8
const ADDS_BYTES = 8 * 1024 * 1024
const TICK_MS = 200
const WATERMARK_MS = 2_000
const PATIENCE_MS = 120_000

export function startLoad(options: LoadOptions): LoadRun {
  const load = new Load(options)
  const done = load.run()
  done.catch(() => {})
  return {
    status: () => load.status(),
    pause: () => load.pause(true),
    resume: () => load.pause(false),
    stop: () => {
      load.stop()
      return done
    },
    done,
    abort: () => load.abort(),
    commit: (snapshotId) => load.commitOf(snapshotId),
    onCommit: (listener) => {
      load.listeners.add(listener)
      return () => load.listeners.delete(listener)
    },
  }
}

class Load {
  readonly listeners = new Set<(commits: readonly CommitView[]) => void>()
  readonly #options: LoadOptions
  readonly #meter = new Meter(() => performance.now())
  readonly #patienceMs: number
  readonly #rowsBytes: number
  readonly #crash: Crash
  readonly #troubles: TroubleLog
  readonly #abort = new AbortController()
  /** Gives up what is not open yet: nothing was read by then. */
  readonly #opening = new AbortController()
  readonly #rollups: Rollups
  #refusal: RefusalView | null = null
  #stopping = false
  #paused = false
  /** Ends the wait for the source, so that a stop, a pause or a failure is seen at once. */
  #wake = new AbortController()
  #failure: { error: unknown } | null = null
  #open = new OpenBatch()
  #adding = 0
  readonly #adds = new Set<Promise<void>>()
  #committing: Promise<void> | null = null
  #watched = 0
  #watching = false
  #started = false

  constructor(options: LoadOptions) {
    this.#options = options
    this.#patienceMs = options.patienceMs ?? PATIENCE_MS
    this.#rowsBytes = options.memoryBytes / ROWS_SHARE
    this.#crash = options.crash ?? (() => {})
    this.#troubles = new TroubleLog(options.io.clock)
    this.#rollups = new Rollups({
      io: options.io,
      rollUp: options.rollUp,
      seconds: options.rollupSeconds,
      patienceMs: this.#patienceMs,
      meter: this.#meter,
      troubles: this.#troubles,
      signal: this.#abort.signal,
    })
  }

  status(): LoadStatus {
    const { source, pipeline, commit } = this.#options
    const { cluster, topic } = source.identity
    const lost = source.health?.().trouble ?? null
    if (lost === null) this.#troubles.back('source-away')
    else this.#troubles.away('source-away', lost)
    const trouble = lost ?? this.#rollups.trouble
    const due =
      this.#open.since === null ? null : this.#open.since + commit.seconds * 1000 - performance.now()
    const view = this.#meter.view(this.#options.io.clock(), {
      pipeline,
      source: { kind: cluster === 'file' || cluster === 'generator' ? cluster : 'kafka', topic, cluster },
      bufferedBytes: this.#open.bufferedBytes + this.#adding,
      budgetBytes: this.#options.memoryBytes,
      nextCommitInMs: due === null ? null : Math.max(0, Math.round(due)),
      paused: this.#paused,
      fault: trouble === null ? null : toFault(trouble),
      troubles: this.#troubles.view(),
      refusal: this.#refusal,
    })
    const { lagAlertMs } = this.#options
    if (lagAlertMs === undefined) return view
    this.#troubles.behind(view.lagMs ?? null, lagAlertMs)
    return { ...view, troubles: this.#troubles.view() }
  }

  commitOf(snapshotId: string): CommitView | undefined {
    return this.#meter.commitsOf(snapshotId)
  }

  abort(): void {
    this.#abort.abort()
    this.#stopping = true
    this.#fail(new LakeError('CANCELLED', 'the load was ended without a last commit'))
    this.#giveUpOpening()
  }

  pause(paused: boolean): void {
    this.#paused = paused
    this.#interrupt()
  }

  stop(): void {
    this.#stopping = true
    this.#interrupt()
    this.#giveUpOpening()
  }

  #giveUpOpening(): void {
    if (this.#started) return
    this.#opening.abort()
    // A source that is still connecting knows no other way to be called off.
    void this.#options.source.close().catch(() => {})
  }

  async run(): Promise<LoadSummary> {
    const started = performance.now()
    const { source } = this.#options
    let encoder: Encoder | null = null
    try {
      const { committer, resume, watermarks } = await this.#openAll()
      this.#begin(committer, resume, watermarks)
      encoder = await this.#options.createEncoder(shapesOf(committer, source.identity.topic))
      await this.#start(resume)
      const ends = this.#stopping ? null : await endsOf(this.#options, watermarks)
      try {
        await this.#loop(committer, encoder, resume, ends)
      } catch (error) {
        // What was read before the source failed is whole and can be kept.
        if (this.#failure === null) await this.#finish(committer, encoder).catch(() => {})
        throw error
      }
      await this.#finish(committer, encoder)
      return summaryOf(this.#meter, source.identity.topic, started)
    } catch (error) {
      if (!this.#opening.signal.aborted || !isLakeError(error, 'CANCELLED')) throw error
      if (this.#failure !== null) throw this.#failure.error
      return summaryOf(this.#meter, source.identity.topic, started)
    } finally {
      await Promise.allSettled([this.#committing, this.#rollups.settled()])
      await Promise.allSettled([encoder?.close(), source.close()])
    }
  }

  async #openAll() {
    const { signal } = this.#opening
    const committer = await openTables(
      this.#options,
      {
        patienceMs: this.#patienceMs,
        crash: this.#crash,
        troubles: this.#troubles,
        signal: this.#abort.signal,
      },
      signal,
    )
    const onRefusal = (refusal: RefusalView | null): void => {
      this.#refusal = refusal
    }
    return { committer, ...(await openResume(this.#options, committer, onRefusal, signal)) }
  }

  #begin(
    committer: Committer,
    { start, accepted, decided }: Resume,
    watermarks: ReadonlyMap<number, Watermark>,
  ): void {
    committer.begin(accepted)
    const had = committer.positions.raw?.next
    for (const [partition, position] of start) {
      const committed = had?.get(partition) === position ? position : null
      if (decided) this.#open.decided(partition, position, performance.now())
      this.#meter.begin(partition, position, committed, watermarks.get(partition)?.high ?? null)
    }
  }

  async #start(resume: Resume): Promise<void> {
    try {
      if (!this.#stopping) await this.#options.source.start(resume.start)
    } catch (error) {
      if (!this.#stopping) throw error
    }
    this.#started = true
  }

  async #loop(
    committer: Committer,
    encoder: Encoder,
    resume: Resume,
    ends: ReadonlyMap<number, bigint> | null,
  ): Promise<void> {
    const positions = new Map(resume.start)
    while (!this.#stopping && !isCaughtUp(positions, ends)) {
      if (this.#failure !== null) throw this.#failure.error
      this.#watch()
      this.#rollups.beginInTime()
      if (this.#due() && this.#committing === null) this.#startCommit(committer, encoder)
      if (this.#committing !== null && this.#full()) {
        await this.#committing
        continue
      }
      const batch = await this.#pull()
      if (batch === null) {
        giveUpIfLost(this.#options.source, ends !== null, this.#patienceMs)
        continue
      }
      this.#crash('batch-read')
      await this.#take(batch, encoder, resume, positions, ends)
    }
  }

  /** The next batch; null after a moment without one, or when something asks for attention. */
  async #pull(): Promise<MessageBatch | null> {
    const { signal } = this.#wake
    try {
      if (!this.#paused) return await this.#options.source.next(TICK_MS, signal)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, TICK_MS)
        signal.addEventListener('abort', () => {
          clearTimeout(timer)
          resolve()
        })
      })
    } catch (error) {
      if (!isLakeError(error, 'CANCELLED')) throw error
    }
    if (signal.aborted) this.#wake = new AbortController()
    return null
  }

  async #take(
    read: MessageBatch,
    encoder: Encoder,
    resume: Resume,
    positions: Map<number, bigint>,
    ends: ReadonlyMap<number, bigint> | null,
  ): Promise<void> {
    const { partition } = read
    const end = ends?.get(partition)
    if (ends !== null && (end === undefined || (positions.get(partition) ?? 0n) >= end)) return
    const batch = end === undefined ? read : cutBatch(read, end)
    const open = this.#open
    const position = positions.get(partition) ?? batch.offsets[0] ?? nextOffset(batch)
    if (!this.#meter.partitions.has(partition)) this.#meter.begin(partition, position, null, null)
    open.read(batch, position, performance.now())
    positions.set(partition, nextOffset(batch))
    this.#meter.read(partition, {
      messages: batch.count,
      bytes: batch.values.byteLength,
      next: nextOffset(batch),
      batch: open,
      ...this.#timesOf(batch, open.ages),
    })
    if (batch.count === 0) return
    const bytes = batchBytes(batch)
    this.#adding += bytes
    const from = { raw: resume.start.get(partition) ?? 0n, errors: resume.errorsFrom.get(partition) ?? 0n }
    const add = encoder
      .add(batch, from)
      .then((result) => {
        open.added(result)
        this.#meter.added(partition, result)
        if (open.bytes > this.#options.commit.bytes / 2) this.#crash('batch-half-full')
      })
      .catch((error) => this.#fail(error))
      .finally(() => {
        this.#adding -= bytes
        this.#adds.delete(add)
      })
    open.adds.push(add)
    this.#adds.add(add)
    while (this.#adding > ADDS_BYTES && this.#failure === null) await Promise.race(this.#adds)
  }

  /** A file and the generator tell made-up times: there a message counts from when it was read. */
  #timesOf(batch: MessageBatch, ages: Ages): { first: number; last: number } {
    const { cluster } = this.#options.source.identity
    if (cluster === 'file' || cluster === 'generator') {
      const now = this.#options.io.clock()
      ages.addMany(now, batch.count)
      return { first: now, last: now }
    }
    ages.add(batch.timestamps)
    return { first: batch.timestamps[0] ?? 0, last: batch.timestamps[batch.count - 1] ?? 0 }
  }

  #due(): boolean {
    const { since, empty } = this.#open
    if (empty || since === null) return false
    return this.#full() || performance.now() - since >= this.#options.commit.seconds * 1000
  }

  #full(): boolean {
    return this.#open.bytes >= this.#options.commit.bytes || this.#open.bufferedBytes >= this.#rowsBytes
  }

  /** Commits the open batch in the background; the next one is open from here on. */
  #startCommit(committer: Committer, encoder: Encoder): void {
    const batch = this.#open
    this.#open = new OpenBatch()
    // The thread works in order: what is asked here takes exactly the adds before it.
    const flush = encoder.flush()
    const files = filesOf(flush, flush.next(), Promise.all(batch.adds), () => this.#failure)
    this.#committing = this.#commit(committer, batch, files)
      .catch((error) => this.#fail(error))
      .finally(() => {
        this.#committing = null
      })
  }

  async #commit(committer: Committer, batch: OpenBatch, files: AsyncGenerator<EncodedFile>): Promise<void> {
    const started = performance.now()
    const { ranges, counts } = batch
    const { commits: landed, rejects, times } = await committer.commit({ files, ranges, counts })
    const path = pathOf({
      totalMs: performance.now() - (batch.since ?? started),
      decodeMs: batch.decodeMs,
      ...times,
    })
    const age = batch.ages.at(this.#options.io.clock())
    const taken = { partitions: ranges.size, messages: counts.messages }
    const { messages: _, ...samples } = counts
    const commits = landed.map((commit) => ({ ...commit, path, age, taken, counts: samples }))
    this.#meter.committed(commits, rejects)
    this.#rollups.committed(batch.ages)
    for (const listener of this.listeners) listener(commits)
    const ends = new Map(Array.from(batch.ranges, ([partition, { end }]) => [partition, end]))
    await this.#options.source.acknowledge(ends)
    this.#crash('acknowledged')
  }

  /** The last commit and the last rollup. */
  async #finish(committer: Committer, encoder: Encoder): Promise<void> {
    await this.#committing
    if (this.#failure === null && !this.#open.empty) {
      this.#startCommit(committer, encoder)
      await this.#committing
    }
    if (this.#failure !== null) throw this.#failure.error
    // Its buffers and the rollup's need not be in memory together.
    await encoder.close()
    await this.#rollups.last()
  }

  /** Learns how far the source's ends have moved, at its own pace. */
  #watch(): void {
    const now = performance.now()
    if (this.#watching || now - this.#watched < WATERMARK_MS) return
    this.#watching = true
    const watermarks = this.#options.source.watermarks().finally(() => {
      this.#watching = false
      this.#watched = performance.now()
    })
    watermarks.then(
      (watermarks) => {
        const wall = this.#options.io.clock()
        for (const [partition, { high }] of watermarks) this.#meter.learn(partition, high, wall)
      },
      (error) => {
        if (isLakeError(error, 'TOPIC_REPLACED', 'CLUSTER_REPLACED', 'GAP')) this.#fail(error)
      },
    )
  }

  #fail(error: unknown): void {
    this.#failure ??= { error }
    this.#interrupt()
  }

  #interrupt(): void {
    this.#wake.abort()
  }
}

/** The flush's files, the first asked for already; nothing before all adds are counted, nothing after a failure. */
async function* filesOf(
  flush: AsyncGenerator<EncodedFile, void>,
  first: Promise<IteratorResult<EncodedFile, void>>,
  adds: Promise<unknown>,
  failure: () => { error: unknown } | null,
): AsyncGenerator<EncodedFile> {
  first.catch(() => {})
  await adds
  const failed = failure()
  if (failed !== null) throw failed.error
  try {
    for (let result = await first; !result.done; result = await flush.next()) yield result.value
  } finally {
    await flush.return()
  }
}

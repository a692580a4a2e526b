import { isLakeError, LakeError } from '../../../shared/errors.ts'
import { TABLE_ROLES } from '../../../shared/tables.ts'
import { unlessCancelled } from '../../base/cancel.ts'
import type { Logger } from '../../base/log.ts'
import { createEncoder } from '../../ingest/encoder.ts'
import { readPositions } from '../../ingest/offsets.ts'
import { startLoad } from '../../ingest/pipeline.ts'
import { fileSource } from '../../source/file.ts'
import { filledSource } from '../../source/fill.ts'
import { GENERATOR_DEFAULTS, generatorSource } from '../../source/generator.ts'
import { kafkaSource } from '../../source/kafka.ts'
import { type Pace, pacedSource } from '../../source/pace.ts'
import type { Source } from '../../source/source.ts'
import { announce } from '../announce.ts'
import type { JobControl } from '../jobs.ts'
import type { Lake } from '../lake.ts'
import { rollUpLake } from '../rollup.ts'
import { checkLake } from '../setup/check-job.ts'
import { stateFolder } from '../state-folder.ts'
import type { BeginLoad, LoadSource } from './load.ts'

/** Puts a load together: tables, source, encoder, rollup. It runs from here on. */
export const beginLoad: BeginLoad = async (request, lake, control, { log, clock, changed }) => {
  const { settings, io, tables } = lake
  await ensureTables(lake, control)
  const source = await openInTime(openSource(request.source, lake, log), control.signal)
  const run = startLoad({
    io,
    tables,
    source,
    createEncoder: (shapes) =>
      createEncoder({
        ...shapes,
        validation: settings.validation,
        maxMessageBytes: settings.maxMessageBytes,
        clock,
        ...(settings.registry.url === null ? {} : { registryUrl: settings.registry.url }),
      }),
    pipeline: settings.pipeline,
    commit: settings.commit,
    memoryBytes: settings.memoryBytes,
    untilCaughtUp: request.untilCaughtUp,
    reset: settings.kafka.autoOffsetReset,
    startAt: request.source.kind === 'kafka' ? settings.kafka.start : null,
    accept: request.accept,
    stateFolder: stateFolder(settings),
    rollupSeconds: settings.rollup.seconds,
    lagAlertMs: settings.lag.alertSeconds * 1000,
    rollUp: async (signal) => {
      const result = await rollUpLake(lake, { rebuild: false, log, clock, signal })
      await announce(lake, result.commits, changed).catch((error) =>
        log.warn({ error }, 'New aggregates were not announced'),
      )
      return result
    },
  })
  run.onCommit((commits) => {
    for (const { role, snapshotId } of commits) changed(role, snapshotId)
  })
  return {
    view: run.status,
    pause: run.pause,
    resume: run.resume,
    stop: () => void run.stop().catch(() => {}),
    abort: run.abort,
    commit: run.commit,
    done: run.done,
  }
}

/** A lake without its tables gets them as `check` would make them; a table that is there is left alone. */
async function ensureTables(lake: Lake, control: JobControl): Promise<void> {
  const { catalog } = lake.io
  const there = await Promise.all(
    TABLE_ROLES.map((role) =>
      catalog.tableExists(lake.tables[role], control.signal).catch((error) => {
        if (isLakeError(error, 'NO_NAMESPACE')) return false
        throw error
      }),
    ),
  )
  if (there.every(Boolean)) return
  const failures: LakeError[] = []
  const result = await checkLake(lake, {
    signal: control.signal,
    step: ({ state, fault }) => {
      if (state !== 'failed' || !fault) return
      const { code, title, ...rest } = fault
      failures.push(new LakeError(code, title, rest))
    },
  })
  if (!result.passed)
    throw (
      failures[0] ??
      new LakeError('NO_TABLE', 'the tables could not be made', { remedy: 'Run `tarn check`.' })
    )
}

/** CANCELLED as soon as `signal` fires; a source that opens later is closed. */
async function openInTime(opening: Promise<Source>, signal: AbortSignal): Promise<Source> {
  try {
    return await unlessCancelled(opening, signal)
  } catch (error) {
    if (signal.aborted) opening.then((source) => source.close()).catch(() => {})
    throw error
  }
}

function openSource(source: LoadSource, lake: Lake, log: Logger): Promise<Source> {
  switch (source.kind) {
    case 'kafka':
      return source.fill === undefined
        ? kafkaSource(lake.settings.kafka, { log })
        : openFilled(source.fill, lake, log)
    case 'file':
      return source.pace === undefined ? fileSource(source.path) : openPaced(source.path, source.pace)
    case 'generator':
      return Promise.resolve(generatorSource(GENERATOR_DEFAULTS))
  }
}

/** What the topic no longer holds of what the table has not, read from a copy. */
async function openFilled(path: string, { io, tables, settings }: Lake, log: Logger): Promise<Source> {
  const source = await kafkaSource(settings.kafka, { log })
  try {
    const { metadata } = await io.catalog.loadTable(tables.raw)
    const next = readPositions(metadata, settings.pipeline)?.next
    const marks = await source.watermarks()
    const missing = [...marks].flatMap(([partition, { low }]) => {
      const from = next?.get(partition)
      return from !== undefined && from < low ? [{ partition, from, to: low }] : []
    })
    return await filledSource(source, path, missing)
  } catch (error) {
    await source.close()
    throw error
  }
}

/** Quarters of a second worth of messages at a time, so that the figures move evenly. */
async function openPaced(path: string, pace: Pace): Promise<Source> {
  const batchMessages = Math.max(1, Math.round(pace.perSecond / 4))
  return pacedSource(await fileSource(path, { batchMessages }), pace)
}

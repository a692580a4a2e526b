import { LakeError } from '../../shared/errors.ts'
import type { AppState, JobView, ProbeTarget, ProbeView, SettingsView } from '../../shared/model.ts'
import { throwIfCancelled } from '../base/cancel.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Scrubber } from '../base/scrub.ts'
import { announce } from './announce.ts'
import { createEventBus, type EventBus } from './events.ts'
import { createExports, type Exports } from './export/exports.ts'
import { type CleanFault, cleanFaults } from './faults.ts'
import { createJobs, type JobControl, type Jobs } from './jobs.ts'
import type { Lake } from './lake.ts'
import { createLakes, type Lakes } from './lakes/lakes.ts'
import { createLoadControl, type LoadControl } from './load/load.ts'
import { createMaintenance, type Maintenance } from './maintenance/control.ts'
import type { Parts } from './parts.ts'
import { createReplayControl, type ReplayControl } from './replay/control.ts'
import { createSampleControl, type SampleControl, sampleRequest } from './sample/control.ts'
import { isFresh } from './sample/fresh.ts'
import type { SecretStore } from './settings/secret-store.ts'
import {
  type MainSettings,
  type Resolved,
  saveSettings,
  secretsAmong,
  withChanges,
} from './settings/settings.ts'
import { settingsView } from './settings/view.ts'
import { type KeptWindow, readWindow, type WindowChange, windowView, writeWindow } from './window.ts'

export interface AppOptions {
  /** Reads the settings anew; called at the start and after each change. */
  readonly resolve: () => Resolved
  readonly parts: Parts
  readonly host: AppState['host']
  readonly version: string
  /** True for the throw-away lake of `demo`. */
  readonly sample: boolean
  /** Where secrets are kept apart from the settings file; the same that `resolve` reads. */
  readonly secrets?: SecretStore | null
  readonly log: Logger
  /** The log's own; it learns every secret that is saved or tried. */
  readonly scrubber: Scrubber
  readonly clock: Clock
}

/** The whole application without a host: what the routes, the command line and the windows work with. */
export interface App {
  readonly events: EventBus
  readonly jobs: Jobs
  readonly load: LoadControl
  readonly replays: ReplayControl
  readonly maintenance: Maintenance
  /** Answers that go into files. */
  readonly exports: Exports
  readonly log: Logger
  /** What a page or a program is told of a failure. */
  readonly cleanFault: CleanFault
  readonly clock: Clock
  readonly version: string
  /** The user's own home folder, also while the sample is open. */
  readonly home: string
  readonly sample: SampleControl
  /** Lakes that were opened before. */
  readonly lakes: Lakes
  /** How the window was left, and what keeps a change of it. */
  window(): KeptWindow
  keepWindow(change: WindowChange): KeptWindow
  settings(): MainSettings
  /** The settings as `changes` would make them; nothing is saved. */
  settingsWith(changes: Readonly<Record<string, string | null>>): MainSettings
  settingsView(): SettingsView
  /** LOCKED while a job runs. Null removes a value from the file. */
  saveSettings(changes: Readonly<Record<string, string | null>>): SettingsView
  state(): AppState
  /** Tries connections with `changes` over the settings in force; creates nothing. */
  probe(
    targets: readonly ProbeTarget[],
    changes: Readonly<Record<string, string | null>>,
    signal: AbortSignal,
  ): Promise<ProbeView[]>
  startCheck(): JobView
  startRollup(options: { readonly rebuild: boolean }): JobView
  startVerify(): JobView
  /** Opened on first use, and anew after a change of settings. Belongs to the app: do not close it. */
  lake(): Promise<Lake>
  /** Stops a load in order (commits first), cancels other jobs, closes the lake. */
  close(): Promise<void>
}

export function createApp(options: AppOptions): App {
  const { log, clock, parts, scrubber } = options
  const cleanFault = cleanFaults(scrubber)
  const events = createEventBus()
  const jobs = createJobs(events, clock, cleanFault)
  const resolve = (): Resolved => {
    const found = options.resolve()
    scrubber.learn(secretsAmong(found.texts))
    return found
  }
  const tried = (changes: Readonly<Record<string, string | null>>): MainSettings => {
    scrubber.learn(secretsAmong(Object.entries(changes)))
    return withChanges(resolved, changes)
  }
  let resolved = resolve()
  let opened: Promise<Lake> | null = null
  let closed: Promise<void> | null = null
  const startedAt = clock()

  const settings = () => resolved.settings
  const lake = (): Promise<Lake> => {
    if (closed) return Promise.reject(new LakeError('CANCELLED', 'Tarn is closing'))
    if (opened) return opened
    const attempt = parts.openLake(resolved.settings, log, clock)
    opened = attempt
    // A lake that could not be opened is tried again by the next caller.
    attempt.catch(() => {
      if (opened === attempt) opened = null
    })
    return attempt
  }
  const openFor = async ({ signal }: JobControl): Promise<Lake> => {
    const open = await lake()
    throwIfCancelled(signal)
    return open
  }
  const closeLake = async () => {
    const last = opened
    opened = null
    const open = await last?.catch(() => null)
    await open?.close()
  }
  const load = createLoadControl({
    lake,
    settings,
    jobs,
    events,
    log,
    clock,
    cleanFault,
    begin: (request, ...rest) => parts.begin(sample.open ? sampleRequest(request) : request, ...rest),
  })
  const { home } = resolved.settings
  const free = (what: string) => {
    const running = jobs.list().find((job) => job.state === 'running')
    if (!running) return
    throw new LakeError('LOCKED', `${what} while a ${running.kind} is running`, {
      outcome: 'retry',
      context: { job: running.id, kind: running.kind },
      remedy: `Stop the ${running.kind} first.`,
    })
  }
  const sample = createSampleControl({
    home: () => home,
    own: resolve,
    allowed: !options.sample,
    now: clock,
    free: () => free('the sample cannot be opened'),
    load: (request) => load.start(request),
    stop: async () => {
      // It is deleted right after: nothing of it is worth a last commit.
      await load.stopNow()
      const rest = jobs.list().filter((job) => job.state === 'running')
      for (const job of rest) jobs.cancel(job.id)
      await Promise.all(rest.map((job) => jobs.wait(job.id)))
    },
    async swap(next) {
      const closing = closeLake()
      resolved = next
      load.forget()
      events.emit('settings', { changedAt: clock() })
      await closing.catch((error) => log.warn({ error }, 'The former lake did not close in order'))
    },
    lost: (error) => log.warn({ error }, 'The sample could not be deleted; the next start tries again'),
  })

  const lakes = createLakes({
    home,
    secrets: options.secrets ?? null,
    now: clock,
    resolved: () => resolved,
    sample: () => options.sample || sample.open,
    save: (changes) => void app.saveSettings(changes),
  })
  // A lake that something landed in is one to come back to.
  let landedIn: Resolved | null = null
  events.subscribe((name) => {
    if (name !== 'table' || landedIn === resolved) return
    landedIn = resolved
    try {
      lakes.remember()
    } catch (error) {
      log.warn({ error }, 'The list of lakes could not be written')
    }
  })

  const replays = createReplayControl({
    lake,
    jobs,
    events,
    rollUp() {
      try {
        app.startRollup({ rebuild: false })
      } catch (error) {
        // A load that runs rolls up by itself.
        log.debug({ error }, 'Replayed rows wait for the next rollup')
      }
    },
  })

  const app: App = {
    events,
    jobs,
    load,
    replays,
    maintenance: createMaintenance({
      lake,
      jobs,
      changed: (role, snapshotId) => events.emit('table', { role, snapshotId }),
    }),
    exports: createExports(home, clock),
    log,
    cleanFault,
    clock,
    version: options.version,
    home,
    sample,
    lakes,
    window: () => readWindow(home),
    keepWindow: (change) => writeWindow(home, change),
    settings,
    settingsWith: tried,
    settingsView: () => settingsView(resolved, options.secrets ?? null, startedAt),
    saveSettings(changes) {
      if (sample.open) {
        throw new LakeError('CONFLICT', 'the sample lake has no settings to change', {
          remedy: 'Leave the sample first.',
        })
      }
      free('settings cannot change')
      scrubber.learn(secretsAmong(Object.entries(changes)))
      const undo = saveSettings(resolved.file, changes, options.secrets ?? null)
      try {
        resolved = resolve()
      } catch (error) {
        undo()
        throw error
      }
      closeLake().catch((error) => log.warn({ error }, 'The former lake did not close in order'))
      events.emit('settings', { changedAt: clock() })
      return app.settingsView()
    },
    state: () => ({
      version: options.version,
      host: options.host,
      sample: options.sample || sample.open,
      leavable: sample.open,
      fresh: !options.sample && !sample.open && isFresh(resolved),
      window: windowView(home),
      home: resolved.settings.home,
      catalog: {
        type: resolved.settings.catalog.type,
        name: resolved.settings.catalog.name,
        uri: resolved.settings.catalog.type === 'rest' ? resolved.settings.catalog.uri : null,
        warehouse: resolved.settings.catalog.warehouse,
        database: resolved.settings.catalog.database,
      },
      tables: (({ layout: _, ...names }) => names)(resolved.settings.tables),
      kafka: { brokers: resolved.settings.kafka.brokers, topic: resolved.settings.kafka.topic },
      load: load.view(),
      jobs: jobs.list(),
    }),
    async probe(targets, changes, signal) {
      const found = await parts.probe(tried(changes), targets, signal)
      return found.map((one) => ({
        ...one,
        text: scrubber.clean(one.text),
        fault: one.fault && cleanFault(one.fault),
      }))
    },
    startCheck: () =>
      jobs.start('check', async (control) => ({
        kind: 'check',
        ...(await parts.check(await openFor(control), control)),
      })),
    startRollup: ({ rebuild }) =>
      jobs.start('rollup', async (control) => {
        const open = await openFor(control)
        const result = await parts.rollup(open, control, rebuild, log, clock)
        await announce(open, result.commits, (role, snapshotId) => events.emit('table', { role, snapshotId }))
        return { kind: 'rollup', ...result }
      }),
    startVerify: () =>
      jobs.start('verify', async (control) => ({
        kind: 'verify',
        ...(await parts.verify(await openFor(control), control)),
      })),
    lake,
    close() {
      closed ??= (async () => {
        await load.stop().catch((error) => log.error({ error }, 'The load did not stop in order'))
        await jobs.close()
        await app.exports.close()
        await closeLake()
        await sample.left()
      })()
      return closed
    },
  }
  return app
}

import { LakeError } from '../../../shared/errors.ts'
import type { JobView, SampleView } from '../../../shared/model.ts'
import type { LoadRequest } from '../load/load.ts'
import type { Resolved } from '../settings/settings.ts'
import {
  beginSample,
  deleteSample,
  markLeft,
  resolveSample,
  SAMPLE_SOURCE,
  sampleBegun,
  sampleLeft,
  viewSample,
} from './sample.ts'

export interface SampleControl {
  /** True while the sample is what the app works on. */
  readonly open: boolean
  view(): Promise<SampleView>
  /** Opens the sample, begun anew where there is none, and loads the recorded topic. LOCKED while a job runs. */
  start(): JobView
  /**
   * Opens a sample that was begun and not left, if there is one, and deletes what is left of one that was. For hosts with a
   * window, at their start.
   */
  reopen(): void
  /** Stops its load without a last commit and goes back to the user's own lake; its files are deleted after that. */
  leave(): Promise<void>
  /** Resolves when nothing is being deleted any more. Never rejects. */
  left(): Promise<void>
}

export interface SampleDeps {
  /** The user's own home folder, whatever is open. */
  readonly home: () => string
  readonly own: () => Resolved
  /** False for `demo`, whose lake is the sample and goes with the program. */
  readonly allowed: boolean
  readonly now: () => number
  /** Throws LOCKED while a job runs. */
  readonly free: () => void
  readonly load: (request: LoadRequest) => JobView
  readonly stop: () => Promise<void>
  /** Makes the app work on other settings; the lake of the former ones is closed when it resolves. */
  readonly swap: (next: Resolved) => Promise<void>
  /** Told when files of a sample that was left could not be deleted. */
  readonly lost: (error: unknown) => void
}

export function createSampleControl(deps: SampleDeps): SampleControl {
  let open = false
  let deleting: Promise<void> = Promise.resolve()
  const remove = (home: string) => {
    deleting = deleteSample(home).catch(deps.lost)
  }
  return {
    get open() {
      return open
    },
    view: () => viewSample(deps.home()),
    start() {
      if (!deps.allowed) {
        throw new LakeError('CONFLICT', 'this is the sample of `tarn demo`', {
          remedy: 'Start Tarn without `demo` to try the sample of the window.',
        })
      }
      deps.free()
      if (!open) {
        const home = deps.home()
        beginSample(home, deps.now())
        const next = resolveSample(home)
        open = true
        void deps.swap(next)
      }
      return deps.load({ source: { kind: 'kafka' }, untilCaughtUp: false, accept: {} })
    },
    reopen() {
      if (!deps.allowed || open) return
      if (sampleLeft(deps.home())) return remove(deps.home())
      if (!sampleBegun(deps.home())) return
      open = true
      void deps.swap(resolveSample(deps.home()))
    },
    async leave() {
      if (!open) return
      await deps.stop()
      const home = deps.home()
      open = false
      await deps.swap(deps.own())
      await markLeft(home)
      remove(home)
    },
    left: () => deleting,
  }
}

/** In the sample there is no Kafka: what would come from it comes from the recorded topic. */
export function sampleRequest(request: LoadRequest): LoadRequest {
  return request.source.kind === 'kafka' ? { ...request, source: SAMPLE_SOURCE } : request
}

import { afterEach, describe, expect, test } from 'vitest'
import type { Run } from '../../../../src/main/app/load/load.ts'
import { cancelled } from '../../../../src/main/base/cancel.ts'
import { type TestApp, testApp } from '../../../helpers/app.ts'

let tarn: TestApp
afterEach(() => tarn.close())

const REQUEST = { source: { kind: 'generator' }, untilCaughtUp: false, accept: {} } as const

/** A load whose putting together ends when it is told to (`heeds`), or when `open` is called with the run. */
function slowly(heeds: boolean) {
  const begun = Promise.withResolvers<void>()
  const opened = Promise.withResolvers<Run>()
  tarn = testApp({
    begin: async (_request, _lake, { signal }) => {
      begun.resolve()
      if (heeds) signal.addEventListener('abort', () => opened.reject(cancelled(signal)))
      return opened.promise
    },
  })
  tarn.app.load.start(REQUEST)
  return { begun: begun.promise, open: opened.resolve }
}

describe('a load that is still being put together', () => {
  test('gives that up where it is stopped, and ends as one that read nothing', async () => {
    const { begun } = slowly(true)
    await begun
    expect(await tarn.app.load.stop()).toMatchObject({ state: 'done', messages: 0, fault: null })
    expect(tarn.app.jobs.list()[0]).toMatchObject({ state: 'done', result: { kind: 'load', messages: 0 } })
  })

  test('gives that up where it is stopped at once', async () => {
    const { begun } = slowly(true)
    await begun
    expect(await tarn.app.load.stopNow()).toMatchObject({ state: 'done', cut: true, fault: null })
    expect(tarn.app.jobs.list()[0]).toMatchObject({ state: 'cancelled' })
  })

  test('is aborted, not stopped, where it comes after it was stopped at once', async () => {
    const { begun, open } = slowly(false)
    await begun
    const ended = tarn.app.load.stopNow()
    const calls: string[] = []
    const done = Promise.withResolvers<never>()
    const view = { ...tarn.app.load.view(), paused: false }
    open({
      view: () => view,
      pause: () => {},
      resume: () => {},
      stop: () => void calls.push('stop'),
      abort: () => {
        calls.push('abort')
        done.reject(cancelled())
      },
      done: done.promise,
    })
    expect(await ended).toMatchObject({ state: 'done', cut: true })
    expect(new Set(calls)).toEqual(new Set(['abort']))
  })
})

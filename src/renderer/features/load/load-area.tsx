import { useState } from 'react'
import { type Fault, toFault } from '../../../shared/errors.ts'
import { answer, api } from '../../api/client.ts'
import { refresh, useLive } from '../../api/live.ts'
import { LoadPage } from './load-page.tsx'
import type { Again } from './refusal.ts'
import { StartDialog, type StartRequest } from './start-dialog.tsx'
import { usePaced } from './use-paced.ts'

/** The load page on the live state, with its buttons wired to the API. */
export function LoadArea() {
  const { app } = useLive()
  const [fault, setFault] = useState<Fault | null>(null)
  const [choosing, setChoosing] = useState(false)
  const live = usePaced(app?.load ?? null)
  if (!app || !live) return null
  const act = (call: () => Promise<unknown>) => {
    setFault(null)
    call()
      .then(refresh)
      .catch((error: unknown) => setFault(toFault(error)))
  }
  const start = (request: StartRequest & { accept?: Again['accept'] }) =>
    act(() => answer(api.load.start.$post({ json: request })))
  const again = ({ accept, fill }: Again) => {
    const { kind = 'kafka', path = null, untilCaughtUp = false } = live.asked ?? {}
    const source =
      kind === 'file'
        ? { kind, path: path ?? '' }
        : kind === 'kafka' && fill !== undefined
          ? { kind, fill }
          : { kind }
    start({ source, untilCaughtUp, accept })
  }
  return (
    <>
      <LoadPage
        load={fault ? { ...live, fault } : live}
        host={app.host}
        actions={{
          start: () => setChoosing(true),
          again,
          pause: () => act(() => answer(api.load.pause.$post({ json: {} }))),
          resume: () => act(() => answer(api.load.resume.$post({ json: {} }))),
          stop: () => act(() => answer(api.load.stop.$post({ json: {} }))),
          stopNow: () => act(() => answer(api.load.stop.$post({ json: { now: true } }))),
        }}
      />
      <StartDialog
        open={choosing}
        topic={app.kafka.topic}
        brokers={app.kafka.brokers}
        sample={app.sample}
        onClose={() => setChoosing(false)}
        onStart={start}
      />
    </>
  )
}

import { useState } from 'react'
import { type Fault, toFault } from '../../../shared/errors.ts'
import { answer, api } from '../../api/client.ts'
import { refresh, useLive } from '../../api/live.ts'
import { LoadPage } from './load-page.tsx'

/** The load page on the live state, with its buttons wired to the API. */
export function LoadArea() {
  const { app } = useLive()
  const [fault, setFault] = useState<Fault | null>(null)
  if (!app) return null
  const act = (call: () => Promise<unknown>) => () => {
    setFault(null)
    call()
      .then(refresh)
      .catch((error: unknown) => setFault(toFault(error)))
  }
  return (
    <LoadPage
      load={fault ? { ...app.load, fault } : app.load}
      actions={{
        start: act(() => answer(api.load.start.$post({ json: { source: { kind: 'kafka' } } }))),
        pause: act(() => answer(api.load.pause.$post({ json: {} }))),
        resume: act(() => answer(api.load.resume.$post({ json: {} }))),
        stop: act(() => answer(api.load.stop.$post({ json: {} }))),
      }}
    />
  )
}

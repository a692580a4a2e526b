import { useState } from 'react'
import { type Fault, toFault } from '../../../shared/errors.ts'
import type { KnownLake } from '../../../shared/lakes.ts'
import type { LoadView } from '../../../shared/model.ts'
import { answer, api } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { counted, duration } from '../../ui/format.ts'

/** Opening another lake: at once, or after the question what becomes of a load that runs. */
export function SwitchLake({ to, load, onClose }: { to: KnownLake; load: LoadView; onClose: () => void }) {
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<Fault | null>(null)
  const loading = ['starting', 'running', 'paused', 'stopping'].includes(load.state)
  const open = async () => {
    setBusy(true)
    setFault(null)
    try {
      await answer(api.lakes[':id'].open.$post({ param: { id: to.id }, json: { stop: loading } }))
      // Anew, so that nothing of the other lake is left in the page's memory.
      location.hash = '#/tables'
      location.reload()
    } catch (error) {
      setFault(toFault(error))
      setBusy(false)
    }
  }
  return (
    <Dialog
      open
      title={`Open ${to.name} / ${to.database}?`}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Stay here</Button>
          <Button kind="primary" busy={busy ? 'Opening' : null} onClick={() => void open()}>
            {loading ? 'Commit, stop and open' : 'Open this lake'}
          </Button>
        </>
      }
    >
      <p>
        Its catalog, storage and tables take the place of those in use. Settings of Kafka and of loading stay
        as they are.
      </p>
      <dl className="kv">
        <dt>Catalog</dt>
        <dd className="mono">{to.place}</dd>
        <dt>Namespace</dt>
        <dd className="mono">{to.database}</dd>
        {to.tables !== null && (
          <>
            <dt>Last seen</dt>
            <dd>
              {counted(to.tables, 'table')}, {counted(to.rows ?? 0, 'row')} of samples
            </dd>
          </>
        )}
        <dt>Load under way</dt>
        <dd>
          {loading
            ? `${load.pipeline}, since ${duration(Date.now() - (load.startedAt ?? Date.now()))}; what was read is committed first`
            : 'none'}
        </dd>
      </dl>
      {fault && <FaultBlock fault={fault} plain />}
    </Dialog>
  )
}

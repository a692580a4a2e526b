import { useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import type { WayBackView } from '../../../shared/maintenance.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { shortId } from '../../ui/format.ts'
import { Time } from '../../ui/time.tsx'
import { type TableKey, tabHref } from './address.ts'
import { useWayBack } from './use-maintenance.ts'

/** The way from the maintenance that a table ends with back to the snapshot before it, while nothing was committed since. */
export function WayBack({ table, way }: { table: TableKey; way: WayBackView }) {
  const goBack = useWayBack(table)
  const [asking, setAsking] = useState(false)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<Error | null>(null)
  const go = async () => {
    setBusy(true)
    setError(null)
    try {
      await goBack(way)
      setAsking(false)
    } catch (failure) {
      setError(failure as Error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <p className="dense">
        {way.work === 'compact' ? 'Compacted' : 'Manifests rewritten'} <Time at={way.at} as="ago" />, nothing
        committed since.
      </p>
      <div className="mends">
        <Button small onClick={() => setAsking(true)}>
          Go back to the snapshot before
        </Button>
      </div>
      <Dialog
        open={asking}
        title="Go back to the snapshot before?"
        onClose={() => setAsking(false)}
        footer={
          <>
            <Button onClick={() => setAsking(false)}>Stay here</Button>
            <Button kind="primary" busy={busy ? 'Going back' : null} onClick={() => void go()}>
              Go back 1 step of maintenance
            </Button>
          </>
        }
      >
        <p>
          The table points to snapshot{' '}
          <a href={tabHref(table, 'snapshots', { snapshot: way.to })} title={way.to}>
            {shortId(way.to)}
          </a>{' '}
          and its files again. No row changes, and a load goes on where it is. It is refused if something is
          committed before. The snapshot that the maintenance made, and its files, stay outside main's history
          until they expire.
        </p>
        {error && <FaultBlock fault={toFault(error)} plain />}
      </Dialog>
    </>
  )
}

import { useQuery } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { type Fault, toFault } from '../../../shared/errors.ts'
import type { AppState } from '../../../shared/model.ts'
import { answer, api } from '../../api/client.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { useCommand } from '../../ui/commands.ts'
import { DestroyDialog } from '../../ui/dialog.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { bytes, count } from '../../ui/format.ts'
import { href } from '../../ui/route.ts'

const FOLDED = 'tarn.sample.folded'

/** Says on every page that this is recorded data, and how to leave. Folds to the tag in the title bar. */
export function SampleBar({
  app,
  onLeaving,
}: {
  app: AppState
  /** True from then on: no page may ask for what is being deleted. */
  onLeaving: (leaving: boolean) => void
}) {
  const [folded, setFolded] = useState(() => sessionStorage.getItem(FOLDED) !== null)
  const [leaving, setLeaving] = useState<'mine' | 'welcome' | null>(null)
  useCommand(
    'sample.leave',
    useCallback(() => setLeaving('welcome'), []),
  )
  const fold = () => {
    sessionStorage.setItem(FOLDED, 'yes')
    setFolded(true)
  }
  return (
    <>
      {!folded && (
        <section className="strip sample-bar" aria-label="Sample lake">
          <b className="named">Recorded data, on this computer only</b>
          <span className="t2 cut">
            {app.leavable ? 'leaving deletes it' : 'it goes when the program ends'}
          </span>
          <span className="grow" />
          {app.leavable && (
            <>
              <Button small onClick={() => setLeaving('mine')}>
                Connect mine
              </Button>
              <Button small kind="quiet" onClick={() => setLeaving('welcome')}>
                Leave the sample
              </Button>
            </>
          )}
          <IconButton icon="x" label="Fold this bar to its tag" onClick={fold} />
        </section>
      )}
      {app.leavable && (
        <LeaveDialog
          open={leaving !== null}
          load={app.load}
          then={leaving === 'mine' ? href(['setup']) : '#/'}
          onClose={() => setLeaving(null)}
          onLeaving={onLeaving}
        />
      )}
    </>
  )
}

/** What leaving deletes, counted; then the page starts anew, so that nothing of the sample is left in its memory. */
function LeaveDialog({
  open,
  load,
  then,
  onClose,
  onLeaving,
}: {
  open: boolean
  load: AppState['load']
  then: string
  onClose: () => void
  onLeaving: (leaving: boolean) => void
}) {
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<Fault | null>(null)
  const sample = useQuery({
    queryKey: ['sample', 'leave'],
    queryFn: () => answer(api.sample.$get()),
    enabled: open,
    gcTime: 0,
  })
  const leave = async () => {
    setBusy(true)
    setFault(null)
    onLeaving(true)
    try {
      await answer(api.sample.leave.$post({ json: {} }))
      sessionStorage.clear()
      await answer(api.window.$put({ json: { route: then } }))
      location.hash = then
      location.reload()
    } catch (error) {
      setFault(toFault(error))
      setBusy(false)
      onLeaving(false)
    }
  }
  const held = sample.data?.held
  const running = load.state === 'running' || load.state === 'paused' || load.state === 'starting'
  return (
    <DestroyDialog
      open={open}
      title="Leave the sample lake?"
      counts={[
        { name: 'Files deleted', value: held ? count(held.files) : 'being counted' },
        { name: 'Space freed', value: held ? bytes(held.bytes) : 'being counted' },
        { name: 'Load under way', value: running ? 'stopped' : 'none' },
        { name: 'Your own settings and lakes', value: 'stay as they are' },
      ]}
      keep="Stay"
      destroy={held ? `Leave, delete ${count(held.files)} files` : 'Leave and delete'}
      busy={busy ? 'Stopping and deleting' : null}
      onClose={onClose}
      onDestroy={() => void leave()}
    >
      The five tables, the dead letters and what was committed are recorded data. Trying the sample again
      loads them anew.
      {fault && <FaultBlock fault={fault} />}
    </DestroyDialog>
  )
}

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { type Fault, toFault } from '../../../shared/errors.ts'
import type { AppState } from '../../../shared/model.ts'
import { answer, api } from '../../api/client.ts'
import { refresh } from '../../api/live.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { useCommand } from '../../ui/commands.ts'
import { DestroyDialog } from '../../ui/dialog.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { bytes, count, counted } from '../../ui/format.ts'
import { navigate } from '../../ui/route.ts'

const FOLDED = 'tarn.sample.folded'

/** Says on every page that this is recorded data, and how to leave. Folds to the tag in the title bar. */
export function SampleBar({
  app,
  left,
  onLeaving,
}: {
  app: AppState
  /** True while the sample is being left: the bar is gone, and comes back where that fails. */
  left: boolean
  /** Told true at the press: from then on no page may ask for what is being deleted. */
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
      {!folded && !left && (
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
          open={leaving !== null && !left}
          load={app.load}
          then={leaving === 'mine' ? 'setup' : 'welcome'}
          onClose={() => setLeaving(null)}
          onLeaving={onLeaving}
        />
      )}
    </>
  )
}

/**
 * What leaving deletes, counted. The page changes at the press; stopping and deleting go on behind it, and what was read of
 * the sample is forgotten with its pages.
 */
function LeaveDialog({
  open,
  load,
  then,
  onClose,
  onLeaving,
}: {
  open: boolean
  load: AppState['load']
  then: 'setup' | 'welcome'
  onClose: () => void
  onLeaving: (leaving: boolean) => void
}) {
  const client = useQueryClient()
  const [fault, setFault] = useState<Fault | null>(null)
  const sample = useQuery({
    queryKey: ['sample', 'leave'],
    queryFn: () => answer(api.sample.$get()),
    enabled: open,
    gcTime: 0,
  })
  const leave = async () => {
    setFault(null)
    onLeaving(true)
    navigate([then])
    try {
      await client.cancelQueries()
      await answer(api.sample.leave.$post({ json: {} }))
      sessionStorage.clear()
      client.removeQueries({ type: 'inactive' })
      await refresh()
      onClose()
    } catch (error) {
      setFault(toFault(error))
    } finally {
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
      destroy={held ? `Leave, delete ${counted(held.files, 'file')}` : 'Leave and delete'}
      onClose={onClose}
      onDestroy={() => void leave()}
    >
      The five tables, the dead letters and what was committed are recorded data. Trying the sample again
      loads them anew.
      {fault && <FaultBlock fault={fault} />}
    </DestroyDialog>
  )
}

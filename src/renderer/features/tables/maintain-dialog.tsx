import { useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import {
  EXPIRE_DAYS,
  EXPIRE_KEEP,
  type MaintenanceKind,
  type MaintenanceWish,
  ORPHAN_DAYS,
} from '../../../shared/maintenance.ts'
import { Awaiting } from '../../ui/awaiting.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { TextField } from '../../ui/field.tsx'
import { count } from '../../ui/format.ts'
import { Progress } from '../../ui/meter.tsx'
import { Status } from '../../ui/status.tsx'
import type { TableKey } from './address.ts'
import { MaintainDone } from './maintain-done.tsx'
import { PlanFacts } from './maintain-plan.tsx'
import { destroys, runWords, WORDS } from './maintain-words.ts'
import { type Run, usePlan, useRun } from './use-maintenance.ts'
import { WishForm } from './wish-form.tsx'

const FIRST: Readonly<Record<MaintenanceKind, MaintenanceWish>> = {
  compact: { kind: 'compact' },
  manifests: { kind: 'manifests' },
  expire: { kind: 'expire', days: EXPIRE_DAYS, keep: EXPIRE_KEEP },
  orphans: { kind: 'orphans', days: ORPHAN_DAYS },
}

/**
 * Maintenance of a table: the plan with what it does, then the run of exactly it, then what it did. What cannot be taken
 * back asks for the table's name. Closing leaves a run going on.
 */
export function MaintainDialog({
  table,
  kind,
  onClose,
}: {
  table: TableKey
  kind: MaintenanceKind
  onClose: () => void
}) {
  const [wish, setWish] = useState(FIRST[kind])
  const [typed, setTyped] = useState('')
  const run = useRun()
  const planned = usePlan(table, wish, run.begun)
  const plan = planned.data
  const words = WORDS[kind]
  const { name } = table
  const asksName = destroys(kind)
  if (run.begun) return <Running table={table} title={words.title(name)} run={run} onClose={onClose} />
  const ready = plan !== undefined && !plan.nothing && (!asksName || typed === name)
  return (
    <Dialog
      open
      width={560}
      title={words.title(name)}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{plan?.nothing ? 'Close' : 'Leave it as it is'}</Button>
          {plan && !plan.nothing && (
            <Button
              kind={asksName ? 'danger' : 'primary'}
              disabled={!ready}
              onClick={() => run.start(plan.id)}
            >
              {runWords(plan)}
            </Button>
          )}
        </>
      }
    >
      <WishForm wish={wish} onWish={setWish} />
      {run.error && (
        <FaultBlock fault={toFault(run.error)} plain>
          <Button small onClick={() => void planned.refetch()}>
            Plan it again
          </Button>
        </FaultBlock>
      )}
      <Awaiting of={planned} what={words.planning} again="Plan it again" plain>
        {(found) =>
          found.nothing ? <Status state="passed" word={words.nothing} bare /> : <PlanFacts plan={found} />
        }
      </Awaiting>
      {asksName && plan && !plan.nothing && (
        <TextField label={`Type ${name} to go on`} value={typed} onChange={setTyped} mono />
      )}
    </Dialog>
  )
}

/** A run under way or ended. */
function Running({
  table,
  title,
  run,
  onClose,
}: {
  table: TableKey
  title: string
  run: Run
  onClose: () => void
}) {
  const { job, done, error } = run
  const running = job === null || job.state === 'running'
  const progress = job?.progress
  return (
    <Dialog
      open
      width={560}
      title={title}
      onClose={onClose}
      footer={
        <>
          {running && (
            <Button busy={job?.cancelling ? 'Cancelling' : null} onClick={run.cancel}>
              Cancel the rest
            </Button>
          )}
          <Button onClick={onClose}>{running ? 'Go on in the background' : 'Close'}</Button>
        </>
      }
    >
      {running ? (
        <>
          <Progress
            what={progress?.text ?? 'beginning'}
            amount={
              progress?.total
                ? `${count(progress.done)} of ${count(progress.total)} ${progress.unit}`
                : 'not counted yet'
            }
            done={progress?.done ?? 0}
            of={progress?.total ?? null}
          />
          <p className="t2 dense">
            Cancelling keeps what was committed until then; the table is right at any moment.
          </p>
        </>
      ) : done ? (
        <MaintainDone done={done} table={table} />
      ) : job.state === 'failed' && job.fault ? (
        <FaultBlock fault={job.fault} plain />
      ) : (
        <Status state="attention" word="Cancelled: what was committed until then stays" bare />
      )}
      {error && <FaultBlock fault={toFault(error)} plain />}
    </Dialog>
  )
}

import { useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import { answer, api } from '../../api/client.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { bytes, count, counted } from '../../ui/format.ts'
import { Meter } from '../../ui/meter.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { Status } from '../../ui/status.tsx'
import { useJob } from './queries.ts'

/** An export of letters from its start to its file: how far it is, Cancel, and where the file is. */
export function ExportLine({ jobId, onClose }: { jobId: string; onClose: () => void }) {
  const job = useJob(jobId)
  const [error, setError] = useState<Error | null>(null)
  const [cancelling, setCancelling] = useState(false)
  if (error) return <FaultBlock fault={toFault(error)} plain />
  if (job?.fault && job.state === 'failed')
    return (
      <FaultBlock fault={job.fault} plain>
        <Button small onClick={onClose}>
          Close
        </Button>
      </FaultBlock>
    )
  const cancel = () => {
    setCancelling(true)
    answer(api.jobs[':id'].cancel.$post({ param: { id: jobId }, json: {} })).catch(setError)
  }
  const { done = 0, total = null } = job?.progress ?? {}
  const file = job?.result?.kind === 'export' ? job.result : null
  return (
    <div className="bar export-line" role="status">
      {file ? (
        <>
          <Status state="passed" word="Exported" bare />
          <span className="dense cut" title={file.path}>
            {counted(file.rows, 'letter')}, {bytes(file.bytes)} in <PlainText>{file.path}</PlainText>
          </span>
          <span className="grow" />
          <a className="btn s" href={`/api/exports/${file.id}/file`} download={file.name}>
            Save a copy
          </a>
          <IconButton icon="x" label="Close" onClick={onClose} />
        </>
      ) : job?.state === 'cancelled' ? (
        <>
          <Status state="waiting" word="Export cancelled, no file was left" bare />
          <span className="grow" />
          <IconButton icon="x" label="Close" onClick={onClose} />
        </>
      ) : (
        <>
          <Status state="running" word="Exporting" bare />
          <span className="dense t2 nw">
            {total === null ? 'finding letters' : `${count(done)} of ${counted(total, 'letter')}`}
          </span>
          <span className="grow">
            <Meter label="Export of dead letters" value={done} of={total ?? 1} thin />
          </span>
          <Button small busy={cancelling ? 'Cancelling' : null} onClick={cancel}>
            Cancel export
          </Button>
        </>
      )}
    </div>
  )
}

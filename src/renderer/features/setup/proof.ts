import { toFault } from '../../../shared/errors.ts'
import type { JobView } from '../../../shared/model.ts'
import { PAGE_READ } from '../../../shared/proof.ts'
import { answer, api } from '../../api/client.ts'
import type { Engine } from '../../query/engine.ts'
import { startEngine } from '../../query/start.ts'

/** As the probe's rows are told. */
const PROBE_USER = 'tarn-probe'

let engine: Engine | null = null
/** Jobs that this page has read for. */
const answered = new Set<string>()

/** Starts the ten steps and the probe, with this page as the reader. */
export async function startProof(): Promise<void> {
  await answer(api.setup.prove.$post({ json: { page: true } }))
}

/** Reads the probe through DuckDB when `job` waits for that; whatever comes of it is told to main. */
export async function readForProof(job: JobView | null, table: string): Promise<void> {
  const step = job?.steps.find((one) => one.number === PAGE_READ.number && one.title === PAGE_READ.title)
  if (job?.state !== 'running' || step?.state !== 'running' || answered.has(job.id)) return
  answered.add(job.id)
  const started = performance.now()
  let read: { rows: number; fault: ReturnType<typeof toFault> | null }
  try {
    read = { rows: await countProbe(table), fault: null }
  } catch (error) {
    read = { rows: 0, fault: toFault(error) }
  }
  const ms = Math.round(performance.now() - started)
  await answer(
    api.setup.prove[':id'].read.$post({
      param: { id: job.id },
      json: {
        rows: read.rows,
        ms,
        fault: read.fault && { ...read.fault, context: { ...read.fault.context } },
      },
    }),
  ).catch(() => {})
}

async function countProbe(table: string): Promise<number> {
  engine ??= startEngine()
  await engine.refresh(true)
  const name = `"${table.replaceAll('"', '""')}"`
  const { result } = await engine
    .session('setup')
    .run(`SELECT sample_id FROM ${name} WHERE user_id = '${PROBE_USER}'`)
  return result.rows
}

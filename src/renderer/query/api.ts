import type { Fault } from '../../shared/errors.ts'
import type { ExportRequest, FinishedExport, OpenExport } from '../../shared/export.ts'
import type {
  PlanAnswer,
  PlanRequest,
  QueryNamespaces,
  QueryTable,
  QueryTables,
  ReadRequest,
  SnapshotAnswer,
  SnapshotRequest,
  ValuesAnswer,
} from '../../shared/query.ts'

/** Main's answer to a failed request, as the fault it described. */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed'
  readonly fault: Fault
  constructor(fault: Fault) {
    super(fault.title)
    this.fault = fault
  }
}

/** What the engine asks main for. */
export interface QueryApi {
  tables(signal?: AbortSignal): Promise<QueryTables>
  /** Namespaces beside the lake's own; no table is loaded for it. */
  namespaces(): Promise<QueryNamespaces>
  /** A table of any namespace; NO_TABLE where there is none, UNSUPPORTED where it cannot be read. */
  table(table: { readonly namespace: readonly string[]; readonly name: string }): Promise<QueryTable>
  /** A table as it stood; NOT_FOUND where there is no such snapshot. */
  at(request: SnapshotRequest): Promise<SnapshotAnswer>
  /** Values of a table's text columns, as far as its metadata tells them. */
  values(table: { readonly namespace: readonly string[]; readonly name: string }): Promise<ValuesAnswer>
  plan(request: PlanRequest, signal: AbortSignal): Promise<PlanAnswer>
  read(request: ReadRequest, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>>
}

/** How answers get into files. */
export interface ExportApi {
  start(request: ExportRequest, signal: AbortSignal): Promise<OpenExport>
  /** Done when the chunk is written. Chunks are numbered from 0. */
  write(id: string, chunk: number, bytes: Uint8Array, signal: AbortSignal): Promise<void>
  finish(id: string, rows: number, signal: AbortSignal): Promise<FinishedExport>
  drop(id: string): Promise<void>
  /** Where the finished file can be fetched. */
  href(id: string): string
}

export function exportApi(base: string, request: typeof fetch): ExportApi {
  const ask = async (path: string, init: RequestInit, signal?: AbortSignal): Promise<Response> => {
    const answer = await request(`${base}/exports${path}`, {
      ...init,
      credentials: 'same-origin',
      ...(signal && { signal }),
    })
    if (!answer.ok) throw new RequestFailed(await faultOf(answer))
    return answer
  }
  const json = (body: object): RequestInit => ({
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' },
  })
  return {
    start: async (body, signal) => (await ask('', json(body), signal)).json() as Promise<OpenExport>,
    write: async (id, chunk, bytes, signal) => {
      const body = bytes as Uint8Array<ArrayBuffer>
      const headers = { 'Content-Type': 'application/octet-stream' }
      await ask(`/${id}?chunk=${chunk}`, { method: 'PUT', body, headers }, signal)
    },
    finish: async (id, rows, signal) =>
      (await ask(`/${id}/finish`, json({ rows }), signal)).json() as Promise<FinishedExport>,
    drop: async (id) => void (await ask(`/${id}`, { ...json({}), method: 'DELETE' })),
    href: (id) => `${base}/exports/${id}/file`,
  }
}

/** The API of the host that served this page or worker. `base` ends before `/query`. */
export function queryApi(base: string, request: typeof fetch): QueryApi {
  const ask = async (path: string, body: unknown, signal: AbortSignal | undefined): Promise<Response> => {
    const answer = await request(`${base}/query/${path}`, {
      ...(body === undefined
        ? { method: 'GET' }
        : { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
      credentials: 'same-origin',
      ...(signal && { signal }),
    })
    if (!answer.ok) throw new RequestFailed(await faultOf(answer))
    return answer
  }
  return {
    tables: async (signal) => (await ask('tables', undefined, signal)).json() as Promise<QueryTables>,
    namespaces: async () =>
      (await ask('namespaces', undefined, undefined)).json() as Promise<QueryNamespaces>,
    table: async ({ namespace, name }) =>
      (await ask('table', { namespace, name }, undefined)).json() as Promise<QueryTable>,
    at: async (request) => (await ask('at', request, undefined)).json() as Promise<SnapshotAnswer>,
    values: async ({ namespace, name }) =>
      (await ask('values', { namespace, name }, undefined)).json() as Promise<ValuesAnswer>,
    plan: async (plan, signal) => (await ask('plan', plan, signal)).json() as Promise<PlanAnswer>,
    read: async (read, signal) => new Uint8Array(await (await ask('read', read, signal)).arrayBuffer()),
  }
}

async function faultOf(answer: Response): Promise<Fault> {
  try {
    const fault = (await answer.json()) as Fault
    if (typeof fault.title === 'string') return fault
  } catch {
    // No JSON: said by status alone.
  }
  const title = `The app's backend answered ${answer.status}`
  return { code: 'BAD_RESPONSE', outcome: 'reject', title, context: { status: answer.status } }
}

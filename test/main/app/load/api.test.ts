import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createApi } from '../../../../src/main/app/api.ts'
import { beginLoad } from '../../../../src/main/app/load/begin.ts'
import type { CommitView, LoadView, PastCommit } from '../../../../src/shared/model.ts'
import type { LedgerView, SeriesView } from '../../../../src/shared/monitor.ts'
import { type TestApp, testApp } from '../../../helpers/app.ts'

const ORIGIN = 'http://127.0.0.1:4000'
let tarn: TestApp
let api: ReturnType<typeof createApi>

beforeAll(() => {
  tarn = testApp({ begin: beginLoad }, { TARN_COMMIT_SECONDS: '1', TARN_ROLLUP_SECONDS: '1' })
  api = createApi(tarn.app, { pages: '/nowhere', hosts: ['127.0.0.1:4000'], origins: [ORIGIN] })
})
afterAll(() => tarn.close())

const headers = { Host: '127.0.0.1:4000', Origin: ORIGIN, 'Content-Type': 'application/json' }
async function get<T>(path: string): Promise<{ status: number; body: T }> {
  const answer = await api.request(`${ORIGIN}/api${path}`, { headers })
  return { status: answer.status, body: (await answer.json()) as T }
}
async function post<T>(path: string, body: object): Promise<T> {
  const answer = await api.request(`${ORIGIN}/api${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  })
  return (await answer.json()) as T
}
const view = (): LoadView => tarn.app.load.view()

test('the monitor of a lake without a load has no ledger, no series, no commits', async () => {
  expect((await get('/load/ledger')).body).toEqual({ ledger: null })
  expect((await get<SeriesView>('/load/series')).body).toMatchObject({ consumed: [], rows: [] })
  expect((await get('/load/commits/12')).status).toBe(404)
  expect((await get('/load/series?from=-1')).status).toBe(400)
})

test('the monitor of a load tells only what is new, and the ledger of the tables', async () => {
  await post('/load/start', { source: { kind: 'generator' } })
  await vi.waitFor(() => expect(view().commits.raw).toBeGreaterThan(1), { timeout: 15_000 })
  const all = (await get<SeriesView>('/load/series')).body
  expect(all.consumed.length).toBeGreaterThan(0)
  expect(all.rows).toHaveLength(4)
  const more = (await get<SeriesView>(`/load/series?from=${all.next}&epoch=${all.epoch}`)).body
  expect(more.from).toBe(all.next)
  expect(more.consumed.length).toBeLessThanOrEqual(2)

  const [newest] = view().recentCommits
  const commit = (await get<CommitView>(`/load/commits/${newest?.snapshotId}`)).body
  expect(commit.ranges).toHaveLength(4)
  expect(commit.path?.waitMs).toBeGreaterThan(0)

  const stopped = await post<LoadView>('/load/stop', {})
  const { ledger } = (await get<{ ledger: LedgerView }>('/load/ledger')).body
  expect(ledger).toMatchObject({ gap: 0, problems: [], consumed: stopped.rows + stopped.rejected })
  expect(stopped).toMatchObject({ state: 'done', ledger: { gap: 0, pending: 0 }, nextCommitInMs: null })
})

test('a load ended at once says so, and the next one starts afresh where the tables are', async () => {
  const before = (await get<{ ledger: LedgerView }>('/load/ledger')).body.ledger
  await post('/load/start', { source: { kind: 'generator' } })
  await vi.waitFor(() => expect(view().messages).toBeGreaterThan(0), { timeout: 15_000 })
  const ended = await post<LoadView>('/load/stop', { now: true })
  expect(ended).toMatchObject({ state: 'done', cut: true, fault: null })
  expect(tarn.app.jobs.list()[0]).toMatchObject({ state: 'cancelled' })
  await post('/load/start', { source: { kind: 'generator' } })
  expect(view().cut).toBeUndefined()
  await vi.waitFor(() => expect(view().commits.raw).toBeGreaterThan(0), { timeout: 15_000 })
  const stopped = await post<LoadView>('/load/stop', {})
  const after = (await get<{ ledger: LedgerView }>('/load/ledger')).body.ledger
  expect(after).toMatchObject({ gap: 0, problems: [] })
  const cutCommits = ended.landed ?? 0
  expect(after.consumed).toBe(before.consumed + cutCommits + stopped.rows + stopped.rejected)
})

test('after a restart the commits and the ledger are read back, and the status tells of them', async () => {
  const [newest] = view().recentCommits
  const live = (await get<CommitView>(`/load/commits/${newest?.snapshotId}`)).body
  const { ledger } = (await get<{ ledger: LedgerView }>('/load/ledger')).body
  tarn.app.load.forget()
  expect(view()).toMatchObject({ state: 'idle', recentCommits: [], ledger: null })
  const { commits } = (await get<{ commits: PastCommit[] }>('/load/commits')).body
  expect(commits[0]).toMatchObject({ role: 'raw', snapshotId: newest?.snapshotId, rows: newest?.rows })
  expect(commits.length).toBeLessThanOrEqual(50)
  const one = (await get<PastCommit>(`/load/commits/${newest?.snapshotId}`)).body
  expect(live.ranges.length).toBeGreaterThan(0)
  expect(one.ranges).toEqual(live.ranges)
  expect((await get('/load/commits/12')).status).toBe(404)
  expect((await get<{ ledger: LedgerView }>('/load/ledger')).body.ledger).toMatchObject({
    head: ledger.head,
    consumed: ledger.consumed,
    gap: 0,
  })
  expect(view().ledger).toMatchObject({ consumed: ledger.consumed, gap: 0, pending: 0, problems: 0 })
})

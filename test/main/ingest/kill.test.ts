import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { silentLog } from '../../../src/main/base/log.ts'
import { openEmbedded } from '../../../src/main/catalog/embedded.ts'
import { ancestors, headSnapshot } from '../../../src/main/iceberg/metadata.ts'
import { CRASH_POINTS } from '../../../src/main/ingest/crash.ts'
import { localStorage } from '../../../src/main/storage/local.ts'
import { TABLES } from '../../../src/shared/tables.ts'
import {
  errorKeys,
  expectedOf,
  readTable,
  removeStateFolders,
  sampleIdsOf,
  stateFolder,
} from '../../helpers/load.ts'
import { KILLED } from './killed.ts'

const CHILD = join(import.meta.dirname, 'load-child.ts')
const NODE = join(import.meta.dirname, '../../../node_modules/.bin/node')
const PLACES = [
  ...CRASH_POINTS,
  'manifest-stored',
  'manifest-list-stored',
  'commit-to-be-sent',
  'commit-applied-answer-unread',
]

afterAll(removeStateFolders)

function load(
  folder: string,
  place: string,
): Promise<{ signal: string | null; code: number | null; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(NODE, [CHILD, folder, place], { stdio: ['ignore', 'ignore', 'pipe'] })
    let stderr = ''
    child.stderr.on('data', (text) => {
      stderr += text
    })
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ signal, code, stderr }))
  })
}

describe('a load that is killed', () => {
  const expected = expectedOf(KILLED)

  test.each(PLACES)(
    'at %s brings everything once after it is started again',
    { timeout: 60_000 },
    async (place) => {
      const folder = stateFolder()
      expect(await load(folder, place)).toMatchObject({ signal: 'SIGKILL' })
      expect(await load(folder, 'nowhere')).toMatchObject({ code: 0, stderr: '' })

      const storage = localStorage({ root: folder })
      const embedded = await openEmbedded({
        folder: join(folder, 'catalog'),
        warehouse: pathToFileURL(join(folder, 'warehouse')).href,
        storage,
        clock: Date.now,
        log: silentLog,
      })
      const io = { catalog: embedded.catalog, storage, clock: Date.now, log: silentLog }
      const open = async (role: 'raw' | 'errors') => {
        const { metadata } = await embedded.catalog.loadTable({
          namespace: ['db'],
          name: TABLES[role].defaultName,
        })
        return { metadata, ...(await readTable(io, metadata)) }
      }
      const [raw, errors] = [await open('raw'), await open('errors')]
      await embedded.close()
      expect(sampleIdsOf(raw.rows)).toEqual(expected.sampleIds)
      expect(errorKeys(errors.rows)).toEqual(expected.errors)
      for (const { files, metadata } of [raw, errors]) {
        expect(new Set(files.map(({ path }) => path)).size).toBe(files.length)
        const head = headSnapshot(metadata)
        const chain = head === null ? [] : Array.from(ancestors(metadata, head['snapshot-id'])).reverse()
        const ends = new Map<string, bigint>()
        for (const { summary } of chain) {
          const ranges = JSON.parse(summary['tarn.kafka.offsets'] ?? '{}') as Record<string, [string, string]>
          for (const [partition, [start, end]] of Object.entries(ranges)) {
            expect(BigInt(end)).toBeGreaterThanOrEqual(BigInt(start))
            expect(BigInt(end)).toBeGreaterThanOrEqual(ends.get(partition) ?? 0n)
            ends.set(partition, BigInt(end))
          }
        }
      }
    },
  )
})

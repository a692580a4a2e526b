import { createReadStream, existsSync, mkdirSync } from 'node:fs'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createGunzip } from 'node:zlib'
import type { SampleView } from '../../../shared/model.ts'
import type { Origin } from '../../../shared/settings.ts'
import { writePrivate } from '../../base/private-file.ts'
import { removeFolder } from '../../base/remove.ts'
import type { LoadSource } from '../load/load.ts'
import { SAMPLE_TOPIC } from '../paths.ts'
import { type Resolved, resolveSettings } from '../settings/settings.ts'

/** Its own settings only: what the user has set up for real must not mix with the sample. */
export const SAMPLE_ENVIRONMENT = { ICEBERG_CATALOG_TYPE: 'embedded', KAFKA_TOPIC: 'health-data-raw' }

/** Short paces, so that commits and aggregates are seen to land while someone watches. */
const WATCHED = { TARN_PIPELINE: 'sample', TARN_COMMIT_SECONDS: '4', TARN_ROLLUP_SECONDS: '6' }

/** The recorded topic: half of it at once, the rest over about a minute. */
export const SAMPLE_SOURCE: LoadSource = {
  kind: 'file',
  path: SAMPLE_TOPIC,
  pace: { burst: 1_200, perSecond: 44 },
}

/** Written into the folder of a sample; without it a folder of that name is the user's own and is left alone. */
const MARK = 'sample.json'
/** The mark's name once the sample was left: what is still there only waits to be deleted. */
const LEFT = 'left.json'

/** The folder of the sample lake in the home folder. */
export function sampleFolder(home: string): string {
  return join(home, 'sample')
}

/** True where a sample was begun and not left. */
export function sampleBegun(home: string): boolean {
  return existsSync(join(sampleFolder(home), MARK))
}

/** True where a sample was left and not yet deleted in whole. */
export function sampleLeft(home: string): boolean {
  return existsSync(join(sampleFolder(home), LEFT))
}

/** From then on the sample is not opened again, whatever becomes of its files. */
export async function markLeft(home: string): Promise<void> {
  if (sampleBegun(home)) await rename(join(sampleFolder(home), MARK), join(sampleFolder(home), LEFT))
}

/** The settings of the sample lake: nothing of the user's settings holds in it. */
export function resolveSample(home: string): Resolved {
  return ruledBySample({ ...SAMPLE_ENVIRONMENT, ...WATCHED, TARN_HOME: sampleFolder(home) })
}

/** Settings that hold nothing but the defaults and `values`, by variable; those say that they are the sample's own. */
export function ruledBySample(values: Readonly<Record<string, string>>): Resolved {
  const resolved = resolveSettings({ flags: new Map(), env: values })
  const own = (origin: Origin): Origin =>
    origin.from === 'environment' ? { from: 'sample', detail: 'the sample' } : origin
  return {
    ...resolved,
    origins: new Map([...resolved.origins].map(([key, origin]) => [key, own(origin)])),
    layers: new Map(
      [...resolved.layers].map(([key, layers]) => [
        key,
        layers.map(({ text, origin }) => ({ text, origin: own(origin) })),
      ]),
    ),
  }
}

export function beginSample(home: string, now: number): void {
  mkdirSync(sampleFolder(home), { recursive: true, mode: 0o700 })
  writePrivate(join(sampleFolder(home), MARK), `${JSON.stringify({ begun: new Date(now).toISOString() })}\n`)
}

/** Deletes the sample with all in it; a folder that is no sample stays. The mark goes last with the folder. */
export async function deleteSample(home: string): Promise<void> {
  if (!sampleBegun(home) && !sampleLeft(home)) return
  const folder = sampleFolder(home)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await removeFolder(path)
    else if (entry.name !== MARK && entry.name !== LEFT) await rm(path, { force: true })
  }
  await removeFolder(folder)
}

/** What a sample holds, or would hold: read from the recording and the folder. */
export async function viewSample(home: string): Promise<SampleView> {
  const folder = sampleFolder(home)
  const { size } = await stat(SAMPLE_TOPIC)
  return {
    messages: await countMessages(),
    recordedBytes: size,
    folder,
    held: sampleBegun(home) ? await weigh(folder) : null,
  }
}

async function countMessages(): Promise<number> {
  let lines = 0
  for await (const chunk of createReadStream(SAMPLE_TOPIC).pipe(createGunzip())) {
    const bytes = chunk as Buffer
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines += 1
  }
  return lines
}

/** Files and bytes under a folder; what vanishes while being counted is left out. */
async function weigh(folder: string): Promise<{ files: number; bytes: number }> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const sums = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return weigh(path)
      const info = await stat(path).catch(() => null)
      return { files: info ? 1 : 0, bytes: info?.size ?? 0 }
    }),
  )
  return sums.reduce((a, b) => ({ files: a.files + b.files, bytes: a.bytes + b.bytes }), {
    files: 0,
    bytes: 0,
  })
}

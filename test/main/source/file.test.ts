import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { fileSource } from '../../../src/main/source/file.ts'
import { type HeldMessage, sourceContract } from '../../contract/source.ts'
import { RECORDED, RECORDED_PATH, recordedLines } from '../../helpers/record.ts'

const folder = mkdtempSync(join(tmpdir(), 'tarn-file-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const lines = Array.from({ length: 5_000 }, (_, i) =>
  Buffer.from(`{"line":${i},"pad":"${'é'.repeat(i % 700)}"}`),
)
const held = new Map<number, HeldMessage[]>([[0, lines.map((value, i) => ({ offset: BigInt(i), value }))]])
const plain = join(folder, 'plain.jsonl')
const packed = join(folder, 'packed.jsonl.gz')
writeFileSync(plain, Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])))
writeFileSync(
  packed,
  gzipSync(Buffer.concat(lines.flatMap((line, i) => (i === 0 ? [line] : [Buffer.from('\r\n'), line])))),
)

sourceContract('a text file', async () => ({ open: () => fileSource(plain), held, close: async () => {} }))
sourceContract('a gzip file without a last line feed', async () => ({
  open: () => fileSource(packed),
  held,
  close: async () => {},
}))

describe('a file', () => {
  test('is known by its content, not its name', async () => {
    const copy = join(folder, 'copy.jsonl')
    writeFileSync(copy, readFileSync(plain))
    const changed = join(folder, 'changed.jsonl')
    writeFileSync(changed, Buffer.concat([readFileSync(plain), Buffer.from('{}\n')]))
    const [a, b, c] = await Promise.all([fileSource(plain), fileSource(copy), fileSource(changed)])
    expect(b.identity.topicId).toBe(a.identity.topicId)
    expect(c.identity.topicId).not.toBe(a.identity.topicId)
  })

  test('passes over blank lines and keeps their offsets', async () => {
    const path = join(folder, 'blank.jsonl')
    writeFileSync(path, 'a\n\n\r\nb\n\n')
    const source = await fileSource(path)
    expect(await source.watermarks()).toEqual(new Map([[0, { low: 0n, high: 5n }]]))
    await source.start(new Map())
    const batch = await source.next(0)
    expect(Array.from(batch?.offsets ?? [])).toEqual([0n, 3n])
    expect(batch?.next).toBe(5n)
    await source.close()
  })

  test('that is absent, cut short or without lines is told as such', async () => {
    await expect(fileSource(join(folder, 'none'))).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(fileSource(folder)).rejects.toMatchObject({ code: 'INVALID' })
    const cut = join(folder, 'cut.gz')
    writeFileSync(cut, readFileSync(packed).subarray(0, 2_000))
    await expect(fileSource(cut)).rejects.toMatchObject({ code: 'CORRUPT' })
    const long = join(folder, 'long.jsonl')
    writeFileSync(long, Buffer.alloc(3_000_000, 'x'))
    await expect(fileSource(long, { maxLineBytes: 1_000_000 })).rejects.toMatchObject({ code: 'INVALID' })
  })

  test('recorded in resources/ is what the script writes', async () => {
    const text = gunzipSync(readFileSync(RECORDED_PATH))
    const lines = recordedLines()
    expect(text.equals(Buffer.concat(lines.flatMap((line) => [line, Uint8Array.of(0x0a)])))).toBe(true)
    const source = await fileSource(RECORDED_PATH)
    expect((await source.watermarks()).get(0)?.high).toBe(BigInt(RECORDED.messages))
    await source.close()
  })
})

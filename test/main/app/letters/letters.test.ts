import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createExports, type Exports } from '../../../../src/main/app/export/exports.ts'
import type { Lake } from '../../../../src/main/app/lake.ts'
import { deadLetterDetail } from '../../../../src/main/app/letters/dead-letters.ts'
import { exportLetters } from '../../../../src/main/app/letters/export.ts'
import { letterGroups } from '../../../../src/main/app/letters/groups.ts'
import { compareViews, payloadView } from '../../../../src/main/app/letters/lines.ts'
import { createReasons, messageParts } from '../../../../src/main/app/letters/reason.ts'
import { dryRun, previewFix, sampleGroup } from '../../../../src/main/app/replay/dry.ts'
import { errorId } from '../../../../src/main/decode/rejection.ts'
import type { ExportFormat } from '../../../../src/shared/export.ts'
import type { Fix } from '../../../../src/shared/letters.ts'
import { lakeOf, letterRows, payloadOf, replayAll, sampleOf, TOPIC } from '../../../helpers/letters.ts'
import { type MemoryLake, memoryLake } from '../../../helpers/memory-lake.ts'
import { rowsOf } from '../../../helpers/parquet.ts'

const signal = new AbortController().signal
const TO_CELSIUS: Fix = {
  kind: 'convert',
  type: 'bodyTemperature',
  from: 'degF',
  to: '°C',
  formula: '(value - 32) / 1.8',
}
let memory: MemoryLake
let lake: Lake

beforeEach(() => {
  memory = memoryLake()
  lake = lakeOf(memory)
})

describe('reasons', () => {
  test.each([
    [sampleOf(), 'bodyTemperature outside 30 to 45', '$.samples[*].value'],
    [sampleOf({ type: 'heartRate', value: -3 }), 'value below 0', '$.samples[*].value'],
    [sampleOf({ endDate: '2025-01-01T00:00:00Z' }), 'startDate after endDate', '$.samples[*].startDate'],
    [sampleOf({ endDate: '2026-01-01T08:00:00' }), 'endDate has no zone', '$.samples[*].endDate'],
    [sampleOf({ endDate: 'yesterday' }), 'endDate is no timestamp', '$.samples[*].endDate'],
    [sampleOf({ metadata: 'x' }), 'metadata is not a map', '$.samples[*].metadata'],
    [sampleOf({ metadata: { 'a": 1: b': 3 } }), 'metadata[*] is not a string', '$.samples[*].metadata[*]'],
    [sampleOf({ unit: undefined }), 'unit is missing', '$.samples[*].unit'],
    [sampleOf({ id: ' ' }), 'id is blank', '$.samples[*].id'],
  ])('%j is %s', async (sample, title, path) => {
    const [row] = letterRows([payloadOf([sample])])
    const reason = createReasons()(String(row?.error_type), String(row?.error_message))
    expect(reason).toMatchObject({ title, path })
  })
  test.each([
    ['{"a"', 'JSON ends too early'],
    ['{"a" 1}', 'not valid JSON'],
    ['[]', 'payload is no object'],
    ['\u0000\u0000\u0000\u0000\u0001', 'Avro message, no registry set'],
  ])('%j is %s', (message, title) => {
    const [row] = letterRows([message])
    expect(createReasons()(String(row?.error_type), String(row?.error_message)).title).toBe(title)
  })
  test('what a value holds does not tell where the rule begins', () => {
    const [row] = letterRows([payloadOf([sampleOf({ value: 'x: must be 0 or more' })])])
    expect(messageParts(String(row?.error_message))).toEqual({
      path: '$.samples[0].value',
      found: '"x: must be 0 or more"',
      rule: 'a number is required',
    })
  })
  test('one reason whatever the values', async () => {
    const values = Array.from({ length: 50 }, (_, i) => payloadOf([sampleOf({ value: 90 + i, id: `${i}` })]))
    await memory.append('errors', letterRows(values))
    const { groups } = await letterGroups(lake, {}, signal)
    expect(groups).toMatchObject([
      { count: 50, open: 50, landed: 0, users: 1, dataTypes: ['bodyTemperature'] },
    ])
  })
})

describe('payloads as lines', () => {
  test('keep every token as it was sent and mark the value that was refused', () => {
    const { lines, cut } = payloadView(
      '{"a":1e999,"a":-0,"s":[{"v":12345678901234567890},{}],"e":[]}',
      '$.s[0].v',
    )
    expect(lines.map(({ text }) => text)).toEqual([
      '{',
      '  "a": 1e999,',
      '  "a": -0,',
      '  "s": [',
      '    {',
      '      "v": 12345678901234567890',
      '    },',
      '    {}',
      '  ],',
      '  "e": []',
      '}',
    ])
    expect(lines[5]?.hit).toEqual([11, 31])
    expect(cut).toBe(false)
  })
  test('cut what is long or deep, and take what is no JSON as it is', () => {
    expect(payloadView(`{"a":"${'x'.repeat(1_000_000)}"}`, null)).toMatchObject({
      cut: true,
      lines: { length: 3 },
    })
    expect(payloadView(`${'['.repeat(5000)}${']'.repeat(5000)}`, null).lines.length).toBeLessThan(100)
    expect(payloadView('no\njson', null).lines.map(({ text }) => text)).toEqual(['no', 'json'])
  })
  test('before and after differ where they differ', () => {
    const [was, now] = compareViews(
      payloadView('{"a":1,"b":2}', null),
      payloadView('{"a":1,"b":3,"c":4}', null),
    )
    expect(was.lines.map(({ change }) => change)).toEqual([null, null, 'was', null])
    expect(now.lines.map(({ change }) => change)).toEqual([null, null, 'now', 'now', null])
  })
})

describe('a fix tried out', () => {
  beforeEach(async () => {
    const values = [98.6, 0, 99.5].map((value, i) => payloadOf([sampleOf({ value, id: `${i}` })]))
    await memory.append('errors', letterRows(values))
  })

  test('is judged by the decoder, letter by letter', async () => {
    const preview = await previewFix(lake, {}, TO_CELSIUS, { limit: 10 }, signal)
    expect(preview).toMatchObject({ sampled: 3, valid: 2, failed: 1 })
    const [newest, zero] = preview.letters
    expect(newest?.verdict).toEqual({ state: 'valid', rows: 1, reason: null })
    expect(newest?.after?.lines.filter(({ change }) => change).map(({ text }) => text.trim())).toEqual([
      '"value": 37.5,',
      '"unit": "°C",',
    ])
    expect(zero?.verdict.reason).toMatch(/^\$\.samples\[0\]\.value: -17\.7777777778: must be 0 or more$/)
  })
  test('a dry run counts and writes nothing', async () => {
    const before = memory.commits.length
    const { run } = await dryRun(lake, {}, TO_CELSIUS, signal, () => {})
    expect(run).toMatchObject({
      letters: 3,
      wouldLand: 2,
      wouldFail: 1,
      landedBefore: 0,
      held: 0,
      rows: 2,
      days: 1,
    })
    expect(run.reasons).toMatchObject([{ reason: '$.samples[*].value: must be 0 or more', count: 1 }])
    expect(memory.commits).toHaveLength(before)
    await replayAll(lake, TO_CELSIUS)
    expect((await dryRun(lake, {}, TO_CELSIUS, signal, () => {})).run).toMatchObject({
      wouldLand: 0,
      wouldFail: 1,
      landedBefore: 2,
    })
  })
  test('a conversion is suggested where the letters are in another unit', async () => {
    expect(await sampleGroup(lake, {}, signal)).toMatchObject({
      sampled: 3,
      apps: [{ name: '3.4.1', count: 3 }],
      units: [{ name: 'degF', count: 3 }],
      suggestion: { fix: TO_CELSIUS, lands: 2, of: 3 },
    })
  })
  test('a letter shows what became of it and who lies beside it', async () => {
    await replayAll(lake, TO_CELSIUS)
    const detail = await deadLetterDetail(lake, errorId(TOPIC, 0, 1n, 0), signal)
    expect(detail).toMatchObject({ state: 'failed', reason: { title: 'bodyTemperature outside 30 to 45' } })
    expect(detail.neighbours.map(({ offset, state }) => [offset, state])).toEqual([
      ['0', 'landed'],
      ['2', 'landed'],
    ])
    expect(detail.view.lines.find(({ hit }) => hit !== null)?.text).toBe('      "value": 0,')
  })
  test('new letters cost a read of their own file only', async () => {
    await letterGroups(lake, {}, signal)
    const reads: string[] = []
    const { read } = lake.io.storage
    lake.io.storage.read = (path, options) => {
      if (path.endsWith('.parquet')) reads.push(path)
      return read.call(lake.io.storage, path, options)
    }
    await memory.append('errors', letterRows([payloadOf([sampleOf()])], 50n))
    expect((await letterGroups(lake, {}, signal)).total).toBe(4)
    expect(reads).toHaveLength(1)
    lake.io.storage.read = read
  })
})

describe('export', () => {
  let home: string
  let exports: Exports
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'tarn-letters-'))
    exports = createExports(home, () => 0)
  })
  afterEach(async () => {
    await exports.close()
    rmSync(home, { recursive: true, force: true })
  })
  const send = (format: ExportFormat, control: Parameters<typeof exportLetters>[3]) =>
    exportLetters(lake, exports, { filter: {}, format, name: 'Dead letters ../x' }, control)
  const all = async (format: ExportFormat) => {
    const file = await send(format, { signal, progress: () => undefined })
    return new Uint8Array(readFileSync(file.path))
  }

  test('of thousands of letters goes on piece by piece, and leaves nothing when it is cancelled', async () => {
    const many = Array.from({ length: 1_500 }, (_, i) => payloadOf([sampleOf({ id: `${i}` })]))
    await memory.append('errors', letterRows(many))
    const told: (readonly [number, number | null])[] = []
    const file = await send('parquet', {
      signal,
      progress: ({ done, total }) => told.push([done, total]),
    })
    expect(told).toEqual([0, 512, 1_024, 1_500].map((done) => [done, 1_500]))
    expect(await rowsOf(new Uint8Array(readFileSync(file.path)))).toHaveLength(1_500)
    expect(file).toMatchObject({ rows: 1_500, name: 'Dead letters ..-x.parquet' })
    const controller = new AbortController()
    const stopped = send('csv', {
      signal: controller.signal,
      progress: ({ done }) => done > 0 && controller.abort(),
    })
    await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(readdirSync(join(home, 'exports'))).toEqual([file.name])
  })

  test('to CSV, JSON lines and Parquet, every letter once', async () => {
    const hostile = payloadOf([sampleOf()], { userId: '=HYPERLINK("http://x")' })
    await memory.append('errors', letterRows([hostile, '{"a', payloadOf([sampleOf()])]))
    const csv = new TextDecoder().decode(await all('csv'))
    expect(csv.trimEnd().split('\r\n')).toHaveLength(4)
    expect(csv).toContain(`"'=HYPERLINK(""http://x"")"`)
    const lines = new TextDecoder()
      .decode(await all('jsonl'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines.map(({ kafka_offset, state }) => [kafka_offset, state]).sort()).toEqual([
      ['0', 'open'],
      ['1', 'open'],
      ['2', 'open'],
    ])
    const rows = await rowsOf(await all('parquet'))
    expect(rows.map((row) => row.error_id)).toEqual(lines.map((line) => line.error_id))
    expect(rows.find((row) => row.kafka_offset === 0n)).toMatchObject({
      user_id: '=HYPERLINK("http://x")',
      error_type: 'VALIDATION_ERROR',
    })
  })
})

import { schemaOf, specOf } from '../../src/main/iceberg/schema.ts'
import { createEncoder } from '../../src/main/ingest/encoder.ts'
import { TABLES } from '../../src/shared/tables.ts'
import { batchOf, loadPayload } from '../helpers/payloads.ts'

/**
 * Rows per second of one encoding thread (decode, validate, partition, encode) with nothing around it.
 * `node test/bench/encode.ts [rows] [rows per flush]`
 */
const rows = Number(process.argv[2] ?? 1_000_000)
const perFlush = Number(process.argv[3] ?? 800_000)
const SAMPLES = 5
const MESSAGES = 500
const VARIETY = 40

const shape = (role: 'raw' | 'errors') => {
  const schema = schemaOf(TABLES[role])
  return { schema, spec: specOf(TABLES[role], schema) }
}
const encoder = await createEncoder({
  raw: shape('raw'),
  errors: shape('errors'),
  topic: 'bench',
  validation: { strict: false, ranges: {} },
  maxMessageBytes: 64 * 1024 * 1024,
})
const prepared = Array.from({ length: VARIETY }, (_, batch) =>
  batchOf(Array.from({ length: MESSAGES }, (_, index) => loadPayload(batch * MESSAGES + index))),
)
const inputBytes =
  prepared.reduce((sum, { values }) => sum + values.length, 0) / (VARIETY * MESSAGES * SAMPLES)

let sent = 0
let unflushed = 0
let files = 0
let written = 0
let bytes = 0
let addMs = 0
let flushMs = 0
let buffered = 0
const started = performance.now()
while (sent < rows) {
  const addStarted = performance.now()
  while (sent < rows && unflushed < perFlush) {
    const ahead = Array.from({ length: 4 }, () => {
      const batch = structuredClone(prepared[(sent / SAMPLES / MESSAGES) % VARIETY]!)
      sent += MESSAGES * SAMPLES
      unflushed += MESSAGES * SAMPLES
      return encoder.add(batch, { raw: 0n, errors: 0n })
    })
    for (const result of await Promise.all(ahead)) {
      if (result.rejected > 0) throw new Error('the bench has rejected rows')
      buffered = Math.max(buffered, result.bufferedBytes)
    }
  }
  const flushStarted = performance.now()
  addMs += flushStarted - addStarted
  for await (const file of encoder.flush()) {
    files++
    written += file.parquet.metrics.recordCount
    bytes += file.parquet.bytes.length
  }
  unflushed = 0
  flushMs += performance.now() - flushStarted
}
const seconds = (performance.now() - started) / 1000
await encoder.close()
if (written !== sent) throw new Error(`wrote ${written} of ${sent} rows`)
console.log(
  JSON.stringify({
    rows: sent,
    bytesPerRow: Math.round(inputBytes),
    rowsPerSecond: Math.round(sent / seconds),
    decodeRowsPerSecond: Math.round(sent / (addMs / 1000)),
    encodeRowsPerSecond: Math.round(sent / (flushMs / 1000)),
    files,
    fileBytesPerRow: Math.round((bytes / sent) * 10) / 10,
    bufferedBytesPerRow: Math.round(buffered / Math.min(perFlush, sent)),
    peakRssMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
)

/**
 * Writes the recorded topic that the demo loads: 40 days of 12 users, one payload a line. Run it with
 * `node test/helpers/record.ts`; the same lines come out every time.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import {
  GENERATOR_DEFAULTS,
  type GeneratorOptions,
  generateMessage,
} from '../../src/main/source/generator.ts'

export const RECORDED: GeneratorOptions & { readonly messages: number } = {
  ...GENERATOR_DEFAULTS,
  seed: 20260302,
  messages: 12 * 8 * 40,
  partitions: 1,
  tombstones: false,
}

export const RECORDED_PATH = fileURLToPath(new URL('../../resources/sample-topic.jsonl.gz', import.meta.url))

export function recordedLines(): Uint8Array[] {
  return Array.from(
    { length: RECORDED.messages },
    (_, index) => generateMessage(RECORDED, index).value ?? new Uint8Array(),
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lines = recordedLines().flatMap((line) => [line, Uint8Array.of(0x0a)])
  const packed = gzipSync(Buffer.concat(lines), { level: 9 })
  writeFileSync(RECORDED_PATH, packed)
  process.stdout.write(`${RECORDED.messages} messages, ${packed.length} bytes\n`)
}

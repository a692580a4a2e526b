import { isUtf8 } from 'node:buffer'
import { csvText } from '../../../shared/csv.ts'
import type { TopicMessage } from '../../source/reader.ts'

export type MessageFormat = 'jsonl' | 'csv'

const COLUMNS = ['topic', 'partition', 'offset', 'timestamp', 'key', 'headers', 'value', 'encoding'] as const
const TEXTS: readonly string[] = ['topic', 'key', 'headers', 'value']

/** Messages as one file, made while they are read. Bytes that are no UTF-8 stand as base64. */
export function exportMessages(
  messages: AsyncGenerator<TopicMessage>,
  topic: string,
  format: MessageFormat,
  close: () => Promise<void>,
): ReadableStream<Uint8Array> {
  const utf8 = new TextEncoder()
  let begun = false
  const end = async (): Promise<void> => {
    await messages.return(undefined)
    await close()
  }
  return new ReadableStream({
    async pull(controller) {
      try {
        if (!begun && format === 'csv') controller.enqueue(utf8.encode(`${COLUMNS.join(',')}\r\n`))
        begun = true
        const { value, done } = await messages.next()
        if (done) {
          await close()
          controller.close()
        } else
          controller.enqueue(utf8.encode(format === 'csv' ? csvLine(topic, value) : jsonLine(topic, value)))
      } catch (error) {
        await end().catch(() => {})
        controller.error(error)
      }
    },
    cancel: end,
  })
}

const buffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function spell(bytes: Uint8Array | null): { text: string | null; base64: boolean } {
  if (bytes === null) return { text: null, base64: false }
  const base64 = !isUtf8(buffer(bytes))
  return { text: buffer(bytes).toString(base64 ? 'base64' : 'utf8'), base64 }
}

function fieldsOf(topic: string, message: TopicMessage) {
  const { text, base64 } = spell(message.value)
  return {
    topic,
    partition: message.partition,
    offset: String(message.offset),
    timestamp: new Date(message.timestamp).toISOString(),
    key: spell(message.key).text,
    headers: message.headers.map(([name, value]) => [name, spell(value).text] as const),
    value: text,
    encoding: message.value === null ? null : base64 ? 'base64' : 'utf8',
  }
}

const jsonLine = (topic: string, message: TopicMessage): string =>
  `${JSON.stringify(fieldsOf(topic, message))}\n`

function csvLine(topic: string, message: TopicMessage): string {
  const found = fieldsOf(topic, message)
  const fields = { ...found, headers: JSON.stringify(found.headers) }
  const cells = COLUMNS.map((name) => {
    const value = fields[name]
    return TEXTS.includes(name) ? csvText(value === null ? null : String(value)) : (value ?? '')
  })
  return `${cells.join(',')}\r\n`
}

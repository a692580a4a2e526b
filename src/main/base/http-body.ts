import { LakeError } from '../../shared/errors.ts'
import { transportError } from './http-errors.ts'

export interface BodyOptions {
  /** Bytes allowed, after decompression; BAD_RESPONSE beyond them, as soon as they are exceeded. */
  readonly maxBytes: number
  readonly signal?: AbortSignal | undefined
  /** Of the request, for the outcome of a cut answer: the answer to a `PUT` cut short is `unknown`. */
  readonly method?: string
}

/** The whole body, in a buffer of its own. Errors as those of `Fetch`. */
export async function readBody(response: Response, options: BodyOptions): Promise<Uint8Array<ArrayBuffer>> {
  const { maxBytes, signal } = options
  const announced = announcedBytes(response)
  if (announced !== null && announced > maxBytes) {
    await discardBody(response)
    throw tooLong(response.url, maxBytes)
  }
  if (response.body === null) return new Uint8Array(0)
  let buffer = new Uint8Array(announced ?? Math.min(maxBytes, 16_384))
  let length = 0
  const reader = response.body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      if (length + value.byteLength > maxBytes) throw tooLong(response.url, maxBytes)
      if (length + value.byteLength > buffer.byteLength) {
        const larger = new Uint8Array(
          Math.min(maxBytes, Math.max(buffer.byteLength * 2, length + value.byteLength)),
        )
        larger.set(buffer.subarray(0, length))
        buffer = larger
      }
      buffer.set(value, length)
      length += value.byteLength
    }
  } catch (error) {
    reader.cancel().catch(() => {})
    throw transportError(error, { url: response.url, method: options.method ?? 'GET', signal })
  }
  return length === buffer.byteLength ? buffer : buffer.slice(0, length)
}

/** The body as UTF-8; bad sequences become U+FFFD. */
export async function readText(response: Response, options: BodyOptions): Promise<string> {
  return new TextDecoder().decode(await readBody(response, options))
}

/** Frees the connection of an answer nobody reads. */
export async function discardBody(response: Response): Promise<void> {
  try {
    await response.body?.cancel()
  } catch {
    // a body that fails while it is thrown away has nothing to tell
  }
}

/** Null where the length is unknown or is that of a compressed body. */
function announcedBytes(response: Response): number | null {
  const value = response.headers.get('content-length')
  if (value === null || !/^\d+$/.test(value) || response.headers.has('content-encoding')) return null
  return Number(value)
}

function tooLong(url: string, maxBytes: number): LakeError {
  return new LakeError('BAD_RESPONSE', `The answer is longer than ${maxBytes} bytes`, {
    context: { url: url.split('?')[0] ?? '', maxBytes },
  })
}

/**
 * Bounds what the record batches of one answer unpack to: a broker counts packed bytes, and kafkajs unpacks an answer
 * whole. The codecs are told of an answer by its asynchronous context; past its bound they say of a batch what kafkajs
 * says of one that came cut off, which it leaves to the next fetch.
 */
import { AsyncLocalStorage } from 'node:async_hooks'

interface Bound {
  /** Bytes; may fall below zero by the batch that passes it. */
  left: number
  cut: boolean
}

const bounds = new AsyncLocalStorage<Bound>()

/** What `fetch` gives; `cut` where batches were left out. The first batch is never. */
export async function withUnpackedBound<T>(
  bytes: number,
  fetch: () => Promise<T>,
): Promise<{ readonly answer: T; readonly cut: boolean }> {
  const bound: Bound = { left: bytes, cut: false }
  const answer = await bounds.run(bound, fetch)
  return { answer, cut: bound.cut }
}

/** `decompress`, held to the bound of the answer that it works for, if any. */
export function bounded(
  decompress: (bytes: Uint8Array) => Promise<Buffer>,
): (bytes: Uint8Array) => Promise<Buffer> {
  return async (bytes) => {
    const bound = bounds.getStore()
    if (bound === undefined) return decompress(bytes)
    if (bound.left <= 0) {
      bound.cut = true
      throw Object.assign(new Error('the answer unpacks to more than is taken at once'), {
        name: 'KafkaJSPartialMessageError',
      })
    }
    const unpacked = await decompress(bytes)
    bound.left -= unpacked.length
    return unpacked
  }
}

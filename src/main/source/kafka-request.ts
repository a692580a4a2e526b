/** Requests that kafkajs cannot make, over one of its connections. */

/** What is used of kafkajs' own broker object; not part of its published types. */
interface BrokerConnection {
  readonly connectionPool: {
    send(request: {
      request: { apiKey: number; apiName: string; apiVersion: number; encode(): Promise<EncodedBody> }
      response: { decode(bytes: Buffer): Promise<unknown>; parse(answer: unknown): Promise<unknown> }
    }): Promise<unknown>
  }
}
interface EncodedBody {
  readonly buf: Buffer
  readonly buffer: Buffer
}

export interface KafkaRequest<T> {
  readonly apiKey: number
  readonly apiName: string
  readonly apiVersion: number
  readonly body: Buffer
  /** Reads the answer, from behind its correlation id. */
  decode(bytes: Buffer): T
}

/** Sends one request over a broker that kafkajs connected. Throws what kafkajs or `decode` throws. */
export async function sendRequest<T>(broker: unknown, request: KafkaRequest<T>): Promise<T> {
  const { apiKey, apiName, apiVersion, body, decode } = request
  const answer = await (broker as BrokerConnection).connectionPool.send({
    request: { apiKey, apiName, apiVersion, encode: async () => ({ buf: body, buffer: body }) },
    response: { decode: async (bytes) => decode(bytes), parse: async (value) => value },
  })
  return answer as T
}

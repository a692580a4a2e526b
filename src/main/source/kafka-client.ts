/** How brokers are reached: kafkajs set up from the settings, its log lines in ours, its codecs complete. */
import { readFile } from 'node:fs/promises'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import kafkajs, { type ISocketFactory, type Kafka, type logCreator, type SASLOptions } from 'kafkajs'
import { LakeError } from '../../shared/errors.ts'
import type { Hidden, Settings } from '../../shared/settings.ts'
import type { Logger } from '../base/log.ts'
import { gzipCodec, lz4Codec, snappyCodec, zstdCodec } from './codecs.ts'
import { bounded } from './unpacked.ts'

export type KafkaSettings = Omit<Settings<Hidden>['kafka'], 'autoOffsetReset' | 'start'>

const { CompressionCodecs, CompressionTypes, logLevel } = kafkajs
for (const [type, codec] of [
  [CompressionTypes.GZIP, gzipCodec],
  [CompressionTypes.Snappy, snappyCodec],
  [CompressionTypes.LZ4, lz4Codec],
  [CompressionTypes.ZSTD, zstdCodec],
] as const) {
  CompressionCodecs[type] = () => ({
    // A producer hands over its encoder, a consumer plain bytes.
    compress: ({ buffer }: { buffer: Buffer }) => codec.compress(buffer),
    decompress: bounded(codec.decompress),
  })
}

/** kafkajs sets timers in the past and Node says so on stderr; only those lines are dropped. */
const { emitWarning } = process
process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
  const isTimer = rest[0] === 'TimeoutNegativeWarning' && new Error().stack?.includes('kafkajs')
  if (!isTimer) Reflect.apply(emitWarning, process, [warning, ...rest])
}) as typeof emitWarning

export interface KafkaClient {
  readonly kafka: Kafka
  /** Cuts every connection, and any that is still to come: kafkajs goes on trying for minutes after a good-bye. */
  destroy(): void
}

/** A client; it connects with its first use. SETTING where the settings contradict each other. */
export async function createKafka(settings: KafkaSettings, log: Logger): Promise<KafkaClient> {
  const secure = settings.securityProtocol === 'SSL' || settings.securityProtocol === 'SASL_SSL'
  const login = settings.securityProtocol.startsWith('SASL_')
  const sockets = new Set<Socket>()
  let destroyed = false
  const socketFactory: ISocketFactory = ({ host, port, ssl, onConnect }) => {
    const socket = ssl
      ? connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }), ...ssl }, onConnect)
      : connect({ host, port }, onConnect)
    socket.setKeepAlive(true, 60_000)
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    if (destroyed) socket.destroy()
    return socket
  }
  const kafka = new kafkajs.Kafka({
    clientId: 'tarn',
    brokers: [...settings.brokers],
    connectionTimeout: 3_000,
    authenticationTimeout: 5_000,
    requestTimeout: 30_000,
    // Restarting is the source's own business: kafkajs restarts for ever, or never.
    retry: { initialRetryTime: 200, maxRetryTime: 2_000, retries: 4, restartOnFailure: async () => false },
    logLevel: logLevel.WARN,
    logCreator: forward(log),
    ...(secure ? { ssl: await tls(settings) } : {}),
    ...(login ? { sasl: sasl(settings) } : {}),
    socketFactory,
  })
  return {
    kafka,
    destroy: () => {
      destroyed = true
      for (const socket of sockets) socket.destroy()
    },
  }
}

async function tls(settings: KafkaSettings): Promise<true | { ca: string[] }> {
  if (settings.sslCaFile === null) return true
  try {
    return { ca: [await readFile(settings.sslCaFile, 'utf8')] }
  } catch (cause) {
    throw new LakeError('SETTING', `KAFKA_SSL_CA_FILE: ${settings.sslCaFile} cannot be read`, {
      remedy: 'name a readable PEM file',
      cause,
    })
  }
}

function sasl(settings: KafkaSettings): SASLOptions {
  if (settings.saslUsername === null || settings.saslPassword === null) {
    throw new LakeError('SETTING', `${settings.securityProtocol} needs a user name and a password`, {
      remedy: 'set KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD',
    })
  }
  const username = settings.saslUsername
  const password = settings.saslPassword.reveal()
  switch (settings.saslMechanism) {
    case 'PLAIN':
      return { mechanism: 'plain', username, password }
    case 'SCRAM-SHA-256':
      return { mechanism: 'scram-sha-256', username, password }
    case 'SCRAM-SHA-512':
      return { mechanism: 'scram-sha-512', username, password }
  }
}

/** kafkajs calls much an error that it then retries: nothing of it is above a warning here. */
function forward(log: Logger): logCreator {
  return () =>
    ({ level, namespace, log: { message, error, broker, retryCount } }) => {
      const context = { namespace, message, error, broker, retryCount }
      if (level <= logLevel.WARN) log.debug(context, 'kafkajs')
    }
}

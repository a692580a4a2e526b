/** kafkajs' errors as `LakeError`, with the likely cause where the evidence allows one. */
import { isLakeError, LakeError, type LakeErrorOptions } from '../../shared/errors.ts'

export interface KafkaErrorContext {
  readonly brokers: readonly string[]
  readonly topic: string
  readonly groupId: string
  readonly securityProtocol: string
  readonly saslMechanism?: string
}

/** The facts of a thrown value, its causes followed to the first. */
interface Facts {
  readonly name: string
  readonly type: string
  readonly code: string
  readonly message: string
  readonly broker: string
}

export function kafkaError(error: unknown, context: KafkaErrorContext): LakeError {
  if (isLakeError(error)) return error
  const facts = factsOf(error)
  const configured = context.brokers.join(',')
  const at = facts.broker === '' ? configured : facts.broker
  const make = (
    code: LakeError['code'],
    message: string,
    options: Pick<LakeErrorOptions, 'likely' | 'remedy' | 'outcome'>,
  ) =>
    new LakeError(code, message, {
      ...options,
      context: { brokers: configured, topic: context.topic, kafka: facts.type || facts.name },
      cause: error,
    })

  if (facts.name === 'KafkaJSSASLAuthenticationError' || facts.type === 'SASL_AUTHENTICATION_FAILED') {
    return make('UNAUTHORIZED', `Kafka at ${at} refused the login: ${facts.message}`, {
      likely: 'the broker does not know the user name, or the password is not its own',
      remedy: 'check KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD',
    })
  }
  if (facts.type === 'UNSUPPORTED_SASL_MECHANISM') {
    return make('UNAUTHORIZED', `Kafka at ${at} refused the login: ${facts.message}`, {
      likely: `that listener of the broker does not offer ${context.saslMechanism ?? 'the SASL mechanism'}`,
      remedy: 'set KAFKA_SASL_MECHANISM to one that the broker offers (sasl.enabled.mechanisms)',
    })
  }
  if (facts.type.endsWith('AUTHORIZATION_FAILED')) {
    const ofGroup = facts.type.startsWith('GROUP')
    const what = ofGroup ? `group ${context.groupId}` : `topic ${context.topic}`
    return make('FORBIDDEN', `Kafka does not allow this user to use ${what}`, {
      likely: 'the broker has access rules (ACLs) that leave this user out',
      remedy: `grant the user ${ofGroup ? 'read' : 'read and describe'} on ${what}`,
    })
  }
  if (facts.type === 'UNKNOWN_TOPIC_OR_PARTITION') return noTopic(context, error)
  if (facts.type === 'ILLEGAL_SASL_STATE') {
    return make('UNAUTHORIZED', `Kafka at ${at} does not take a login: ${facts.message}`, {
      likely: 'that listener of the broker is set up without SASL',
      remedy: 'check KAFKA_SECURITY_PROTOCOL, or use the port of the SASL listener',
    })
  }
  if (/certificate|self.signed|tls|ssl|wrong version number|EPROTO/i.test(`${facts.code} ${facts.message}`)) {
    return make('TLS', `Kafka at ${at}: the secure connection failed: ${facts.message}`, {
      likely: /wrong version number|EPROTO|before secure TLS/i.test(`${facts.code} ${facts.message}`)
        ? 'that port speaks plain text, not TLS'
        : 'the certificate of the broker is not signed by an authority that is trusted here',
      remedy: 'check KAFKA_SECURITY_PROTOCOL and KAFKA_SSL_CA_FILE',
    })
  }
  if (isConnection(facts)) return noBroker(facts, at, context, make)
  return make('KAFKA', `Kafka at ${at}: ${facts.message}`, {
    outcome: 'retry',
    remedy: 'look into the log of the broker',
  })
}

export function noTopic(context: KafkaErrorContext, cause?: unknown): LakeError {
  return new LakeError('NO_TOPIC', `Kafka has no topic ${context.topic}`, {
    context: { brokers: context.brokers.join(','), topic: context.topic },
    likely: 'the name is misspelt, or nothing has produced to it yet',
    remedy: `check KAFKA_TOPIC, or create the topic: kafka-topics.sh --create --topic ${context.topic} --bootstrap-server ${context.brokers[0] ?? ''}`,
    cause,
  })
}

function isConnection(facts: Facts): boolean {
  return (
    /Connection|RequestTimeout|BrokerNotFound|NoBrokerAvailable|LockTimeout/.test(facts.name) ||
    /ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH/.test(`${facts.code} ${facts.message}`)
  )
}

function noBroker(
  facts: Facts,
  at: string,
  context: KafkaErrorContext,
  make: (
    code: 'NO_BROKER',
    message: string,
    options: Pick<LakeErrorOptions, 'likely' | 'remedy' | 'outcome'>,
  ) => LakeError,
): LakeError {
  const text = `${facts.code} ${facts.message}`
  const advertised = facts.broker !== '' && !context.brokers.includes(facts.broker)
  const likely = advertised
    ? `the brokers name ${facts.broker} as their address (advertised.listeners), which cannot be reached from here`
    : /ENOTFOUND|EAI_AGAIN/.test(text)
      ? 'the host name is not known here'
      : /ECONNREFUSED/.test(text)
        ? 'nothing listens at that address: Kafka is not started, or the port is another'
        : /closed|ECONNRESET/i.test(text) && context.securityProtocol === 'PLAINTEXT'
          ? 'the broker hung up; it may expect TLS or a login'
          : 'the broker does not answer in time: a firewall, or TLS against a plain-text port'
  return make('NO_BROKER', `no Kafka broker answers at ${at}: ${facts.message}`, {
    outcome: 'retry',
    likely,
    remedy: advertised
      ? 'set advertised.listeners of the broker to an address that this machine can reach'
      : 'start Kafka, or check KAFKA_BROKERS and KAFKA_SECURITY_PROTOCOL',
  })
}

function factsOf(error: unknown): Facts {
  let current = error
  let broker = ''
  for (let depth = 0; depth < 10; depth++) {
    broker ||= text(field(current, 'broker')) || hostPort(current)
    const cause = field(current, 'cause') ?? field(current, 'originalError')
    if (!(cause instanceof Error)) break
    current = cause
  }
  return {
    name: text(field(current, 'name')),
    type: text(field(current, 'type')),
    code: text(field(current, 'code')),
    message: current instanceof Error ? current.message : String(current),
    broker,
  }
}

function hostPort(value: unknown): string {
  const host = text(field(value, 'host'))
  return host === '' ? '' : `${host}:${String(field(value, 'port'))}`
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

import { isLakeError, LakeError } from '../../../shared/errors.ts'
import { plural } from '../../base/plural.ts'
import { type CheckDefinition, type Finding, failed, passed, unset } from './finding.ts'
import { resolveName } from './network.ts'
import type { Patient } from './patient.ts'

const STOPS = ['loading'] as const
const NO_KAFKA = 'The sample has no Kafka: its messages come from a recorded file'
/** Messages looked at, a run of them from each of so many places. */
const SAMPLE = { places: 3, bytes: 64 * 1024 }

export const KAFKA_CHECKS: readonly CheckDefinition[] = [
  {
    id: 'kafka.name',
    group: 'kafka',
    title: 'Names resolve',
    needs: [],
    stops: STOPS,
    run: (patient) =>
      patient.sample
        ? Promise.resolve(unset(NO_KAFKA))
        : oneBroker(
            patient,
            (host) => resolveName(patient, host, 'KAFKA_BROKERS'),
            (host) => `getent hosts ${host}`,
          ),
  },
  {
    id: 'kafka.port',
    group: 'kafka',
    title: 'Ports answer',
    needs: ['kafka.name'],
    stops: STOPS,
    run: (patient) =>
      oneBroker(
        patient,
        async (host, port) => {
          await reach(patient, host, port, 'Start Kafka, or correct KAFKA_BROKERS.')
          return `${host}:${port}`
        },
        (host, port) => `nc -vz ${host} ${port}`,
      ),
  },
  {
    id: 'kafka.answers',
    group: 'kafka',
    title: 'Speaks Kafka',
    needs: ['kafka.port'],
    stops: STOPS,
    async run(patient) {
      try {
        const { cluster } = await patient.kafka()
        return passed(`${plural(cluster.brokers.length, 'broker')}, cluster ${cluster.clusterId}`)
      } catch (error) {
        if (isLakeError(error, 'UNAUTHORIZED')) return passed('answers, and asks for a login')
        if (isAdvertised(error)) return passed('answers, and names its addresses')
        throw error
      }
    },
  },
  {
    id: 'kafka.login',
    group: 'kafka',
    title: 'Login is accepted',
    needs: ['kafka.answers'],
    stops: STOPS,
    async run(patient) {
      const { securityProtocol, saslMechanism, saslUsername } = patient.settings.kafka
      try {
        await patient.kafka()
      } catch (error) {
        if (isLakeError(error, 'UNAUTHORIZED')) throw error
      }
      return passed(
        securityProtocol.startsWith('SASL')
          ? `${saslUsername} by ${saslMechanism}`
          : `${securityProtocol}, no login`,
      )
    },
  },
  {
    id: 'kafka.advertised',
    group: 'kafka',
    title: 'Advertised addresses can be reached',
    needs: ['kafka.login'],
    stops: STOPS,
    run: advertised,
  },
  {
    id: 'kafka.topic',
    group: 'kafka',
    title: 'Topic exists',
    needs: ['kafka.advertised'],
    stops: STOPS,
    async run(patient) {
      const { look, cluster } = await patient.kafka()
      const { topic } = patient.settings.kafka
      try {
        const [facts] = await look.topics([topic])
        const messages = [...(facts?.watermarks.values() ?? [])].reduce(
          (sum, { low, high }) => sum + high - low,
          0n,
        )
        return passed(
          `${topic}, ${plural(facts?.watermarks.size ?? 0, 'partition')}, ${plural(messages, 'message')}`,
        )
      } catch (error) {
        if (!isLakeError(error, 'NO_TOPIC')) throw error
        const near = cluster.topics.slice(0, 10).join(', ')
        return failed(
          new LakeError('NO_TOPIC', `Kafka has no topic ${topic}`, {
            context: { asked: topic, there: near === '' ? 'none' : near },
            likely:
              cluster.topics.length === 0
                ? 'The cluster has no topics: nothing has produced to it yet, or it is another cluster.'
                : 'It has other topics: the name is misspelt, or nothing has produced to it yet.',
            remedy: 'Correct KAFKA_TOPIC, or create the topic.',
          }),
          {
            command: `kafka-topics.sh --bootstrap-server ${patient.settings.kafka.brokers[0]} --create --topic ${topic}`,
          },
        )
      }
    },
  },
  {
    id: 'kafka.group',
    group: 'kafka',
    title: 'Right to the consumer group',
    needs: ['kafka.advertised'],
    stops: [],
    async run(patient) {
      const { groupId, saslUsername, brokers } = patient.settings.kafka
      const { look } = await patient.kafka()
      try {
        await look.group(groupId)
        return passed(groupId)
      } catch (error) {
        if (!isLakeError(error, 'FORBIDDEN')) throw error
        const user = saslUsername ?? 'ANONYMOUS'
        return failed(
          new LakeError('FORBIDDEN', `Kafka does not let this user use the group ${groupId}`, {
            context: { user, group: groupId, broker: 'GROUP_AUTHORIZATION_FAILED' },
            likely: `The access rules (ACLs) of the cluster do not give ${user} the group. A load reads all the same; other tools do not see how far it is.`,
            remedy: `Have Read on group ${groupId} granted to ${user}, set KAFKA_GROUP_ID to a group it may use, or keep it as it is.`,
          }),
          {
            state: 'attention',
            command: `kafka-acls.sh --bootstrap-server ${brokers[0]} --add --allow-principal User:${user} --operation Read --group ${groupId}`,
          },
        )
      }
    },
  },
  {
    id: 'kafka.format',
    group: 'kafka',
    title: 'Format of the messages',
    needs: ['kafka.topic'],
    stops: [],
    run: format,
  },
]

/** One of several brokers is enough; the others that fail ask for attention. */
async function oneBroker(
  patient: Patient,
  attempt: (host: string, port: number) => Promise<string>,
  command: (host: string, port: number) => string,
): Promise<Finding> {
  const { brokers } = patient.settings.kafka
  const places = brokers.map((broker) => {
    const at = broker.lastIndexOf(':')
    const port = Number(broker.slice(at + 1))
    return at < 0 || Number.isNaN(port) ? { host: broker, port: 9092 } : { host: broker.slice(0, at), port }
  })
  const results = await Promise.allSettled(
    places.map(({ host, port }) => attempt(host.replace(/^\[|\]$/g, ''), port)),
  )
  const good = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const bad = results.findIndex((one) => one.status === 'rejected')
  if (bad < 0) return passed(good.join('; '))
  const place = places[bad]
  const { reason } = results[bad] as PromiseRejectedResult
  const rest = place === undefined ? {} : { command: command(place.host, place.port) }
  if (good.length === 0) return failed(reason, rest)
  return failed(reason, {
    ...rest,
    state: 'attention',
    text: `${good.length} of ${plural(brokers.length, 'broker')}`,
  })
}

async function reach(
  { machine, signal }: Patient,
  host: string,
  port: number,
  remedy: string,
): Promise<void> {
  try {
    await machine.connect(host, port, signal)
  } catch (cause) {
    const errno = String((cause as NodeJS.ErrnoException).code ?? cause)
    const refused = errno === 'ECONNREFUSED'
    const address = `${host}:${port}`
    throw new LakeError(
      refused ? 'REFUSED' : 'TIMEOUT',
      refused ? `${address} refused the connection` : `${address} could not be reached`,
      {
        context: { address, errno },
        likely: refused
          ? `Nothing listens at ${address}.`
          : errno === 'ETIMEDOUT'
            ? 'The host is down, in another network, or behind a firewall that drops the connection.'
            : undefined,
        remedy,
        cause,
      },
    )
  }
}

const isAdvertised = (error: unknown): error is LakeError =>
  isLakeError(error, 'NO_BROKER') && /advertised\.listeners/.test(error.likely ?? '')

const ADVERTISED = 'Set advertised.listeners of the broker to an address that this computer can reach.'

async function advertised(patient: Patient): Promise<Finding> {
  let brokers: readonly string[]
  try {
    brokers = (await patient.kafka()).cluster.brokers
  } catch (error) {
    if (!isAdvertised(error)) throw error
    const named = /name (\S+) as/.exec(error.likely ?? '')?.[1] ?? ''
    return failed(
      new LakeError('NO_BROKER', `The brokers name ${named} as their address, which cannot be reached`, {
        context: { configured: patient.settings.kafka.brokers.join(','), advertised: named },
        likely: `${patient.settings.kafka.brokers[0]} answers and sends every client on to ${named}: its advertised.listeners is for another network.`,
        remedy: ADVERTISED,
      }),
      { command: `nc -vz ${named.replace(/:(\d+)$/, ' $1')}` },
    )
  }
  for (const broker of brokers) {
    const at = broker.lastIndexOf(':')
    await reach(patient, broker.slice(0, at), Number(broker.slice(at + 1)), ADVERTISED)
  }
  return passed(brokers.join(', '))
}

/** What the values of a few messages look like. */
async function format(patient: Patient): Promise<Finding> {
  const { look } = await patient.kafka()
  const { topic } = patient.settings.kafka
  const counts = { json: 0, avro: 0, empty: 0, other: 0 }
  const schemas = new Set<number>()
  for (const batch of await look.sample(topic, SAMPLE)) {
    for (let at = 0; at < batch.count; at++) {
      const start = at === 0 ? 0 : (batch.ends[at - 1] ?? 0)
      const value = batch.values.subarray(start, batch.ends[at])
      const kind = kindOf(value)
      counts[kind]++
      if (kind === 'avro') schemas.add(new DataView(value.buffer, value.byteOffset).getInt32(1))
    }
  }
  const total = counts.json + counts.avro + counts.empty + counts.other
  if (total === 0) return unset('The topic holds no messages to look at')
  const found = Object.entries({
    JSON: counts.json,
    Avro: counts.avro,
    empty: counts.empty,
    other: counts.other,
  })
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')
  const text = `${found} of ${plural(total, 'message')} sampled`
  const context = { topic, sampled: total, found }
  if (counts.avro > 0 && patient.settings.registry.url === null) {
    const ids = [...schemas].slice(0, 5).join(', ')
    const fault = new LakeError('SETTING', 'Messages are Avro and no schema registry is set', {
      context: { ...context, schemaIds: ids },
      likely: `${counts.avro} of ${total} sampled messages begin with a zero byte and a schema id (${ids}), as Avro of a schema registry does.`,
      remedy: 'Set SCHEMA_REGISTRY_URL; without it these messages become dead letters.',
    })
    return failed(fault, { state: counts.json === 0 ? 'failed' : 'attention', text })
  }
  if (counts.json + counts.avro > 0) return passed(text)
  const fault = new LakeError('INVALID', 'No sampled message is JSON or Avro', {
    context,
    likely: `All ${total} sampled messages begin neither like JSON nor like Avro of a schema registry.`,
    remedy:
      'Check KAFKA_TOPIC and what its producers write; as they are, these messages become dead letters.',
  })
  return failed(fault, { state: 'attention', text })
}

function kindOf(value: Uint8Array): 'json' | 'avro' | 'empty' | 'other' {
  if (value.length === 0) return 'empty'
  if (value[0] === 0 && value.length > 5) return 'avro'
  const first = value.find((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)
  return first === 0x7b ? 'json' : 'other'
}

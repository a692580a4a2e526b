/** kafkajs' cluster object: who leads what, and a connection to each broker. */
import type { Kafka, PartitionAssigner } from 'kafkajs'

export type KafkaCluster = Parameters<PartitionAssigner>[0]['cluster']

export interface ConnectedCluster {
  readonly cluster: KafkaCluster
  disconnect(): Promise<void>
}

/**
 * Connects. The published way to the cluster is through a partition assigner, which a consumer builds when it is made:
 * this one never runs, so that no group is ever joined, and no topic made by asking for it. Offsets that are asked through it are those of a reader that
 * sees committed transactions only. Throws what kafkajs throws.
 */
export async function connectCluster(
  kafka: Kafka,
  groupId: string,
  retry?: { readonly retries: number; readonly initialRetryTime: number },
): Promise<ConnectedCluster> {
  const found = Promise.withResolvers<KafkaCluster>()
  const holder = kafka.consumer({
    groupId,
    allowAutoTopicCreation: false,
    ...(retry === undefined ? {} : { retry }),
    partitionAssigners: [
      ({ cluster }) => {
        found.resolve(cluster)
        return {
          name: 'never-joins',
          version: 1,
          assign: async () => [],
          protocol: () => ({ name: 'never-joins', metadata: Buffer.alloc(0) }),
        }
      },
    ],
  })
  await holder.connect()
  return { cluster: await found.promise, disconnect: () => holder.disconnect() }
}

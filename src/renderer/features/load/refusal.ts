import type { RefusalView } from '../../../shared/monitor.ts'

export interface RefusalSums {
  readonly loaded: bigint
  readonly missing: bigint
  readonly waiting: bigint
  /** Ends of all partitions: loaded + missing + waiting. */
  readonly produced: bigint
  /** Partitions that miss something. */
  readonly partitions: number
}

/** Offsets over all partitions; of a gap they add up. */
export function sumRefusal({ partitions }: RefusalView): RefusalSums {
  const sum = (pick: (one: RefusalView['partitions'][number]) => string): bigint =>
    partitions.reduce((total, one) => total + BigInt(pick(one)), 0n)
  return {
    loaded: sum((one) => one.position ?? one.low),
    missing: sum((one) => one.missing),
    waiting: sum((one) => one.waiting),
    produced: sum((one) => one.high),
    partitions: partitions.filter(({ missing }) => missing !== '0').length,
  }
}

/** What a way out asks of the next start. */
export interface Again {
  readonly accept: Readonly<Record<string, string | boolean>>
  /** Path of a copy of the topic. */
  readonly fill?: string
}

/** The part of a start request that decides this refusal. */
export function acceptOf({ code, accept }: RefusalView): Record<string, string> {
  switch (code) {
    case 'GAP':
      return { gap: accept }
    case 'TOPIC_REPLACED':
      return { topic: accept }
    case 'CLUSTER_REPLACED':
      return { cluster: accept }
    case 'TABLE_REPLACED':
      return { table: accept }
    case 'TABLE_ROLLED_BACK':
      return { rollback: accept }
  }
}

/** The same way out as a command. */
export function commandOf({ accept, fill }: Again): string {
  const flags = Object.entries(accept).map(([name, value]) =>
    name === 'newest' ? '--start-newest' : `--accept-${name} ${value}`,
  )
  return [
    'npx tarn load',
    ...flags,
    ...(fill === undefined ? [] : [`--fill ${fill === '' ? 'FILE' : fill}`]),
  ].join(' ')
}

/** The table of partitions as CSV with a header line. */
export function refusalCsv({ partitions, endless }: RefusalView): string {
  const lines = partitions.map((one) =>
    [
      one.partition,
      one.position ?? '',
      one.low,
      endless ? '' : one.high,
      one.missing,
      endless ? '' : one.waiting,
    ].join(','),
  )
  return ['partition,position,oldest_kept,newest,missing,waiting', ...lines].join('\r\n')
}

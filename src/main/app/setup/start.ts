import { toFault } from '../../../shared/errors.ts'
import type { StartView } from '../../../shared/setup.ts'
import { silentLog } from '../../base/log.ts'
import { decideResume } from '../../ingest/resume.ts'
import { createKafka } from '../../source/kafka-client.ts'
import { openProbe } from '../../source/kafka-probe.ts'
import type { MainSettings } from '../settings/settings.ts'

/** Where a loader without positions would begin, by the very rules of a load, and what that leaves out. */
export async function startOf({ kafka, pipeline }: MainSettings): Promise<StartView> {
  const probe = await openProbe(await createKafka(kafka, silentLog), kafka)
  try {
    const watermarks = await probe.watermarks()
    const { start } = kafka
    const offsets =
      start === null
        ? null
        : start.at === null
          ? new Map(
              Object.entries(start.offsets).map(([partition, offset]) => [Number(partition), BigInt(offset)]),
            )
          : await probe.offsetsAt(start.at)
    let from: ReadonlyMap<number, bigint> = new Map()
    let fault: StartView['fault'] = null
    try {
      const decided = decideResume({
        pipeline,
        identity: probe.identity,
        watermarks,
        raw: null,
        errors: null,
        tables: { raw: '', errors: '' },
        reset: kafka.autoOffsetReset,
        startAt: start === null || offsets === null ? null : { text: start.text, offsets },
        accept: {},
        now: 0,
      })
      from = decided.start
    } catch (error) {
      fault = toFault(error)
    }
    const sum = (of: (low: bigint, high: bigint, at: bigint) => bigint) =>
      String(
        Array.from(watermarks, ([partition, { low, high }]) =>
          of(low, high, from.get(partition) ?? low),
        ).reduce((a, b) => a + b, 0n),
      )
    return {
      topic: kafka.topic,
      partitions: Array.from(watermarks, ([partition, { low, high }]) => ({
        partition,
        low: String(low),
        high: String(high),
        from: from.has(partition) ? String(from.get(partition)) : null,
      })),
      messages: sum((_, high, at) => high - at),
      skipped: sum((low, _, at) => at - low),
      fault,
    }
  } finally {
    await probe.close()
  }
}

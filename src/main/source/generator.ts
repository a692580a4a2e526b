/** Made-up health data as a source: the same options give the same messages, from any offset on. */
import { createHash } from 'node:crypto'
import { cancelled } from '../base/cancel.ts'
import { sleep } from '../base/retry.ts'
import { type ErrorType, KAFKA_SPOILS, type Payload, SPOILS } from './bad.ts'
import { type Message, packMessages } from './pack.ts'
import { randomAt } from './random.ts'
import { DAY_MS, type Sample, SLOTS_PER_DAY, samplesOf, userAt } from './series.ts'
import type { MessageBatch, Source } from './source.ts'

export interface GeneratorOptions {
  readonly seed: number
  /** In all partitions together; null is endless, at `messagesPerSecond`. */
  readonly messages: number | null
  readonly partitions: number
  readonly users: number
  /** After so many days the dates begin again. */
  readonly days: number
  /** The first day, `YYYY-MM-DD`. */
  readonly firstDay: string
  /** One message in so many is spoilt, each in another way in turn; 0 is none. */
  readonly badEvery: number
  /** Share of messages whose samples come three days later, with another message of the same user. */
  readonly lateRatio: number
  /** Tombstones and empty messages among the spoilt ones: not for a file. */
  readonly tombstones: boolean
  /** Pace of an endless series. */
  readonly messagesPerSecond: number
}

export const GENERATOR_DEFAULTS: GeneratorOptions = {
  seed: 1,
  messages: null,
  partitions: 4,
  users: 12,
  days: 40,
  firstDay: '2026-03-02',
  badEvery: 50,
  lateRatio: 0.03,
  tombstones: true,
  messagesPerSecond: 50,
}

/** One made message and what a loader must make of it. */
export interface Generated {
  /** Null is a tombstone. */
  readonly value: Uint8Array | null
  /** ms since the epoch. */
  readonly timestamp: number
  /** Samples that are good, by id. */
  readonly accepted: readonly Sample[]
  readonly userId: string
  /** Dead letters that it gives. */
  readonly rejected: number
  readonly errorType: ErrorType | null
}

const LATE_DAYS = 3
const BATCH_MESSAGES = 64
/** High watermark of an endless series before it is started. */
const ENDLESS = 2n ** 40n

/** The message with this running number over all partitions. */
export function generateMessage(options: GeneratorOptions, index: number): Generated {
  const { seed, users } = options
  const userIndex = index % users
  const user = userAt(seed, userIndex)
  const { slotStart } = placeOf(options, index)
  const timestamp = slotStart + DAY_MS / SLOTS_PER_DAY + randomAt(seed, 5, index).below(240_000)
  const bad = badKind(options, index)
  const samples = bad === null && isOffline(options, index) ? [] : ownSamples(options, index)
  const earlier = index - lateDistance(options)
  if (earlier >= 0 && isOffline(options, earlier)) samples.push(...ownSamples(options, earlier))
  const payload: Payload = {
    deviceId: user.deviceId,
    userId: user.userId,
    timestamp: new Date(timestamp).toISOString(),
    appVersion: user.appVersion,
    samples,
  }
  const base = { timestamp, userId: user.userId }
  if (bad === null) {
    const value = new TextEncoder().encode(JSON.stringify(payload))
    return { ...base, value, accepted: samples, rejected: 0, errorType: null }
  }
  const spoils = options.tombstones ? KAFKA_SPOILS : SPOILS
  const spoilt = (spoils[bad % spoils.length] as (typeof spoils)[number])(payload)
  return {
    ...base,
    value: spoilt.value,
    errorType: spoilt.errorType,
    accepted: spoilt.rejects === 'sample' ? samples.slice(1) : [],
    rejected: spoilt.rejects === 'every-sample' ? samples.length : 1,
  }
}

/** Errors: none; it never fails. */
export function generatorSource(options: GeneratorOptions): Source {
  const next = new Map<number, bigint>()
  let turn = 0
  let base = 0
  let started: number | null = null
  let closed = false
  const lengthOf = (partition: number): bigint => {
    if (options.messages === null && started === null) return ENDLESS
    const total =
      options.messages ??
      base + Math.floor(((Date.now() - (started ?? 0)) / 1000) * options.messagesPerSecond)
    return BigInt(Math.max(0, Math.ceil((total - partition) / options.partitions)))
  }
  const take = (): MessageBatch | null => {
    for (let tries = 0; tries < options.partitions; tries++) {
      const partition = turn
      turn = (turn + 1) % options.partitions
      const from = next.get(partition) ?? 0n
      const high = lengthOf(partition)
      if (from >= high) continue
      const messages: Message[] = []
      for (let offset = from; offset < high && messages.length < BATCH_MESSAGES; offset++) {
        const { value, timestamp } = generateMessage(options, Number(offset) * options.partitions + partition)
        messages.push({ offset, timestamp, value })
      }
      next.set(partition, from + BigInt(messages.length))
      return packMessages(partition, messages)
    }
    return null
  }
  return {
    identity: { cluster: 'generator', topic: 'health-data-raw', topicId: identityOf(options) },
    finite: options.messages !== null,
    endless: options.messages === null,
    watermarks: async () =>
      new Map(Array.from({ length: options.partitions }, (_, p) => [p, { low: 0n, high: lengthOf(p) }])),
    start: async (positions) => {
      for (let p = 0; p < options.partitions; p++) next.set(p, positions.get(p) ?? 0n)
      base = Number(Array.from(next.values()).reduce((sum, offset) => sum + offset, 0n))
      started = Date.now()
    },
    next: async (waitMs, signal) => {
      if (signal?.aborted) throw cancelled(signal)
      const deadline = Date.now() + waitMs
      while (!closed) {
        const batch = take()
        if (batch !== null) return batch
        const left = deadline - Date.now()
        if (left <= 0) return null
        await sleep(Math.min(left, 100), signal)
      }
      return null
    },
    acknowledge: async () => {},
    close: async () => {
      closed = true
    },
  }
}

function identityOf({ messagesPerSecond: _, ...content }: GeneratorOptions): string {
  const sorted = Object.entries(content).sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 32)
}

function placeOf(
  options: GeneratorOptions,
  index: number,
): { day: number; slot: number; dayStart: number; slotStart: number } {
  const round = Math.floor(index / options.users)
  const slot = round % SLOTS_PER_DAY
  const day = Math.floor(round / SLOTS_PER_DAY) % options.days
  const dayStart = Date.parse(`${options.firstDay}T00:00:00Z`) + day * DAY_MS
  return { day, slot, dayStart, slotStart: dayStart + (slot * DAY_MS) / SLOTS_PER_DAY }
}

function ownSamples(options: GeneratorOptions, index: number): Sample[] {
  const userIndex = index % options.users
  const { day, slot, dayStart } = placeOf(options, index)
  const samples = samplesOf(options.seed, userAt(options.seed, userIndex), userIndex, day, dayStart, slot)
  const lap = Math.floor(index / (options.users * SLOTS_PER_DAY * options.days))
  // Days come again in a long series; identities do not.
  return lap === 0 ? samples : samples.map((sample) => ({ ...sample, id: `${sample.id}.${lap}` }))
}

function lateDistance(options: GeneratorOptions): number {
  return LATE_DAYS * SLOTS_PER_DAY * options.users
}

/** Whether the samples of this message are kept back until a later one. */
function isOffline(options: GeneratorOptions, index: number): boolean {
  if (options.messages !== null && index + lateDistance(options) >= options.messages) return false
  return randomAt(options.seed, 6, index).chance(options.lateRatio) && badKind(options, index) === null
}

/** Which way the message is spoilt in; null where it is good. One place in each run of `badEvery` messages. */
function badKind(options: GeneratorOptions, index: number): number | null {
  if (options.badEvery <= 0) return null
  const run = Math.floor(index / options.badEvery)
  return randomAt(options.seed, 7, run).below(options.badEvery) === index % options.badEvery ? run : null
}

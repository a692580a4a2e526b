/**
 * Health series that look like people: each user has a resting heart rate, a fitness that drifts, working days and
 * weekends, nights and training. A place in time and a seed decide every value, so any day can be made on its own.
 */
import { type Random, randomAt, uuidFrom } from './random.ts'

export const SLOTS_PER_DAY = 8
/** Measured at rest or in passing, in each slot. */
const HEART_RATES = 4
const SLOT_HOURS = 24 / SLOTS_PER_DAY
const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS

/** One sample with the field names of the payload. */
export interface Sample {
  id: string
  type: string
  value: number
  unit: string
  startDate: string
  endDate: string
  sourceBundle: string | null
  metadata: Record<string, string> | null
  isSynced: boolean
  createdAt: string
  timezone?: string
  timezoneOffset?: number
}

export interface User {
  readonly userId: string
  readonly deviceId: string
  readonly appVersion: string
  readonly bundle: string
  readonly resting: number
  readonly stepsPerDay: number
  readonly sleepHours: number
  readonly weight: number
  /** Types that the user's devices measure. */
  readonly measures: ReadonlySet<string>
}

/** What people have at hand differs: a phone, a watch, a ring, the cuff and scales of a patient. */
const DEVICES: readonly (readonly string[])[] = [
  [
    'heartRate',
    'stepCount',
    'distanceWalkingRunning',
    'activeEnergyBurned',
    'flightsClimbed',
    'exerciseTime',
    'restingHeartRate',
  ],
  [
    'heartRate',
    'restingHeartRate',
    'heartRateVariability',
    'respiratoryRate',
    'oxygenSaturation',
    'sleepAnalysis',
  ],
  [
    'heartRate',
    'stepCount',
    'bloodPressureSystolic',
    'bloodPressureDiastolic',
    'bodyMass',
    'oxygenSaturation',
  ],
  ['heartRate', 'stepCount', 'distanceWalkingRunning', 'sleepAnalysis', 'timeInBed', 'bodyMass'],
]

export function userAt(seed: number, index: number): User {
  const random = randomAt(seed, 1, index)
  return {
    userId: `user-${String(index + 1).padStart(3, '0')}`,
    deviceId: uuidFrom(random),
    appVersion: random.pick(['2.4.0', '2.4.1', '2.5.0']),
    bundle: random.pick(['org.example.watch', 'org.example.band', 'org.example.phone']),
    resting: random.between(50, 70),
    stepsPerDay: random.between(5_000, 11_000),
    sleepHours: random.between(6.4, 8.1),
    weight: random.between(56, 94),
    measures: new Set(DEVICES[index % DEVICES.length]),
  }
}

/**
 * The samples of one user in one slot of three hours.
 * @param day counted from the series' first day
 * @param dayStart ms since the epoch of that day's midnight, UTC
 * @param slot in [0, 8)
 */
export function samplesOf(
  seed: number,
  user: User,
  userIndex: number,
  day: number,
  dayStart: number,
  slot: number,
): Sample[] {
  const random = randomAt(seed, 2, userIndex, day, slot)
  const today = dayOf(seed, user, userIndex, day, dayStart)
  const slotStart = dayStart + slot * SLOT_HOURS * HOUR_MS
  const samples: Sample[] = []
  const add = (type: string, value: number, unit: string, start: number, end: number, digits = 1) => {
    if (!user.measures.has(type)) return
    samples.push(sample(random, user, type, round(value, digits), unit, start, end))
  }
  const moment = () => slotStart + Math.floor(random.between(0, SLOT_HOURS * HOUR_MS))
  const heart = (mean: number, deviation: number) => {
    const at = moment()
    add('heartRate', Math.min(205, Math.max(40, random.normal(mean, deviation))), 'count/min', at, at, 0)
  }

  if (slot < 2) {
    for (let beat = 0; beat < HEART_RATES; beat++) heart(today.resting + beat / 2, 3)
    const at = moment()
    add('respiratoryRate', random.normal(14.5, 1), 'count/min', at, at)
    add('oxygenSaturation', Math.min(100, random.normal(96.8, 0.8)), '%', at, at)
    return samples
  }
  const share = (STEP_SHARE[slot] as number) * (today.weekend ? (WEEKEND_SHIFT[slot] as number) : 1)
  const steps = Math.max(0, today.steps * share * random.between(0.7, 1.3))
  for (let beat = 0; beat < HEART_RATES; beat++) heart(today.resting + 12 + steps / (150 + beat * 15), 6)
  const end = slotStart + SLOT_HOURS * HOUR_MS - 1000
  add('stepCount', steps, 'count', slotStart, end, 0)
  add('distanceWalkingRunning', steps * random.between(0.68, 0.78), 'm', slotStart, end, 0)
  add('activeEnergyBurned', steps * 0.042 + random.between(4, 14), 'kcal', slotStart, end)
  if (slot === 2) {
    const wake = slotStart + random.below(40) * 60_000
    add('restingHeartRate', today.resting, 'count/min', wake, wake, 0)
    add('heartRateVariability', Math.max(12, 118 - today.resting + random.normal(0, 6)), 'ms', wake, wake)
    add('sleepAnalysis', today.sleepMinutes, 'min', wake - today.sleepMinutes * 60_000, wake, 0)
    add(
      'timeInBed',
      today.sleepMinutes + random.between(10, 45),
      'min',
      wake - today.sleepMinutes * 60_000,
      wake,
      0,
    )
    if (day % 3 === userIndex % 3)
      add('bodyMass', user.weight - day * 0.015 + random.normal(0, 0.3), 'kg', wake, wake)
  }
  if (slot === 3 || slot === 5) add('flightsClimbed', random.below(9), 'count', slotStart, end, 0)
  if (slot === 6 && today.training) {
    const minutes = random.between(25, 70)
    add('exerciseTime', minutes * 60, 's', slotStart, slotStart + minutes * 60_000, 0)
    heart(today.resting + 75, 9)
    heart(today.resting + 88, 9)
  }
  if (slot === 7) {
    const at = moment()
    const systolic = random.normal(121, 6)
    add('bloodPressureSystolic', systolic, 'mmHg', at, at, 0)
    add('bloodPressureDiastolic', systolic * 0.64 + random.normal(0, 3), 'mmHg', at, at, 0)
  }
  return samples
}

/** How a day's steps spread over its slots of three hours. */
const STEP_SHARE = [0, 0, 0.16, 0.12, 0.22, 0.16, 0.24, 0.1]
const WEEKEND_SHIFT = [1, 1, 0.4, 1.4, 1.4, 1.3, 0.9, 0.8]

interface Day {
  readonly weekend: boolean
  readonly training: boolean
  readonly resting: number
  readonly steps: number
  readonly sleepMinutes: number
}

function dayOf(seed: number, user: User, userIndex: number, day: number, dayStart: number): Day {
  const random = randomAt(seed, 3, userIndex, day)
  const weekday = new Date(dayStart).getUTCDay()
  const weekend = weekday === 0 || weekday === 6
  const training = weekday === 2 || weekday === 4 || weekday === 6
  const ill = randomAt(seed, 4, userIndex, Math.floor(day / 4)).chance(0.04)
  return {
    weekend,
    training: training && !ill,
    resting: user.resting - day * 0.05 + (ill ? 9 : 0) + random.normal(0, 1.3) + (training ? 0.8 : 0),
    steps:
      user.stepsPerDay *
      (weekend ? 0.82 : 1) *
      (training ? 1.15 : 1) *
      (ill ? 0.3 : 1) *
      random.between(0.75, 1.25),
    sleepMinutes: user.sleepHours * 60 + (weekend ? 42 : 0) + (ill ? 50 : 0) + random.normal(0, 28),
  }
}

function sample(
  random: Random,
  user: User,
  type: string,
  value: number,
  unit: string,
  start: number,
  end: number,
): Sample {
  const made: Sample = {
    id: uuidFrom(random),
    type,
    value,
    unit,
    startDate: new Date(start).toISOString(),
    endDate: new Date(end).toISOString(),
    sourceBundle: random.chance(0.05) ? null : user.bundle,
    metadata: random.chance(0.3) ? { wasUserEntered: random.chance(0.1) ? 'true' : 'false' } : null,
    isSynced: random.chance(0.9),
    createdAt: new Date(end + random.below(60_000)).toISOString(),
  }
  if (random.chance(0.2)) {
    made.timezone = 'Europe/Berlin'
    made.timezoneOffset = 60
  }
  return made
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}

import { expect, test } from 'vitest'
import {
  changesSince,
  detailsOf,
  family,
  grouped,
  groupWords,
  inOrderOf,
  matching,
  numbers,
  pairOf,
  reportOf,
  whyUnset,
} from '../../../../src/renderer/features/doctor/results.ts'
import { countStates, type DoctorCheck } from '../../../../src/shared/doctor.ts'

const check = (number: number, more: Partial<DoctorCheck>): DoctorCheck => ({
  number,
  id: `kafka.${number}`,
  group: 'kafka',
  title: `Check ${number}`,
  state: 'passed',
  text: '',
  ms: 1,
  fault: null,
  waitsFor: [],
  sameAs: [],
  stops: [],
  ...more,
})
const fault = {
  code: 'CLOCK_SKEW',
  title: 'The clock is wrong',
  likely: 'It is ahead.',
  evidence: ['storage says 09:24'],
  remedy: 'Set it.',
  command: null,
} as const
const all = [
  check(1, {}),
  check(2, { group: 'storage', id: 'storage.2', state: 'failed', sameAs: [3], fault }),
  check(3, { group: 'computer', id: 'computer.3', state: 'attention', sameAs: [2], fault }),
  check(4, { group: 'registry', id: 'registry.4', state: 'unset' }),
]

test('groups keep their places while checks still run', () => {
  const before = grouped(all, 'service').map(({ group }) => group)
  expect(inOrderOf(grouped(all, 'trouble'), before).map(({ group }) => group)).toEqual(before)
  expect(inOrderOf(grouped(all, 'trouble'), [])).toEqual(grouped(all, 'trouble'))
})

test('a line of evidence is a name and a value, or stands alone', () => {
  expect(pairOf('errno: ENOENT')).toEqual(['errno', 'ENOENT'])
  expect(pairOf('address: http://localhost:9000')).toEqual(['address', 'http://localhost:9000'])
  expect(pairOf('GET http://localhost:9000/data-lake 403')).toEqual([
    '',
    'GET http://localhost:9000/data-lake 403',
  ])
  expect(pairOf('storage says 09:24')).toEqual(['', 'storage says 09:24'])
})

test('a group of which nothing was asked has the one reason of its checks', () => {
  const why = (...checks: DoctorCheck[]) => grouped(checks, 'service').map(whyUnset)
  const unset = (number: number, text: string) => check(number, { state: 'unset', text })
  expect(why(unset(1, 'no Kafka'), unset(2, 'no Kafka'))).toEqual(['no Kafka'])
  expect(why(unset(1, 'no Kafka'), unset(2, 'no topic'))).toEqual([null])
  expect(why(unset(1, 'no Kafka'), check(2, { text: 'no Kafka' }))).toEqual([null])
})

test('groups come trouble first, or as they are numbered', () => {
  expect(grouped(all, 'trouble').map(({ group }) => group)).toEqual([
    'storage',
    'computer',
    'kafka',
    'registry',
  ])
  expect(grouped(all, 'service').map(({ group }) => group)).toEqual([
    'kafka',
    'storage',
    'registry',
    'computer',
  ])
  expect(grouped(all, 'trouble').map((group) => groupWords(group).words)).toEqual([
    '1 of 1 failed',
    '1 of 1 needs attention',
    '1 passed',
    'not used',
  ])
})

test('every word must be held, by title, finding, group or fault', () => {
  expect(matching(all, 'clock STORAGE').map(({ number }) => number)).toEqual([2])
  expect(matching(all, 'CLOCK_SKEW').map(({ number }) => number)).toEqual([2, 3])
  expect(matching(all, ' ')).toBe(all)
  expect(matching(all, 'nowhere')).toEqual([])
})

test('a change is between two results, not from or to a wait', () => {
  const states = { 'kafka.1': 'failed', 'storage.2': 'waiting', 'computer.3': 'attention' } as const
  const run = { at: 0, ms: 1, ...countStates(all), states }
  expect(changesSince(all, run).map(({ id, state }) => [id, state])).toEqual([['kafka.1', 'passed']])
  expect(changesSince(all, null)).toEqual([])
})

test('a check runs again with those of its cause', () => {
  expect(family(all[1] as DoctorCheck, all)).toEqual(['storage.2', 'computer.3'])
  expect([numbers([4]), numbers([4, 26]), numbers([1, 2, 3])]).toEqual([
    'check 4',
    'checks 4 and 26',
    'checks 1, 2 and 3',
  ])
})

test('the report tells results and settings, and of secrets only whether they are set', () => {
  expect(detailsOf(all[1] as DoctorCheck)).toContain('   Seen: storage says 09:24\n   Remedy: Set it.')
  const setting = {
    group: 'storage',
    flag: null,
    kind: 'text',
    choices: [],
    help: '',
    default: null,
    layers: [],
    fixed: true,
  } as const
  const origin = { from: 'environment', detail: 'S3_SECRET_KEY' } as const
  const settings = [
    { ...setting, key: 's3.secretKey', env: 'S3_SECRET_KEY', secret: true, value: null, set: true, origin },
    { ...setting, key: 's3.region', env: 'S3_REGION', secret: false, value: 'here', set: true, origin: null },
  ]
  const report = reportOf({ checks: all, version: '1.2.3', at: 0, settings })
  expect(report).toContain(
    'Tarn 1.2.3, doctor at 1970-01-01T00:00:00.000Z\n1 failed, 1 need attention, 1 passed',
  )
  expect(report).toContain('S3_SECRET_KEY=(set, not shown)  from S3_SECRET_KEY\nS3_REGION=here  from nowhere')
})

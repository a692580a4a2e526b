import { GENERATOR_DEFAULTS } from '../../../src/main/source/generator.ts'

/** What the killed loads read: few days, so that there are few partitions. */
export const KILLED = {
  ...GENERATOR_DEFAULTS,
  messages: 400,
  partitions: 2,
  days: 1,
  badEvery: 10,
  lateRatio: 0,
}

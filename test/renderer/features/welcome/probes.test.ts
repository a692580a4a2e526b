import { expect, test } from 'vitest'
import { probeWord } from '../../../../src/renderer/features/welcome/probes.ts'
import type { ErrorCode } from '../../../../src/shared/errors.ts'
import type { ProbeView } from '../../../../src/shared/model.ts'

const probe = (target: ProbeView['target'], code: ErrorCode | null, text = ''): ProbeView => ({
  target,
  state: code === null ? 'passed' : 'failed',
  text,
  ms: 3,
  fault: code === null ? null : { code, title: 'It failed', outcome: 'retry', context: {} },
})

test.each([
  [probe('kafka', null, 'health-data-raw: 12 partitions, 41806 messages'), 'passed', '41,806 messages'],
  [probe('catalog', null, '1 namespace, health_db is there'), 'passed', '1 namespace'],
  [probe('storage', null, 'Bucket data-lake is there'), 'passed', 'answered'],
  [probe('kafka', 'NO_BROKER'), 'waiting', 'none there'],
  [probe('registry', 'REFUSED'), 'waiting', 'optional, none'],
  [probe('kafka', 'NO_TOPIC'), 'passed', 'answered, no topic yet'],
  [probe('storage', 'FORBIDDEN'), 'attention', 'answered, asks who you are'],
  [probe('catalog', 'BAD_RESPONSE'), 'attention', 'answered something else'],
] as const)('a usual address is told in a word or two', (given, state, word) => {
  expect(probeWord(given)).toEqual({ state, word })
})

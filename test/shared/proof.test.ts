import { expect, test } from 'vitest'
import type { StepView } from '../../src/shared/model.ts'
import { PAGE_READ, proofSteps, withPlanned } from '../../src/shared/proof.ts'

const planned = proofSteps({ database: 'db', raw: 'samples', errors: 'letters' })
const step = (
  number: number,
  state: StepView['state'],
  title = planned[number - 1]?.title ?? '',
): StepView => ({
  number,
  title,
  state,
  lines: [{ mark: 'info', text: 'told' }],
  ms: null,
  fault: null,
})
const words = (steps: readonly StepView[]) => steps.map(({ number, state }) => `${number} ${state}`)

test('a proof is told line by line before it runs', () => {
  const steps = withPlanned([], planned)
  expect(words(steps)).toEqual(Array.from({ length: 15 }, (_, at) => `${at + 1} waiting`))
  expect(steps[4]?.title).toBe('Creating namespace: db')
  expect(steps[5]?.title).toBe('Creating table: samples')
  expect(steps[6]?.title).toBe('Creating table: letters')
  expect(steps[PAGE_READ.number - 1]?.title).toBe(PAGE_READ.title)
  for (const { lines } of steps) expect(lines[0]?.text).not.toBe('')
})

test('a step that began takes the place of what was planned, and the rest keeps its place', () => {
  const steps = withPlanned([step(1, 'passed'), step(2, 'running'), step(11, 'waiting')], planned)
  expect(words(steps).slice(0, 3)).toEqual(['1 passed', '2 running', '3 waiting'])
  expect(steps[1]?.lines[0]?.text).toBe('told')
  // a wait says what will be done
  expect(steps[10]?.lines[0]?.text).toBe(planned[10]?.does)
})

test('without a page the probe has one step less', () => {
  const told = [
    ...Array.from({ length: 10 }, (_, at) => step(at + 1, 'passed')),
    step(11, 'waiting'),
    step(12, 'waiting'),
    step(13, 'waiting'),
    step(14, 'waiting', 'Remove them'),
  ]
  const steps = withPlanned(told, planned)
  expect(steps).toHaveLength(14)
  expect(steps.at(-1)?.title).toBe('Remove them')
})

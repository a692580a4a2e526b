/** What proves a set-up, known before it runs: the specification's ten steps, then the probe. */
import type { StepView } from './model.ts'

export interface ProofNames {
  /** Namespace of the tables. */
  readonly database: string
  readonly raw: string
  readonly errors: string
}

export interface PlannedStep {
  readonly number: number
  readonly title: string
  /** What it will do, in a few words. */
  readonly does: string
}

/** Steps up to this number are the specification's; those after it are the probe. */
export const SPECIFIED_STEPS = 10

/** The step in which a page has to read, where one is there. */
export const PAGE_READ = { number: 14, title: 'Read them back by the query engine' }

/** All steps in order, with a page that reads the probe back; without one, reading in the page is left out. */
export function proofSteps({ database, raw, errors }: ProofNames): readonly PlannedStep[] {
  const steps: readonly (readonly [title: string, does: string])[] = [
    ['Loading configuration...', 'takes the settings as they were saved'],
    ['Initializing Iceberg REST catalog...', 'asks the catalog for its configuration'],
    ['Testing catalog connection...', 'lists the namespaces of the catalog'],
    ['Initializing table manager...', 'opens the warehouse, and makes it where it is missing'],
    [`Creating namespace: ${database}`, 'makes it where it is missing'],
    [`Creating table: ${raw}`, 'makes it where it is missing, else compares it'],
    [`Creating table: ${errors}`, 'makes it where it is missing, else compares it'],
    ['Verifying all tables...', 'asks the catalog for both'],
    ['Creating aggregation tables...', 'makes or compares daily, weekly and monthly'],
    ['Verifying aggregation tables...', 'asks the catalog for the three'],
    ['Read a message', 'decodes one message of the topic; an empty topic will do'],
    ['Write rows to object storage', 'commits the rows of one message of user tarn-probe'],
    ['Read them back from storage', 'compares each row with what was written'],
    [PAGE_READ.title, 'finds the same rows by a query of this page'],
    ['Remove them', 'takes exactly these files out in a second snapshot'],
  ]
  return steps.map(([title, does], at) => ({ number: at + 1, title, does }))
}

/**
 * All that a proof goes through: what it told of its steps, and in its place what is still to come, as it was planned.
 * A probe that began tells all its steps itself: without a page there is one less.
 */
export function withPlanned(told: readonly StepView[], planned: readonly PlannedStep[]): StepView[] {
  const probing = told.some(({ number }) => number > SPECIFIED_STEPS)
  const begun = told.filter(
    ({ state, number, title }) => state !== 'waiting' || planned[number - 1]?.title !== title,
  )
  const known = new Set(begun.map(({ number }) => number))
  const waiting = new Set(told.map(({ number }) => number))
  const toCome = planned.filter(
    ({ number }) => !known.has(number) && (number <= SPECIFIED_STEPS || !probing || waiting.has(number)),
  )
  return [
    ...begun,
    ...toCome.map(
      ({ number, title, does }): StepView => ({
        number,
        title,
        state: 'waiting',
        lines: [{ mark: 'info', text: does }],
        ms: null,
        fault: null,
      }),
    ),
  ].sort((a, b) => a.number - b.number)
}

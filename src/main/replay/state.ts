import type { LetterState } from '../../shared/letters.ts'
import type { KeptMark } from './marks.ts'

/** A letter that failed this often with the same fix is not sent with it again. */
export const MAX_ATTEMPTS = 3

/** Where a letter stands by its marks, in the order they were made. */
export function stateOf(marks: readonly Pick<KeptMark, 'state'>[] | undefined): LetterState {
  if (marks === undefined) return 'open'
  if (marks.some((mark) => mark.state === 'landed')) return 'landed'
  const last = marks.findLast((mark) => mark.state !== 'begun' && mark.state !== 'ended')
  if (last === undefined) return 'open'
  return last.state === 'intended' ? 'pending' : 'failed'
}

function attemptsWith(marks: readonly KeptMark[] | undefined, fixId: string): number {
  return marks?.filter((mark) => mark.state === 'failed' && mark.fixId === fixId).length ?? 0
}

/** Whether a letter may be sent: not landed, not in a commit whose end is not known, not tried too often. */
export function maySend(marks: readonly KeptMark[] | undefined, fixId: string): boolean {
  const state = stateOf(marks)
  return state !== 'landed' && state !== 'pending' && attemptsWith(marks, fixId) < MAX_ATTEMPTS
}

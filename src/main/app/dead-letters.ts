import { LakeError } from '../../shared/errors.ts'
import type { DeadLetter, DeadLetterGroup, DeadLetterPage } from '../../shared/model.ts'
import type { Lake } from './lake.ts'

export interface DeadLetterFilter {
  readonly errorType?: string
  readonly partition?: bigint
  /** Half-open range of Kafka offsets. */
  readonly offsetFrom?: bigint
  readonly offsetTo?: bigint
  /** Half-open range of error times, microseconds since the epoch. */
  readonly from?: bigint
  readonly to?: bigint
  readonly text?: string
}

const later = () => new LakeError('UNSUPPORTED', 'dead letters cannot be read yet')

export async function deadLetterGroups(
  _lake: Lake,
  _filter: DeadLetterFilter,
  _signal: AbortSignal,
): Promise<DeadLetterGroup[]> {
  throw later()
}

export async function deadLetterPage(
  _lake: Lake,
  _filter: DeadLetterFilter,
  _page: number,
  _pageSize: number,
  _signal: AbortSignal,
): Promise<DeadLetterPage> {
  throw later()
}

export async function deadLetter(_lake: Lake, _id: string, _signal: AbortSignal): Promise<DeadLetter> {
  throw later()
}

import type { Fault } from '../../shared/errors.ts'
import type { Scrubber } from '../base/scrub.ts'

/** A failure as it may be shown: a service may answer with the very secret that it was sent. */
export type CleanFault = (fault: Fault) => Fault

export function cleanFaults({ clean }: Scrubber): CleanFault {
  return ({ title, likely, remedy, context, ...rest }) => ({
    ...rest,
    title: clean(title),
    ...(likely === undefined ? {} : { likely: clean(likely) }),
    ...(remedy === undefined ? {} : { remedy: clean(remedy) }),
    context: Object.fromEntries(
      Object.entries(context).map(([key, value]) => [key, typeof value === 'string' ? clean(value) : value]),
    ),
  })
}

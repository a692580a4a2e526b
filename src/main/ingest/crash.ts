/** Places between two effects, where a test ends the process to see that nothing is lost or doubled. */
export const CRASH_POINTS = [
  'batch-read',
  'batch-half-full',
  'first-file-encoded',
  'half-of-files-stored',
  'files-stored',
  'errors-committed',
  'raw-committed',
  'acknowledged',
] as const
export type CrashPoint = (typeof CRASH_POINTS)[number]
export type Crash = (point: CrashPoint) => void

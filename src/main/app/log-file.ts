import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createLogger, type Logger, type LogLevel } from '../base/log.ts'
import type { Scrubber } from '../base/scrub.ts'
import type { Resolved } from './settings/settings.ts'

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent']
/** Bytes after which the file of the last run is put aside. */
const LARGE = 8 * 1024 * 1024

/**
 * The log of this run: `tarn.log` in the home folder, readable by its owner only; with `TARN_LOG=LEVEL` on `stderr`
 * instead. A disk that is full or read-only stops no work.
 */
export function openLog(
  { settings }: Resolved,
  env: Readonly<Record<string, string | undefined>>,
  stderr: { write(text: string): unknown },
  scrubber: Scrubber,
): Logger {
  const level = LEVELS.find((one) => one === env.TARN_LOG)
  if (level)
    return createLogger({ level, destination: { write: (line) => void stderr.write(line) }, scrubber })
  const file = join(settings.home, 'tarn.log')
  let usable = true
  try {
    mkdirSync(settings.home, { recursive: true, mode: 0o700 })
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LARGE) renameSync(file, `${file}.1`)
  } catch {
    usable = false
  }
  const write = (line: string) => {
    if (!usable) return
    try {
      appendFileSync(file, line, { mode: 0o600 })
    } catch {
      usable = false
    }
  }
  return createLogger({ level: 'info', destination: { write }, scrubber })
}

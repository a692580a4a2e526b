import type { Clock } from '../../base/clock.ts'
import type { Output } from './command.ts'

/** Tells on stderr how far a command is, once it has taken 2 s: a bar on a terminal, else a line every 5 s. */
export interface Progress {
  /** `fraction` is 0 to 1, or null while the end is unknown. */
  show(text: string, fraction: number | null): void
  /** Clears the bar, so that other lines can be printed. */
  clear(): void
}

const QUIET = 2000
const REDRAW = 100
const LINE = 5000
const WIDTH = 24

export function createProgress(out: Output, clock: Clock): Progress {
  const started = clock()
  let last = Number.NEGATIVE_INFINITY
  let drawn = false
  return {
    show(text, fraction) {
      const now = clock()
      if (now - started < QUIET || now - last < (out.isTTY ? REDRAW : LINE)) return
      last = now
      const seconds = `${Math.round((now - started) / 1000)} s`
      if (!out.isTTY) {
        const percent = fraction === null ? '' : `, ${Math.floor(fraction * 100)} %`
        out.write(`${text}${percent}, ${seconds}\n`)
        return
      }
      const filled = fraction === null ? 0 : Math.round(Math.min(1, Math.max(0, fraction)) * WIDTH)
      const bar =
        fraction === null
          ? ''
          : `[${'#'.repeat(filled)}${'-'.repeat(WIDTH - filled)}] ${Math.floor(fraction * 100)} % `
      out.write(`\r\u001b[2K${`${bar}${text}, ${seconds}`.slice(0, (out.columns ?? 80) - 1)}`)
      drawn = true
    },
    clear() {
      if (drawn) out.write('\r\u001b[2K')
      drawn = false
    },
  }
}

import { parts } from '../../app/compose.ts'
import { systemClock } from '../../base/clock.ts'
import { boundYoungGeneration } from '../../base/heap.ts'
import { catalog } from './catalog.ts'
import { check } from './check.ts'
import { demo } from './demo.ts'
import { load } from './load.ts'
import { maintain } from './maintain.ts'
import { replay } from './replay.ts'
import { rollup } from './rollup.ts'
import { run } from './run.ts'
import { serve } from './serve.ts'
import { verify } from './verify.ts'

/** The command line: `bin/tarn.js` runs this module. */

// A reader that went away (`tarn check | head`) is no failure of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
}
process.on('uncaughtException', (error) => {
  process.stderr.write(
    `✗ Tarn failed by itself: ${error.message}\n  Next:   TARN_LOG=debug tells more; a report of this is welcome.\n`,
  )
  if (process.env.TARN_LOG) process.stderr.write(`${error.stack}\n`)
  process.exit(1)
})

boundYoungGeneration()

const code = await run(
  process.argv.slice(2),
  {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    clock: systemClock,
    onSignal(handler) {
      process.on('SIGINT', handler).on('SIGTERM', handler)
      return () => process.off('SIGINT', handler).off('SIGTERM', handler)
    },
    exit: (status) => process.exit(status),
  },
  [check, load, rollup, verify, replay, maintain, serve, demo, catalog],
  parts,
)
process.exitCode = code
// What still holds the process after everything was closed is a bug; it must not hold the user's terminal.
setTimeout(() => process.exit(code), 2000).unref()

import type { Command } from './command.ts'
import { follow } from './job.ts'

export const rollup: Command = {
  name: 'rollup',
  summary: 'bring the aggregates up to the current snapshot of the raw table',
  options: { rebuild: { type: 'boolean', help: 'compute them anew from all of the raw table' } },
  async run(context) {
    const app = context.openApp()
    const { kind: _, ...result } = await follow(
      context,
      app,
      app.startRollup({ rebuild: context.options.rebuild === true }),
      'rollup',
    )
    const { daily, weekly, monthly } = result.commits
    context.print(
      daily + weekly + monthly === 0
        ? '✓ The aggregates are up to date'
        : `✓ Rolled up ${result.rowsRead} rows of raw into ${result.rowsWritten} rows; commits: daily ${daily}, weekly ${weekly}, monthly ${monthly}`,
    )
    return { code: 0, result }
  },
}

import type { VerifySummary } from '../../../shared/model.ts'
import type { Command, Context } from './command.ts'
import { follow } from './job.ts'

export const verify: Command = {
  name: 'verify',
  summary: 'check the ledger of offsets, recompute the aggregates, look for every file',
  options: {},
  async run(context) {
    const app = context.openApp()
    const { kind: _, ...result } = await follow(context, app, app.startVerify(), 'verify')
    printVerify(context, result)
    return { code: result.clean ? 0 : 1, result }
  },
}

export function printVerify(context: Context, result: VerifySummary): void {
  for (const line of result.ledger) {
    const sum = `consumed ${line.consumed}: rows ${line.rows}, dead letters ${line.rejected}, skipped ${line.skipped}`
    context.print(
      `${line.balanced ? '✓' : '✗'} ${line.topic}/${line.partition} [${line.from}, ${line.to}) ${sum}`,
    )
  }
  const checked = Object.entries(result.checked).map(([what, count]) => `${what} ${count}`)
  if (checked.length > 0) context.print(`Checked: ${checked.join(', ')}`)
  for (const difference of result.differences) context.print(`✗ ${difference}`)
  context.print(result.clean ? '✓ Verified: no difference' : `✗ ${result.differences.length} differences`)
}

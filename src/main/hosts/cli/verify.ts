import type { LedgerLine, VerifySummary } from '../../../shared/model.ts'
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
  for (const line of result.ledger) context.print(ledgerText(line))
  const checked = Object.entries(result.checked).map(([what, count]) => `${what} ${count}`)
  if (checked.length > 0) context.print(`Checked: ${checked.join(', ')}`)
  for (const difference of result.differences) context.print(`✗ ${difference}`)
  context.print(result.clean ? '✓ Verified: no difference' : `✗ ${result.differences.length} differences`)
}

/** Rows and skips are known per topic only where it has several partitions: the table does not keep where a row came from. */
function ledgerText(line: LedgerLine): string {
  const place =
    line.partition < 0
      ? `${line.topic}, all partitions:`
      : `${line.topic}/${line.partition} [${line.from}, ${line.to})`
  const parts = [
    line.rows === '' ? '' : `rows ${line.rows}`,
    `dead letters ${line.rejected}`,
    line.skipped === '' ? '' : `skipped ${line.skipped}`,
  ]
  return `${line.balanced ? '✓' : '✗'} ${place} consumed ${line.consumed}: ${parts.filter(Boolean).join(', ')}`
}

import type { Lake } from '../../app/lake.ts'
import type { Context } from './command.ts'

/** Prints a few rows of the daily table, and returns them. */
export async function printSample(_context: Context, _lake: Lake): Promise<unknown[]> {
  return []
}

import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

const MIB = 1024 * 1024

/** Bytes of the young generation of a process that makes short-lived garbage, bounded or not. */
function young(bounded: boolean): number {
  const module = new URL('../../../src/main/base/heap.ts', import.meta.url).href
  const script = `
    import { getHeapSpaceStatistics } from 'node:v8'
    import { boundYoungGeneration } from ${JSON.stringify(module)}
    if (${bounded}) boundYoungGeneration()
    let kept = []
    for (let turn = 0; turn < 30; turn++) {
      for (let i = 0; i < 100_000; i++) {
        kept.push({ i, text: 'text ' + i })
        if (kept.length > 60_000) kept = []
      }
      await new Promise((done) => setTimeout(done, 1))
    }
    console.log(getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size)`
  return Number(
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).trim(),
  )
}

test('the young generation does not grow to the size that V8 gives it', () => {
  expect(young(true)).toBeLessThan(young(false))
  expect(young(true)).toBeLessThanOrEqual(32 * MIB)
})

import type { Page } from 'playwright-core'

/** Settings of the wizard's draft, which are not in force. */
async function draft(page: Page, changes: Readonly<Record<string, string | null>>): Promise<void> {
  await page.evaluate(
    (json) =>
      fetch('/api/setup/draft', {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ changes: json }),
      }),
    changes,
  )
}

/** A catalog, a storage and brokers at addresses where nobody listens. */
export const away = (selector: string) => async (page: Page) => {
  const address = 'http://localhost:59999'
  await draft(page, { 'catalog.type': 'rest', 'catalog.uri': address, 's3.endpoint': address })
  await page.reload()
  await page.locator(selector).first().waitFor({ timeout: 15_000 })
  await page.waitForTimeout(1_500)
  // The page shows what it heard; the next picture begins with nothing entered.
  await draft(page, { 'catalog.type': null, 'catalog.uri': null, 's3.endpoint': null })
}

export async function runDoctor(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Run all (\d+ checks|again)$/ }).click()
  await page.getByRole('button', { name: 'Run all again' }).waitFor({ timeout: 60_000 })
}

/** The letters of a reason that a rule mends, with that rule in use. */
export async function fixable(page: Page): Promise<void> {
  const group = await page.evaluate(async () => {
    const { groups } = (await (await fetch('/api/dead-letters/groups')).json()) as {
      groups: { key: string; title: string; open: number }[]
    }
    return groups.find(({ title, open }) => title === 'timestamp has no zone' && open > 0)?.key
  })
  const query = new URLSearchParams({ group: group ?? '' })
  await page.goto(`${page.url().replace(/#.*/, '')}#/letters?${query}`)
  await page.getByRole('button', { name: 'Use it' }).click({ timeout: 10_000 })
}

/** Fixes and replays a reason, once; then shows that replay. */
export async function replayOnce(page: Page): Promise<void> {
  const replays = await page.evaluate(async () => {
    const answer = await fetch('/api/dead-letters/replays')
    return ((await answer.json()) as { replays: unknown[] }).replays.length
  })
  if (replays === 0) {
    await fixable(page)
    await page.keyboard.press('Control+Enter')
    await page.getByRole('button', { name: /^Replay [\d,]+ letter/ }).click({ timeout: 30_000 })
  } else {
    await page.goto(`${page.url().replace(/#.*/, '')}#/letters?group=all&view=replay`)
  }
  await page.getByRole('link', { name: 'Back to the letters' }).waitFor({ timeout: 30_000 })
}

/** The replay that was, as if it were in another state: what lasts for seconds in a large lake is over here at once. */
export const replayAs = (state: 'running' | 'stopped') => async (page: Page) => {
  await replayOnce(page)
  await page.route('**/api/dead-letters/replays', async (route) => {
    const answer = await route.fetch()
    const { replays } = (await answer.json()) as { replays: Record<string, unknown>[] }
    const [{ batches: [batch] = [], ...rest } = {}] = replays as { batches?: Record<string, unknown>[] }[]
    const done = { ...batch, letters: 4_096, landed: 4_090, failed: 6, state: 'landed' }
    const lasting =
      state === 'running'
        ? {
            endedAt: null,
            letters: 20_480,
            landed: 8_180,
            failed: 12,
            batches: [
              { ...done, number: 0 },
              { ...done, number: 1 },
              { ...done, number: 2, landed: 0, failed: 0, ms: 900, state: 'writing' },
            ],
          }
        : {
            letters: 20_480,
            landed: 430,
            failed: 82,
            batches: [{ ...done, number: 0, letters: 512, landed: 430, failed: 82 }],
          }
    await route.fulfill({ json: { replays: [{ ...rest, state, ...lasting }, ...replays] } })
  })
  await page.reload()
  await page.locator('section.ledger').waitFor()
}

import { openInBrowser } from '../e2e/browser.ts'
import { testApp } from '../helpers/app.ts'
import { createTables } from '../renderer/query/lake-node.ts'

/** How long the grid of answers is scrolled, in ms, and how far with every frame, in pixels. */
const SCROLL_MS = 5_000
const STEP = 240

/**
 * Frames per second of the grid while a million rows are scrolled, beside those of the same page at rest: what the
 * machine can show. Prints both, their ratio, the slowest frame and the most rows that were elements at once.
 */
export async function benchGrid(rows: number): Promise<void> {
  const tarn = testApp()
  await createTables((await tarn.app.lake()).io)
  const opened = await openInBrowser(tarn.app)
  try {
    const { page, server } = opened
    await page.goto(server.url)
    await page.goto(`${server.origin}/#/sql`)
    await page.locator('.cm-content').click()
    await page.keyboard.press('Control+A')
    await page.keyboard.insertText(`SELECT i, i * 2 AS twice, 'row ' || i AS word FROM range(${rows}) t(i)`)
    await page.keyboard.press('Control+Enter')
    await page.locator(`.sql-grid [aria-rowcount="${rows + 1}"]`).waitFor()
    const measure = (step: number) =>
      page.evaluate(
        ([step, length]) =>
          new Promise<{ frames: number; slowest: number; elements: number }>((done) => {
            const area = document.querySelector('.sql-grid') as HTMLElement
            const began = performance.now()
            let [last, frames, slowest, elements] = [began, 0, 0, 0]
            const frame = (now: number) => {
              frames++
              slowest = Math.max(slowest, now - last)
              last = now
              elements = Math.max(elements, area.querySelectorAll('tbody tr').length)
              area.scrollTop += step
              if (now - began < length) requestAnimationFrame(frame)
              else done({ frames: (frames * 1000) / (now - began), slowest, elements })
            }
            requestAnimationFrame(frame)
          }),
        [step, SCROLL_MS] as const,
      )
    const rest = await measure(0)
    const scrolled = await measure(STEP)
    console.log(
      `${rows} rows: ${scrolled.frames.toFixed(1)} frames/s scrolled, ${rest.frames.toFixed(1)} at rest, ratio ${(scrolled.frames / rest.frames).toFixed(2)}; slowest frame ${scrolled.slowest.toFixed(0)} ms, ${scrolled.elements} rows drawn at most`,
    )
  } finally {
    await opened.close()
    await tarn.close()
  }
}

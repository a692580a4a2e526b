import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

/** What a page must never do; kept from the first request on. */
export interface Watch {
  /** Console errors and warnings, thrown errors, violations of the policy, requests to anywhere else (refused). */
  readonly trouble: string[]
  /** Requests that left the app's origin. */
  readonly foreign: string[]
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Refuses every request that leaves `origin`, and watches console, policy and layout. Call before the first `goto`. */
export async function watch(page: Page, origin: string): Promise<Watch> {
  const trouble: string[] = []
  const foreign: string[] = []
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return
    const { url } = message.location()
    trouble.push(message.text().startsWith('Failed to load') ? `${message.text()} ${url}` : message.text())
  })
  page.on('pageerror', (error) => trouble.push(String(error)))
  page.on('dialog', (dialog) => {
    trouble.push(`dialog ${dialog.message()}`)
    void dialog.dismiss()
  })
  await page.route('**/*', (route) => {
    const url = route.request().url()
    if (url.startsWith(`${origin}/`) || url.startsWith(`blob:${origin}/`)) return route.continue()
    foreign.push(url)
    return route.abort()
  })
  await page.addInitScript(() => {
    // The measure that browsers call cumulative layout shift: the worst run of shifts with pauses under a second, over
    // five seconds at most.
    const seen = { shift: 0, moved: [] as string[], refused: [] as string[] }
    let run = { from: 0, last: 0, sum: 0, moved: [] as string[] }
    addEventListener('watch-anew', () => {
      Object.assign(seen, { shift: 0, moved: [] })
      run = { from: 0, last: 0, sum: 0, moved: [] }
    })
    const named = (node: Node | null) =>
      node instanceof Element
        ? `${node.tagName}.${node.className} ${(node.textContent ?? '').slice(0, 40)}`
        : '?'
    Object.assign(globalThis, { seenByTest: seen })
    addEventListener('securitypolicyviolation', (event) =>
      seen.refused.push(`${event.violatedDirective} ${event.blockedURI}`),
    )
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        value: number
        hadRecentInput: boolean
        sources: { node: Node | null; previousRect: DOMRect; currentRect: DOMRect }[]
      })[])
        if (!entry.hadRecentInput) {
          const goesOn = entry.startTime - run.last < 1_000 && entry.startTime - run.from < 5_000
          const moved = entry.sources.map(
            ({ node, previousRect: was, currentRect: is }) =>
              `${entry.value.toFixed(3)} ${named(node)} from ${was.x},${was.y} to ${is.x},${is.y}`,
          )
          run = goesOn
            ? {
                from: run.from,
                last: entry.startTime,
                sum: run.sum + entry.value,
                moved: [...run.moved, ...moved],
              }
            : { from: entry.startTime, last: entry.startTime, sum: entry.value, moved }
          if (run.sum > seen.shift) Object.assign(seen, { shift: run.sum, moved: run.moved })
        }
    }).observe({ type: 'layout-shift', buffered: true })
  })
  return { trouble, foreign }
}

interface Seen {
  /** Cumulative layout shift since the page was loaded. */
  readonly shift: number
  /** What moved in the run of shifts that counts, for who looks for the cause. */
  readonly moved: readonly string[]
  /** What the page's policy refused. */
  readonly refused: readonly string[]
}

/** Layout shift counts from here on. */
export function watchAnew(page: Page): Promise<void> {
  return page.evaluate(() => void dispatchEvent(new Event('watch-anew')))
}

export function seen(page: Page): Promise<Seen> {
  return page.evaluate(() => (globalThis as unknown as { seenByTest: Seen }).seenByTest)
}

/** What axe finds serious or worse, one line each. */
export async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(`${AXE};0`)
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(
          context: { exclude: string[][] },
          options: object,
        ): Promise<{
          violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[]
        }>
      }
    }
    const { violations } = await axe.run(
      // Guards of Base UI only hand the focus on; it never rests on them.
      { exclude: [['[data-base-ui-focus-guard]']] },
      { resultTypes: ['violations'] },
    )
    return violations
      .filter((one) => one.impact === 'serious' || one.impact === 'critical')
      .flatMap((one) =>
        one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 160)} ${node.failureSummary}`),
      )
  })
}

/**
 * Targets under 24 by 24 px, measured by where a press lands: a hit area may reach beyond what is drawn. Links inside
 * running text are exempt, as in WCAG 2.5.8.
 */
export function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const SELECTOR =
      'a[href], button, input, select, textarea, summary, [role=option], [role=tab], [role=treeitem], [role=checkbox], [role=radio], [role=menuitem], [role=combobox]'
    const REACH = 11.5
    const lands = (element: Element, x: number, y: number) => {
      // What a scroll area cuts off, or its head covers, is as large as the rest once it is scrolled to.
      let area = element.parentElement
      while (area && getComputedStyle(area).overflowY === 'visible') area = area.parentElement
      const cut = area?.getBoundingClientRect()
      if (cut && (y < cut.top || y > cut.bottom || x < cut.left || x > cut.right)) return true
      const hit = document.elementFromPoint(x, y)
      if (hit?.closest('thead') && !element.closest('thead')) return true
      return (
        hit !== null &&
        (element.contains(hit) ||
          hit.contains(element) ||
          hit.closest('label, .input') === element.closest('label, .input'))
      )
    }
    return [...document.querySelectorAll(SELECTOR)].flatMap((element) => {
      const { left, top, width, height } = element.getBoundingClientRect()
      const visible = element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
      const x = left + width / 2
      const y = top + height / 2
      if (!visible || width <= 1 || x < 0 || y < 0 || x > innerWidth || y > innerHeight) return []
      if (element.matches('p a, dd a') || element.closest('[aria-hidden=true]')) return []
      // Covered by something else, such as a dialog's veil.
      if (!lands(element, x, y)) return []
      const wide = width >= 24 || (lands(element, x - REACH, y) && lands(element, x + REACH, y))
      const high = height >= 24 || (lands(element, x, y - REACH) && lands(element, x, y + REACH))
      if (wide && high) return []
      return [`${element.outerHTML.slice(0, 120)} is ${width.toFixed(0)} by ${height.toFixed(0)}`]
    })
  })
}

import type { Page } from 'playwright-core'
import { parts } from '../../src/main/app/compose.ts'
import { openInBrowser } from '../e2e/browser.ts'
import { testApp } from '../helpers/app.ts'

/** Each interaction is done this often, and the middle of its times told. */
const TIMES = 5

interface Interaction {
  readonly name: string
  /** The page that it begins on. */
  readonly route: string
  /** What to do first; not measured. */
  readonly before?: (page: Page) => Promise<unknown>
  /** One key or click. */
  readonly act: (page: Page) => Promise<unknown>
  /** Visible when it is done, and not before. */
  readonly done: string
}

interface Measured {
  /** From the input to the next frame, ms: what a hand feels. */
  readonly answers: number
  /** From the input to the frame that shows what was asked for, ms. */
  readonly done: number
}

const press = (key: string) => (page: Page) => page.keyboard.press(key)
const click = (selector: string) => (page: Page) => page.locator(selector).first().click()
const shown = (page: Page, selector: string) => page.locator(selector).first().waitFor()

const write = (sql: string) => async (page: Page) => {
  await page.locator('.cm-content').click()
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText(sql)
}

const ROW = '.sql-grid tbody tr[aria-rowindex]'
const SECOND_COLUMN = '.sql-grid th[data-column="1"]'
const ALL = 'SELECT * FROM health_data_raw'

const answer = (sql: string) => async (page: Page) => {
  await write(sql)(page)
  await page.keyboard.press('Control+Enter')
  await shown(page, ROW)
}
/** The engine has answered once, as it has a few seconds after the window was opened. */
const warm = answer('SELECT data_type FROM health_data_raw LIMIT 1')
const thenWrite = (sql: string) => async (page: Page) => {
  await warm(page)
  await write(sql)(page)
}

/** The yardstick comes first: a list from memory, opened by a key. */
const INTERACTIONS: readonly Interaction[] = [
  { name: 'open the palette', route: '/settings', act: press('Control+k'), done: '.palette [role=option]' },
  { name: 'go to Load', route: '/settings', act: press('Control+1'), done: '.commits tbody tr' },
  { name: 'go to Dead letters', route: '/settings', act: press('Control+2'), done: 'main .payload' },
  { name: 'go to SQL', route: '/settings', act: press('Control+3'), done: '.cm-content' },
  { name: 'go to Tables', route: '/settings', act: press('Control+4'), done: 'main [role=tab]' },
  {
    name: 'go to Dashboards',
    route: '/sql',
    before: warm,
    act: press('Control+5'),
    done: 'main svg.ch',
  },
  {
    name: 'complete a name',
    route: '/sql',
    before: thenWrite('SELECT data_type FROM health_data_raw WHERE '),
    act: press('v'),
    done: '.cm-tooltip-autocomplete li',
  },
  {
    name: 'first answer of a window',
    route: '/sql',
    before: write('SELECT data_type, count(*) AS n FROM health_data_raw GROUP BY 1'),
    act: press('Control+Enter'),
    done: SECOND_COLUMN,
  },
  {
    name: 'run: count by type',
    route: '/sql',
    before: thenWrite('SELECT data_type, count(*) AS n FROM health_data_raw GROUP BY 1'),
    act: press('Control+Enter'),
    done: SECOND_COLUMN,
  },
  {
    name: 'run: every row and column',
    route: '/sql',
    before: thenWrite(ALL),
    act: press('Control+Enter'),
    done: SECOND_COLUMN,
  },
  {
    name: 'explain',
    route: '/sql',
    before: thenWrite(`${ALL} WHERE value > 70`),
    act: press('Control+Shift+e'),
    done: '.sql-conditions',
  },
  {
    name: 'sort the answer',
    route: '/sql',
    before: answer(ALL),
    act: click('.sql-grid th[data-column="3"]'),
    done: '.sql-grid th[data-column="3"][aria-sort]',
  },
  {
    name: 'partitions of a table',
    route: '/tables/raw?tab=properties',
    before: (page) => shown(page, 'main .grid tbody tr'),
    act: (page) => page.getByRole('tab', { name: /^Partitions/ }).click(),
    done: '[data-column="0"][data-row="0"]',
  },
]

/** Does one interaction, timed in the page by its own clock. */
async function once(
  page: Page,
  origin: string,
  { name, route, before, act, done }: Interaction,
): Promise<Measured> {
  await page.goto('about:blank')
  await page.goto(`${origin}/#${route}`)
  await page.locator('.app').waitFor()
  await page.waitForFunction(() => document.querySelector('main [aria-busy=true]') === null)
  await before?.(page)
  const measured = await page.evaluateHandle((selector) => {
    const state = { answers: 0, began: 0, done: 0 }
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) state.answers = Math.max(state.answers, duration)
    }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit)
    const isDone = () => {
      const found = document.querySelector(selector)
      return found?.checkVisibility() && document.querySelector('main [aria-busy=true]') === null
    }
    const frame = (now: number) => {
      if (isDone()) state.done = now - state.began
      else requestAnimationFrame(frame)
    }
    const begin = (event: Event) => {
      if (state.began > 0) return
      state.began = event.timeStamp
      requestAnimationFrame(frame)
    }
    for (const kind of ['keydown', 'pointerdown']) addEventListener(kind, begin, { capture: true })
    return state
  }, done)
  await act(page)
  await page
    .waitForFunction((state) => state.done > 0, measured)
    .catch((error) => {
      throw new Error(`${name}: ${done} was not seen`, { cause: error })
    })
  return measured.jsonValue()
}

const middle = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0

/**
 * How long a hand waits: each interaction on the loaded sample lake, from the input to the next frame and to what was
 * asked for, in ms and as a ratio to the first, the list from memory. Prints one line each, the slowest last.
 */
export async function benchInteractions(): Promise<void> {
  const tarn = testApp(parts)
  const opened = await openInBrowser(tarn.app)
  try {
    const { page, server } = opened
    await page.goto(server.url)
    await page.getByRole('button', { name: /^Try with sample lake/ }).click()
    await page.locator('.sample-bar').waitFor()
    while (tarn.app.load.view().state !== 'done') await page.waitForTimeout(500)
    const lines: (Measured & { name: string })[] = []
    for (const interaction of INTERACTIONS) {
      const all: Measured[] = []
      for (let i = 0; i < TIMES; i++) all.push(await once(page, server.origin, interaction))
      lines.push({
        name: interaction.name,
        answers: middle(all.map(({ answers }) => answers)),
        done: middle(all.map(({ done }) => done)),
      })
    }
    const yardstick = lines[0]?.done ?? 1
    for (const { name, answers, done } of lines.sort((a, b) => a.done - b.done))
      console.log(
        `${name.padEnd(28)} next frame ${answers.toFixed(0).padStart(5)} ms, done ${done.toFixed(0).padStart(6)} ms, ratio ${(done / yardstick).toFixed(1)}`,
      )
  } finally {
    await opened.close()
    await tarn.close()
  }
}

import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { seen, seriousFaults, smallTargets } from './checks.ts'

/** The rules of the interface that hold on every page, each written once. What breaks one comes as a line of text. */

const THEMES = ['light', 'dark'] as const

/** Waits until what moves by itself for a while, such as a colour that fades, has come to its end. */
export function atRest(page: Page): Promise<void> {
  return page.evaluate(async () => {
    const ends = (one: Animation) => one.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY
    for (;;) {
      // A style that was just changed begins to move with the next frame.
      await new Promise((frame) => requestAnimationFrame(frame))
      const moving = document.getAnimations().filter((one) => one.playState === 'running' && ends(one))
      if (moving.length === 0) return
      await Promise.allSettled(moving.map((one) => one.finished))
    }
  })
}

/** Shows the page in a theme, its colours at rest. */
export async function inTheme(page: Page, theme: 'light' | 'dark'): Promise<void> {
  await page.evaluate((name) => {
    document.documentElement.dataset.theme = name
  }, theme)
  await atRest(page)
}

/** What tells a state by its colour alone: without icon or word. */
function byColourAlone(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('.chip, .st-icon')].flatMap((element) => {
      if (!element.checkVisibility()) return []
      return element.querySelector('svg') && element.textContent?.trim()
        ? []
        : [element.outerHTML.slice(0, 160)]
    }),
  )
}

/**
 * Pairs of marks of one chart that only their hue tells apart: drawn the same way, in colours that are one grey in
 * greyscale.
 */
function byHueAlone(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })
    const rgb = (colour: string): [number, number, number] | null => {
      if (!canvas) return null
      canvas.clearRect(0, 0, 1, 1)
      canvas.fillStyle = colour
      canvas.fillRect(0, 0, 1, 1)
      const [r = 0, g = 0, b = 0, alpha = 0] = canvas.getImageData(0, 0, 1, 1).data
      return alpha < 250 ? null : [r, g, b]
    }
    const light = (colour: readonly number[]) => {
      const [r = 0, g = 0, b = 0] = colour.map((part) => {
        const share = part / 255
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const hue = ([r, g, b]: readonly [number, number, number]) =>
      (Math.atan2(Math.sqrt(3) * (g - b), 2 * r - g - b) * 180) / Math.PI
    const vivid = (colour: readonly number[]) => Math.max(...colour) - Math.min(...colour) > 40
    return [...document.querySelectorAll('svg.ch, .plot svg')].flatMap((chart) => {
      const inks = new Map<string, [number, number, number]>()
      for (const mark of chart.querySelectorAll('path, rect, circle, line')) {
        const style = getComputedStyle(mark)
        if (style.opacity !== '1' || !mark.checkVisibility()) continue
        for (const kind of ['stroke', 'fill'] as const) {
          const colour = style[kind] === 'none' ? null : rgb(style[kind])
          if (colour && vivid(colour))
            inks.set(`${kind} ${mark.tagName} ${style.strokeDasharray} ${colour}`, colour)
        }
      }
      const all = [...inks]
      return all.flatMap(([one, a], i) =>
        all.slice(i + 1).flatMap(([other, b]) => {
          const drawn = (ink: string) => ink.slice(0, ink.lastIndexOf(' '))
          const [more = 0, less = 0] = [light(a), light(b)].sort((x, y) => y - x)
          const turn = Math.abs(((hue(a) - hue(b) + 540) % 360) - 180)
          return drawn(one) === drawn(other) && (more + 0.05) / (less + 0.05) < 1.15 && turn > 25
            ? [`${chart.getAttribute('aria-label') ?? chart.outerHTML.slice(0, 80)}: ${one} beside ${other}`]
            : []
        }),
      )
    })
  })
}

/** Empty views that offer no way on, or more than one. */
function lostViews(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('.empty')].flatMap((view) => {
      const ways = [...view.querySelectorAll('button, a.btn')].filter((way) => way.checkVisibility())
      const words = view.textContent?.trim() ?? ''
      return !view.checkVisibility() || words === '' || ways.length === 1
        ? []
        : [`${ways.length} ways on from: ${words.slice(0, 120)}`]
    }),
  )
}

/** What a pointer can press and the Tab key, or the arrow keys of what has the focus, cannot reach. */
function pointerOnly(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const PRESSED = ['onClick', 'onPointerDown', 'onMouseDown', 'onDoubleClick']
    const FOCUSED = 'a[href], button, input, select, textarea, summary, [tabindex], [contenteditable=true]'
    const props = (element: Element): Record<string, unknown> => {
      const key = Object.keys(element).find((name) => name.startsWith('__reactProps$'))
      return key ? ((element as unknown as Record<string, Record<string, unknown>>)[key] ?? {}) : {}
    }
    return [...document.querySelectorAll('*')].flatMap((element) => {
      const own = props(element)
      if (!PRESSED.some((name) => typeof own[name] === 'function') || !element.checkVisibility()) return []
      // A label hands the press on; a row may be pressed wherever it is, and has a button or link of its own; a stretch
      // that is dragged as a whole has ends that are sliders.
      const reached =
        element.closest(FOCUSED) !== null ||
        element.matches('label') ||
        element.querySelector(FOCUSED) !== null ||
        (typeof own.onPointerDown === 'function' &&
          element.parentElement?.querySelector(':scope > [role=slider]') !== null)
      return reached ? [] : [element.outerHTML.slice(0, 160)]
    })
  })
}

/** Lines between panes that arrow keys do not move; those that move are put back. */
async function stuckLines(page: Page): Promise<string[]> {
  const stuck: string[] = []
  for (const line of await page.locator('hr[role=separator], hr.split').all()) {
    if (!(await line.isVisible())) continue
    const size = () => line.getAttribute('aria-valuenow')
    const keys =
      (await line.getAttribute('aria-orientation')) === 'vertical'
        ? ['ArrowLeft', 'ArrowRight']
        : ['ArrowUp', 'ArrowDown']
    const before = await size()
    await line.focus()
    // At its end it moves one way only.
    await page.keyboard.press(keys[0] as string)
    if ((await size()) === before) keys.reverse()
    if ((await size()) === before) await page.keyboard.press(keys[0] as string)
    if ((await size()) === before) stuck.push((await line.getAttribute('aria-label')) ?? 'a line')
    await page.keyboard.press(keys[1] as string)
  }
  return stuck
}

/** What moves by itself. */
export function moving(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    document
      .getAnimations()
      .filter((one) => one.playState === 'running' && Number(one.effect?.getTiming().duration) > 0)
      .map((one) => (one.effect as KeyframeEffect).target?.outerHTML.slice(0, 120) ?? ''),
  )
}

/** Ages without the instant on hover. */
function bareAges(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const found: string[] = []
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.textContent ?? ''
      if (/\b\d+ (s|min|h|days?) ago\b/.test(text) && !node.parentElement?.closest('[title], time'))
        found.push(text)
    }
    return found
  })
}

/** How the focus goes round by Tab. */
export interface Walk {
  /** What had the focus, in order. */
  readonly stops: readonly string[]
  /** Stops that do not show that they have the focus. */
  readonly hidden: readonly string[]
  /** Places of `through` that it never came into. */
  readonly missed: readonly string[]
}

/** Goes round by Tab from the top; throws where the focus never comes round, as from an editor that keeps it. */
export async function walk(page: Page, through: readonly string[] = [], most = 300): Promise<Walk> {
  // A blurred element would still be where the next Tab sets out from.
  await page.evaluate(() => {
    document.body.tabIndex = -1
    document.body.focus()
    document.body.removeAttribute('tabindex')
  })
  const stops: string[] = []
  const hidden: string[] = []
  const missed = new Set(through)
  let first: number | null = null
  while (stops.length < most) {
    await page.keyboard.press('Tab')
    const at = await page.evaluate((places) => {
      const element = document.activeElement
      if (!element || element === document.body) return null
      const rings = (one: Element | null): boolean => {
        if (one === null) return false
        const { outlineStyle, outlineWidth } = getComputedStyle(one)
        return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1
      }
      // A field shows the focus on its frame, a grid on its cell, an editor on its own, a line between panes by its colour.
      const framed = element.closest('.input, .find, .cm-editor, .select, tr, [role=row]')
      const cell = document.getElementById(element.getAttribute('aria-activedescendant') ?? '')
      return {
        place: [...document.querySelectorAll('*')].indexOf(element),
        name: `${element.tagName.toLowerCase()} ${element.getAttribute('aria-label') ?? element.textContent?.trim().slice(0, 60)}`,
        shown: rings(element) || rings(framed) || rings(cell) || element.matches('hr, .cm-content, input'),
        html: element.outerHTML.slice(0, 120),
        inside: places.filter((one) => element.closest(one) !== null),
      }
    }, through)
    if (at === null || at.place === first) return { stops, hidden, missed: [...missed] }
    first ??= at.place
    stops.push(at.name)
    if (!at.shown) hidden.push(at.html)
    for (const place of at.inside) missed.delete(place)
  }
  throw new Error(`the focus did not come round in ${most} presses: ${stops.slice(-5).join(' | ')}`)
}

/** Openers of what floats that Esc does not give the focus back to. `most`: openers tried, in the order of the page. */
export async function lostOpeners(page: Page, most = 12): Promise<string[]> {
  const lost: string[] = []
  const openers = page.locator('button[aria-haspopup]:not([aria-haspopup=false]):enabled:visible')
  for (let i = 0; i < Math.min(most, await openers.count()); i++) {
    const opener = openers.nth(i)
    const name = ((await opener.getAttribute('aria-label')) ?? (await opener.textContent()) ?? '').trim()
    const open = () => opener.getAttribute('aria-expanded')
    await opener.focus()
    await page.keyboard.press('Enter')
    await expect.poll(open, { message: `${name} opens`, timeout: 5_000 }).toBe('true')
    await page.keyboard.press('Escape')
    await expect.poll(open, { message: `${name} closes by Esc`, timeout: 5_000 }).not.toBe('true')
    const back = () => opener.evaluate((one) => one === document.activeElement)
    await expect
      .poll(back, { timeout: 5_000 })
      .toBe(true)
      .catch(() => lost.push(name))
  }
  return lost
}

/** All that can be seen at once to hold of a page in any state, in both themes. */
export async function holdsTheRules(page: Page, what = ''): Promise<void> {
  for (const theme of THEMES) {
    await inTheme(page, theme)
    expect(await seriousFaults(page), `${what}, ${theme}`).toEqual([])
    expect(await byHueAlone(page), `${what}, ${theme}, in greyscale`).toEqual([])
  }
  expect(
    {
      small: await smallTargets(page),
      byColourAlone: await byColourAlone(page),
      lost: await lostViews(page),
      pointerOnly: await pointerOnly(page),
      bareAges: await bareAges(page),
    },
    what,
  ).toEqual({ small: [], byColourAlone: [], lost: [], pointerOnly: [], bareAges: [] })
}

/** Lines between panes move by keys. Apart from the rest: the page is laid out anew by it. */
export async function linesMove(page: Page): Promise<void> {
  expect(await stuckLines(page)).toEqual([])
}

/** Nothing jumped since the page was loaded, and nothing was refused by its policy. */
export async function heldStill(page: Page, what = ''): Promise<void> {
  const { shift, moved, refused } = await seen(page)
  expect(shift, `${what} ${moved.join('\n')}`).toBeLessThan(0.05)
  expect(refused, what).toEqual([])
}

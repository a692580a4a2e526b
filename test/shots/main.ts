/**
 * Pictures of every page and state, in both themes and two sizes: `npm run shots [name ...]`. Starts the built app in a
 * folder of its own, goes through it on the sample lake, writes to `test-results/shots` and, when it takes all, the
 * README's picture to `resources/screenshot.png`. Needs a Chromium; nothing else.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { CHROMIUM_ARGS, findChromium } from '../helpers/chromium.ts'
import { startTarn, type TarnProcess } from '../helpers/tarn.ts'
import { SHOTS, type Shot, type Stage } from './list.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const OUT = join(ROOT, 'test-results/shots')
const THEMES = ['light', 'dark'] as const
const SIZES = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
]
const README_SIZE = { width: 1440, height: 900 }
/** A picture in the README is fetched by everyone who looks at it, so it stays under this many bytes. */
const README_BYTES = 400 * 1024
/** Time for content and fades to come to rest, in ms. */
const REST_MS = 900

async function urlOf(tarn: TarnProcess): Promise<string> {
  for (let i = 0; i < 300; i++) {
    const url = /http:\/\/\S+/.exec(tarn.output.stdout)?.[0]
    if (url) return url
    await new Promise((done) => setTimeout(done, 100))
  }
  throw new Error(`tarn serve did not start: ${tarn.output.stderr}`)
}

async function open(page: Page, origin: string, shot: Shot, theme: string): Promise<void> {
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  // Another address first: a hash alone would not load the page anew with its theme.
  await page.goto('about:blank')
  // No tab of the picture before.
  await page.request.put(`${origin}/api/workbench/tabs?of=sample`, {
    data: { tabs: [], active: 0 },
    headers: { Origin: origin },
  })
  await page.goto(`${origin}/?dev&theme=${theme}&density=${shot.density ?? 'compact'}#${shot.route}`)
  await page.locator('.app, .gallery').first().waitFor()
  await page.waitForTimeout(REST_MS)
  await shot.before?.(page)
  await page.waitForTimeout(REST_MS)
}

async function take(page: Page, origin: string, shot: Shot): Promise<string[]> {
  const failed: string[] = []
  for (const size of SIZES) {
    for (const theme of THEMES) {
      const name = `${shot.name}-${theme}-${size.width}x${size.height}`
      try {
        await page.setViewportSize(shot.tall ? { ...size, height: 2_400 } : size)
        await open(page, origin, shot, theme)
        await page.screenshot({ path: join(OUT, `${name}.png`) })
        console.log(name)
      } catch (error) {
        failed.push(`${name}: ${(error as Error).message.split('\n')[0]}`)
      }
    }
  }
  return failed
}

/** Waits until the load has come to its end. */
async function loaded(page: Page, origin: string): Promise<void> {
  for (let i = 0; i < 240; i++) {
    const answer = await page.request.get(`${origin}/api/load`)
    if (((await answer.json()) as { state: string }).state === 'done') return
    await page.waitForTimeout(1_000)
  }
  throw new Error('the sample was not loaded within four minutes')
}

async function readme(page: Page, origin: string): Promise<void> {
  const path = join(ROOT, 'resources/screenshot.png')
  await page.setViewportSize(README_SIZE)
  const shot = SHOTS.find((one) => one.name === 'load-done')
  if (!shot) throw new Error('there is no shot of a load that is done')
  await open(page, origin, shot, 'light')
  await page.screenshot({ path })
  const { size } = statSync(path)
  if (size > README_BYTES) throw new Error(`${path} has ${size} bytes, at most ${README_BYTES}`)
  console.log(`resources/screenshot.png, ${size} bytes`)
}

/** Pictures of a load that has read and not yet committed, in a folder of its own. */
async function gathering(page: Page, shots: readonly Shot[]): Promise<string[]> {
  const home = mkdtempSync(join(tmpdir(), 'tarn-shots-'))
  const tarn = startTarn(['serve', '--no-open', '--port', '0'], {
    TARN_HOME: home,
    TARN_COMMIT_SECONDS: '3600',
    KAFKA_TOPIC: 'health-data-raw',
  })
  try {
    const url = await urlOf(tarn)
    const { origin } = new URL(url)
    await page.goto(url)
    await page.evaluate(() =>
      fetch('/api/load/start', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ source: { kind: 'generator' } }),
      }),
    )
    const failed: string[] = []
    for (const shot of shots) failed.push(...(await take(page, origin, shot)))
    return failed
  } finally {
    tarn.child.kill('SIGTERM')
    await tarn.ended
    rmSync(home, { recursive: true, force: true })
  }
}

async function run(
  browser: Browser,
  tarn: TarnProcess,
  again: () => Promise<TarnProcess>,
  wanted: readonly string[],
): Promise<string[]> {
  const context = await browser.newContext({ reducedMotion: 'reduce' })
  const page = await context.newPage()
  const url = await urlOf(tarn)
  let { origin } = new URL(url)
  await page.goto(url)
  const of = (stage: Stage) =>
    SHOTS.filter((shot) => shot.stage === stage && (wanted.length === 0 || wanted.includes(shot.name)))
  const failed: string[] = []
  const all = async (stage: Stage) => {
    for (const shot of of(stage)) failed.push(...(await take(page, origin, shot)))
  }
  await all('fresh')
  if (of('gathering').length > 0) failed.push(...(await gathering(page, of('gathering'))))
  await page.goto(`${origin}/#/load`)
  await page.getByRole('button', { name: /^Try with sample lake/ }).click()
  await page.locator('.sample-bar').waitFor()
  await all('loading')
  if (of('loaded').length > 0) {
    await loaded(page, origin)
    await all('loaded')
  }
  if (wanted.length === 0) await readme(page, origin)
  if (of('restarted').length > 0) {
    await loaded(page, origin)
    const restarted = await urlOf(await again())
    origin = new URL(restarted).origin
    await page.goto(restarted)
    await all('restarted')
  }
  return failed
}

async function main(): Promise<number> {
  const executablePath = findChromium()
  if (executablePath === null) {
    console.error('No Chromium on this machine; set CHROMIUM to the path of one.')
    return 1
  }
  mkdirSync(OUT, { recursive: true })
  const home = mkdtempSync(join(tmpdir(), 'tarn-shots-'))
  const serve = () => startTarn(['serve', '--no-open', '--port', '0'], { TARN_HOME: home })
  let tarn = serve()
  const again = async () => {
    tarn.child.kill('SIGTERM')
    await tarn.ended
    tarn = serve()
    return tarn
  }
  const browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS })
  try {
    const failed = await run(browser, tarn, again, process.argv.slice(2))
    for (const line of failed) console.error(`not taken: ${line}`)
    return failed.length === 0 ? 0 : 1
  } finally {
    await browser.close()
    tarn.child.kill('SIGTERM')
    await tarn.ended
    rmSync(home, { recursive: true, force: true })
  }
}

process.exitCode = await main()

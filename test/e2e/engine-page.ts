import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { build } from 'vite'
import { vi } from 'vitest'
import type { App } from '../../src/main/app/app.ts'
import { startServer } from '../../src/main/hosts/server/server.ts'
import type { Forecast } from '../../src/renderer/query/cost.ts'
import type { Exported } from '../../src/renderer/query/export.ts'
import type { LoadProgress } from '../../src/renderer/query/loader.ts'
import type { ExportOptions, RunOptions } from '../../src/renderer/query/session.ts'
import { launch } from './browser.ts'

export type Ran =
  | {
      readonly state: 'done'
      /** Cells as JSON; empty beyond 10,000 rows. */
      readonly rows: readonly (readonly string[])[]
      readonly count: number
      readonly forecast: Forecast
      readonly read: LoadProgress
      readonly stages: readonly string[]
    }
  | {
      readonly state: 'cancelled' | 'failed'
      readonly message: string
      readonly ms: number
      readonly stages: readonly string[]
    }

/** Options that can be sent to the page. */
export type PlainRun = Pick<RunOptions, 'parameters' | 'snapshots'>
export type PlainExport = Pick<ExportOptions, 'format' | 'name'>

/** What the page under test offers as `window.engine`. */
export interface EnginePage {
  run(tab: string, sql: string, options?: PlainRun): Promise<Ran>
  cancel(tab: string): void
  export(tab: string, sql: string, options: PlainExport): Promise<Exported & { readonly calls: number }>
  /** Ends DuckDB's worker. */
  crash(): Promise<void>
}

export interface EngineInBrowser {
  readonly page: Page
  readonly origin: string
  readonly run: (tab: string, sql: string, options?: PlainRun) => Promise<Ran>
  readonly cancel: (tab: string) => Promise<void>
  readonly export: (
    tab: string,
    sql: string,
    options: PlainExport,
  ) => Promise<Exported & { readonly calls: number }>
  readonly crash: () => Promise<void>
  close(): Promise<void>
}

/** The query engine with its real workers in Chromium, under the app's own policy, over an app's routes. */
export async function engineInBrowser(app: App): Promise<EngineInBrowser> {
  const outDir = mkdtempSync(join(tmpdir(), 'tarn-engine-'))
  await build({
    configFile: false,
    root: resolve(import.meta.dirname, 'engine-page'),
    logLevel: 'error',
    worker: { format: 'es' },
    build: { outDir, assetsInlineLimit: 0, minify: false, emptyOutDir: true },
  })
  const server = await startServer(app, { port: 0, pages: outDir, home: null })
  const browser = await launch()
  const page = await browser.newPage()
  const trouble: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') trouble.push(message.text())
  })
  await page.goto(server.url)
  const ready = () => page.evaluate(() => 'engine' in window)
  await vi.waitFor(
    async () => {
      if (!(await ready())) throw new Error(`the engine's page did not start: ${trouble.join('; ')}`)
    },
    { timeout: 30_000, interval: 50 },
  )
  type Window_ = Window & { readonly engine: EnginePage }
  return {
    page,
    origin: server.origin,
    run: (tab, sql, options = {}) =>
      page.evaluate(([tab, sql, options]) => (window as unknown as Window_).engine.run(tab, sql, options), [
        tab,
        sql,
        options,
      ] as const),
    cancel: (tab) => page.evaluate((tab) => (window as unknown as Window_).engine.cancel(tab), tab),
    export: (tab, sql, options) =>
      page.evaluate(
        ([tab, sql, options]) => (window as unknown as Window_).engine.export(tab, sql, options),
        [tab, sql, options] as const,
      ),
    crash: () => page.evaluate(() => (window as unknown as Window_).engine.crash()),
    async close() {
      await browser.close()
      await server.close()
      rmSync(outDir, { recursive: true, force: true })
    },
  }
}

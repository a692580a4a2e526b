import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, createApp } from '../../src/main/app/app.ts'
import { openLake } from '../../src/main/app/lake.ts'
import type { Parts } from '../../src/main/app/parts.ts'
import { resolveSettings } from '../../src/main/app/settings/settings.ts'
import { systemClock } from '../../src/main/base/clock.ts'
import { silentLog } from '../../src/main/base/log.ts'
import { createScrubber } from '../../src/main/base/scrub.ts'

export interface TestApp {
  readonly app: App
  readonly home: string
  close(): Promise<void>
}

const never = (what: string) => async () => {
  throw new Error(`${what} is not part of this test`)
}

/** An app on the embedded default in a folder of its own, with the work of `parts` in place of the real. */
export function testApp(parts: Partial<Parts> = {}, env: Readonly<Record<string, string>> = {}): TestApp {
  const home = mkdtempSync(join(tmpdir(), 'tarn-app-'))
  const app = createApp({
    resolve: () => resolveSettings({ flags: new Map(), env: { TARN_HOME: home, ...env } }),
    parts: {
      openLake,
      begin: never('load'),
      check: never('check'),
      rollup: never('rollup'),
      verify: never('verify'),
      probe: never('probe'),
      ...parts,
    },
    host: 'server',
    version: '0.0.0-test',
    sample: false,
    log: silentLog,
    scrubber: createScrubber(),
    clock: systemClock,
  })
  return {
    app,
    home,
    async close() {
      await app.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

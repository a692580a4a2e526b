import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { parts } from '../../../../src/main/app/compose.ts'
import { createLakes, sealLakes } from '../../../../src/main/app/lakes/lakes.ts'
import { resolveSettings } from '../../../../src/main/app/settings/settings.ts'
import { type TestApp, testApp } from '../../../helpers/app.ts'

const apps: TestApp[] = []
const open = (env: Record<string, string> = {}) => {
  const app = testApp(parts, env)
  apps.push(app)
  return app
}
afterEach(async () => {
  for (const one of apps.splice(0)) await one.close()
})

const WARD = { 'catalog.uri': 'http://localhost:8181', 'catalog.database': 'ward', 's3.secretKey': 'hunter2' }

test('a lake is listed once, newest first, and opened again with all that leads to it', () => {
  const { app, home } = open()
  app.lakes.remember({ tables: 5, rows: 12 })
  app.saveSettings({ ...WARD, 'kafka.topic': 'stays' })
  app.lakes.remember()
  app.lakes.remember({ tables: 4, rows: 7 })
  const [ward, first] = app.lakes.list()
  expect(ward).toMatchObject({ database: 'ward', place: 'localhost:8181', open: true, tables: 4, rows: 7 })
  expect(first).toMatchObject({ database: 'health_db', embedded: true, open: false, rows: 12 })
  expect(app.lakes.list()).toHaveLength(2)
  app.lakes.open(first?.id ?? '')
  expect(app.settings().catalog).toMatchObject({ type: 'embedded', database: 'health_db' })
  expect(app.settings().kafka.topic).toBe('stays')
  app.lakes.open(ward?.id ?? '')
  expect(app.settings().catalog).toMatchObject({ type: 'rest', database: 'ward' })
  expect(app.settings().s3.secretKey.reveal()).toBe('hunter2')
  expect(JSON.stringify(app.lakes.list())).not.toContain('hunter2')
  app.lakes.forget(ward?.id ?? '')
  expect(app.lakes.list().map((one) => one.database)).toEqual(['health_db'])
  expect(readFileSync(join(home, 'lakes.json'), 'utf8')).not.toContain('hunter2')
})

test('what the environment decides cannot be switched from here', () => {
  const { app, home } = open()
  app.saveSettings(WARD)
  app.lakes.remember()
  app.saveSettings({ 'catalog.uri': null, 'catalog.database': null, 's3.secretKey': null })
  app.lakes.remember()
  const held = open({ TARN_HOME: home, ICEBERG_DATABASE: 'theirs' })
  const ward = held.app.lakes.list().find((one) => one.database === 'ward')
  expect(ward?.off).toBe('ICEBERG_DATABASE')
  expect(() => held.app.lakes.open(ward?.id ?? '')).toThrow(/ICEBERG_DATABASE decides/)
})

test('secrets of lakes go into the key store of a later host, and open the lake from there', () => {
  const { app, home } = open()
  app.saveSettings(WARD)
  app.lakes.remember()
  expect(readFileSync(join(home, 'lakes.json'), 'utf8')).toContain('hunter2')
  const held = new Map<string, { text: string; setAt: number }>()
  const secrets = {
    name: 'the Keychain',
    read: () => held,
    write(changes: Readonly<Record<string, string | null>>) {
      for (const [key, text] of Object.entries(changes)) if (text !== null) held.set(key, { text, setAt: 1 })
      return () => {}
    },
  }
  sealLakes(home, secrets)
  expect(readFileSync(join(home, 'lakes.json'), 'utf8')).not.toContain('hunter2')
  const saved: Readonly<Record<string, string | null>>[] = []
  const lakes = createLakes({
    home,
    secrets,
    now: () => 1,
    resolved: () => resolveSettings({ flags: new Map(), env: { TARN_HOME: home } }),
    sample: () => false,
    save: (changes) => void saved.push(changes),
  })
  lakes.open(lakes.list().find((one) => one.database === 'ward')?.id ?? '')
  expect(saved[0]?.['s3.secretKey']).toBe('hunter2')
})

test('the sample is no lake to come back to', () => {
  const { app } = open()
  app.sample.start()
  app.lakes.remember({ tables: 5, rows: 1 })
  expect(app.lakes.list()).toEqual([])
})

test('an id that is not known is told so', () => {
  expect(() => open().app.lakes.open('0123456789abcdef')).toThrow(/no longer on the list/)
})

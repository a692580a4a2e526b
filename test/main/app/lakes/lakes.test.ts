import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { parts } from '../../../../src/main/app/compose.ts'
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

test('the sample is no lake to come back to', () => {
  const { app } = open()
  app.sample.start()
  app.lakes.remember({ tables: 5, rows: 1 })
  expect(app.lakes.list()).toEqual([])
})

test('an id that is not known is told so', () => {
  expect(() => open().app.lakes.open('0123456789abcdef')).toThrow(/no longer on the list/)
})

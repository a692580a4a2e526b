import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parts } from '../../../../src/main/app/compose.ts'
import {
  beginSample,
  deleteSample,
  markLeft,
  sampleBegun,
  sampleFolder,
} from '../../../../src/main/app/sample/sample.ts'
import { dressPage, readWindow, writeWindow } from '../../../../src/main/app/window.ts'
import { type TestApp, testApp } from '../../../helpers/app.ts'

let tarn: TestApp

beforeEach(() => {
  tarn = testApp(parts)
})
afterEach(async () => {
  await tarn.close()
})

const until = async (what: () => boolean): Promise<void> => {
  const end = Date.now() + 15_000
  while (!what()) {
    if (Date.now() > end) throw new Error('it did not come to that')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

describe('the sample lake', () => {
  test('loads the recorded topic at a pace, and leaving deletes all of it', async () => {
    const { app } = tarn
    expect(app.state()).toMatchObject({ fresh: true, sample: false, leavable: false })
    expect((await app.sample.view()).held).toBeNull()
    app.sample.start()
    expect(app.state()).toMatchObject({ fresh: false, sample: true, leavable: true })
    expect(app.settings().home).toBe(sampleFolder(tarn.home))
    await until(() => app.load.view().messages >= 1_200)
    // The rest takes about a minute: this load is still under way.
    expect(app.load.view()).toMatchObject({ state: 'running', source: { kind: 'file' } })
    await until(() => app.load.view().commits.raw > 0)
    const { messages, held } = await app.sample.view()
    expect(messages).toBeGreaterThan(app.load.view().messages)
    expect(held?.files).toBeGreaterThan(10)
    expect(held?.bytes).toBeGreaterThan(10_000)
    expect(() => app.saveSettings({ 'kafka.topic': 'mine' })).toThrow(/sample/)

    await app.sample.leave()
    expect(sampleBegun(tarn.home)).toBe(false)
    await app.sample.left()
    expect(existsSync(sampleFolder(tarn.home))).toBe(false)
    expect(app.state()).toMatchObject({ fresh: true, sample: false, load: { state: 'idle', messages: 0 } })
    expect(app.settings().home).toBe(tarn.home)
  }, 60_000)

  test('is opened again at the next start, and not by commands without a window', () => {
    tarn.app.sample.start()
    expect(tarn.app.state().sample).toBe(true)
    const command = testApp(parts, { TARN_HOME: tarn.home })
    expect(command.app.state().sample).toBe(false)
    command.app.sample.reopen()
    expect(command.app.state()).toMatchObject({ sample: true, load: { state: 'idle' } })
  })

  test("says of the values it rules that they are the sample's, and of no other", () => {
    tarn.app.sample.start()
    const { settings } = tarn.app.settingsView()
    const ruled = settings.filter((one) => one.origin?.from === 'sample')
    expect(ruled.map((one) => one.env).sort()).toEqual([
      'ICEBERG_CATALOG_TYPE',
      'KAFKA_TOPIC',
      'TARN_COMMIT_SECONDS',
      'TARN_HOME',
      'TARN_PIPELINE',
      'TARN_ROLLUP_SECONDS',
    ])
    expect(ruled.every((one) => one.fixed)).toBe(true)
    expect(new Set(settings.map((one) => one.origin?.from))).toEqual(
      new Set(['sample', 'default', undefined]),
    )
    expect(ruled.find((one) => one.env === 'KAFKA_TOPIC')?.layers).toEqual([
      { origin: { from: 'sample', detail: 'the sample' }, value: 'health-data-raw', at: null },
    ])
  })

  test('one that was left and not deleted in whole is deleted by the next start, never opened', async () => {
    beginSample(tarn.home, 0)
    await markLeft(tarn.home)
    writeFileSync(join(sampleFolder(tarn.home), 'rest.txt'), 'rest')
    tarn.app.sample.reopen()
    expect(tarn.app.state().sample).toBe(false)
    await tarn.app.sample.left()
    expect(existsSync(sampleFolder(tarn.home))).toBe(false)
  })

  test('leaves a folder alone that only has its name', async () => {
    const folder = sampleFolder(tarn.home)
    mkdirSync(folder)
    writeFileSync(join(folder, 'mine.txt'), 'mine')
    await deleteSample(tarn.home)
    await tarn.app.sample.leave()
    tarn.app.sample.reopen()
    expect(tarn.app.state().sample).toBe(false)
    expect(readFileSync(join(folder, 'mine.txt'), 'utf8')).toBe('mine')
  })
})

describe('whether anything is set up', () => {
  test('a place in the settings, in the environment, or a lake makes it so', () => {
    expect(tarn.app.state().fresh).toBe(true)
    tarn.app.saveSettings({ 'kafka.topic': 'mine' })
    expect(tarn.app.state().fresh).toBe(false)
    const named = testApp(parts, { KAFKA_TOPIC: 'theirs' })
    expect(named.app.state().fresh).toBe(false)
    const tuned = testApp(parts, { TARN_COMMIT_SECONDS: '5' })
    expect(tuned.app.state().fresh).toBe(true)
    mkdirSync(join(tuned.home, 'warehouse', '.catalog'), { recursive: true })
    expect(tuned.app.state().fresh).toBe(true)
    mkdirSync(join(tuned.home, 'warehouse', 'health_db'))
    expect(tuned.app.state().fresh).toBe(false)
  })
})

describe('how the window was left', () => {
  test('is kept in the home folder, and dresses the page', () => {
    expect(readWindow(tarn.home)).toEqual({
      route: null,
      theme: null,
      density: null,
      zone: null,
      bounds: null,
      kept: {},
    })
    writeWindow(tarn.home, { route: '#/tables/raw', theme: 'dark' })
    writeWindow(tarn.home, { density: 'comfortable' })
    expect(tarn.app.state().window).toMatchObject({ route: '#/tables/raw', theme: 'dark' })
    expect(dressPage('<html lang="en"><head>', tarn.app.window())).toBe(
      '<html lang="en" data-theme="dark" data-density="comfortable"><head>',
    )
    writeWindow(tarn.home, { kept: { 'size.list-w': '300', sql: '{}' } })
    writeWindow(tarn.home, { kept: { sql: null } })
    expect(readWindow(tarn.home)).toMatchObject({ theme: 'dark', kept: { 'size.list-w': '300' } })
    expect(tarn.app.state().window).not.toHaveProperty('kept')
    writeFileSync(join(tarn.home, 'window.json'), '{"theme": "\\" onload=alert(1)"}')
    expect(readWindow(tarn.home).theme).toBeNull()
  })
})

import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sealSecrets } from '../../../../src/main/app/settings/seal-secrets.ts'
import { type Sealer, sealedFile } from '../../../../src/main/app/settings/secret-store.ts'
import { resolveSettings, saveSettings } from '../../../../src/main/app/settings/settings.ts'
import { settingsView } from '../../../../src/main/app/settings/view.ts'

let home: string
let mask = 0x5a
/** Stands for the key store of the system: unreadable in the file, and of no use once the key has changed. */
const sealer: Sealer = {
  seal: (text) => Buffer.from([mask, ...Buffer.from(text).map((byte) => byte ^ mask)]),
  open(sealed) {
    if (sealed[0] !== mask) throw new Error('another key')
    return Buffer.from(sealed.slice(1).map((byte) => byte ^ mask)).toString()
  },
}
const store = () => sealedFile(join(home, 'secrets.json'), 'the Keychain', sealer, () => 1_000)
const read = (env: Record<string, string> = {}) =>
  resolveSettings({ flags: new Map(), env: { TARN_HOME: home, ...env }, secrets: store() })

beforeEach(() => {
  mask = 0x5a
  home = mkdtempSync(join(tmpdir(), 'tarn-secrets-'))
})
afterEach(() => rmSync(home, { recursive: true }))

test('a secret goes to the store, out of the file, and is never in clear on the disk', () => {
  const file = join(home, 'settings.json')
  saveSettings(file, { 's3.secretKey': 'from the file', 'kafka.topic': 'mine' })
  saveSettings(file, { 's3.secretKey': 'hunter2' }, store())
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ kafka: { topic: 'mine' } })
  expect(readFileSync(join(home, 'secrets.json'), 'utf8')).not.toContain('hunter2')
  expect(statSync(join(home, 'secrets.json')).mode & 0o777).toBe(0o600)
  const resolved = read()
  expect(resolved.settings.s3.secretKey.reveal()).toBe('hunter2')
  const view = settingsView(resolved, store(), 500)
  expect(JSON.stringify(view)).not.toContain('hunter2')
  expect(view.secretStore).toBe('the Keychain')
  expect(view.settings.find((one) => one.key === 's3.secretKey')).toMatchObject({
    value: null,
    set: true,
    fixed: false,
    origin: { from: 'keystore' },
    layers: [{ origin: { from: 'keystore', detail: 'the Keychain' }, value: null, at: 1_000 }],
  })
})

test('the environment still rules, and shows what it rules over without telling it', () => {
  saveSettings(join(home, 'settings.json'), { 's3.secretKey': 'stored' }, store())
  const resolved = read({ S3_SECRET_KEY: 'given' })
  expect(resolved.settings.s3.secretKey.reveal()).toBe('given')
  const one = settingsView(resolved, store(), 500).settings.find(({ key }) => key === 's3.secretKey')
  expect(one?.layers.map(({ origin }) => origin.from)).toEqual(['environment', 'keystore'])
  expect(one?.fixed).toBe(true)
})

test('undo puts file and store back', () => {
  const file = join(home, 'settings.json')
  saveSettings(file, { 's3.secretKey': 'first', 'kafka.topic': 'mine' }, store())
  const undo = saveSettings(file, { 's3.secretKey': 'second', 'kafka.topic': null }, store())
  undo()
  const { settings } = read()
  expect([settings.s3.secretKey.reveal(), settings.kafka.topic]).toEqual(['first', 'mine'])
})

test('a secret sealed with a key that is gone counts as not set', () => {
  saveSettings(join(home, 'settings.json'), { 'kafka.saslPassword': 'x' }, store())
  mask = 0x33
  expect(read().settings.kafka.saslPassword).toBeNull()
})

describe('secrets that lie in the file when a key store appears', () => {
  const file = () => join(home, 'settings.json')
  const found = () => resolveSettings({ flags: new Map(), env: { TARN_HOME: home } })
  beforeEach(() => {
    saveSettings(file(), { 's3.secretKey': 'hunter2', 'kafka.saslPassword': 'pass3', 'kafka.topic': 'mine' })
  })

  test('go into it: the file holds none, all rule as before', () => {
    expect(sealSecrets(found(), store())).toEqual(['s3.secretKey', 'kafka.saslPassword'])
    expect(JSON.parse(readFileSync(file(), 'utf8'))).toEqual({ kafka: { topic: 'mine' } })
    expect(readFileSync(join(home, 'secrets.json'), 'utf8')).not.toMatch(/hunter2|pass3/)
    const { settings, origins } = read()
    expect(settings.s3.secretKey.reveal()).toBe('hunter2')
    expect(settings.kafka.saslPassword?.reveal()).toBe('pass3')
    expect(origins.get('s3.secretKey')?.from).toBe('keystore')
    expect(sealSecrets(found(), store())).toEqual([])
  })

  test('give way to what the store holds already, which ruled before', () => {
    store().write({ 's3.secretKey': 'newer' })
    sealSecrets(found(), store())
    expect(read().settings.s3.secretKey.reveal()).toBe('newer')
    expect(readFileSync(file(), 'utf8')).not.toContain('hunter2')
  })

  test('stay in the file where the store does not give them back', () => {
    const before = readFileSync(file(), 'utf8')
    const forgetful = { ...store(), read: () => new Map() }
    expect(() => sealSecrets(found(), forgetful)).toThrow(/did not give back/)
    expect(readFileSync(file(), 'utf8')).toBe(before)
    expect(found().settings.s3.secretKey.reveal()).toBe('hunter2')
  })
})

test('null forgets a secret', () => {
  const file = join(home, 'settings.json')
  saveSettings(file, { 'kafka.saslPassword': 'x' }, store())
  saveSettings(file, { 'kafka.saslPassword': null }, store())
  expect([...store().read()]).toEqual([])
})

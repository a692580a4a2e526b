import { describe, expect, test } from 'vitest'
import {
  allowedOf,
  asEnvironment,
  effectOf,
  fieldOf,
  nameOf,
  SECTIONS,
  sectionOf,
  shownOf,
  writtenOf,
} from '../../../../src/renderer/features/settings/words.ts'
import type { SettingView } from '../../../../src/shared/model.ts'
import { SETTINGS } from '../../../../src/shared/settings.ts'

describe('every setting', () => {
  test.each(SETTINGS.map((one) => [one.key, one] as const))(
    '%s has a name, a place and its words',
    (_key, one) => {
      expect(nameOf(one)).not.toBe(one.env)
      expect(SECTIONS.map(({ id }) => id)).toContain(sectionOf(one))
      expect(allowedOf({ kind: one.kind, choices: one.choices ?? [] })).not.toBe('')
      expect(effectOf(one)).not.toBe('')
    },
  )

  test('has a name of its own', () => {
    const names = SETTINGS.map(nameOf)
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('a size', () => {
  test.each([
    ['134217728', '128', 'MiB'],
    ['1 GiB', '1024', 'MiB'],
    ['1536 KiB', '1536', 'KiB'],
    ['1000000', '1000000', 'B'],
    ['1 MB', '1000000', 'B'],
  ])('%s shows as %s %s, and is saved in that unit', (text, figure, unit) => {
    expect(fieldOf('bytes', text)).toEqual({ figure, unit })
    expect(writtenOf('bytes', '7', unit)).toBe(`7 ${unit}`)
    expect(writtenOf('bytes', '2 GiB', unit)).toBe('2 GiB')
  })

  test('a text that is none is left as it is', () => {
    expect(fieldOf('bytes', 'lots')).toEqual({ figure: 'lots', unit: null })
  })
})

test('values have their units', () => {
  expect([shownOf('seconds', '20'), shownOf('boolean', 'yes'), shownOf('text', 'mine')]).toEqual([
    '20 s',
    'on',
    'mine',
  ])
})

test('copied as environment: what was changed, quoted, and no secret', () => {
  const one = (env: string, value: string | null, from: 'file' | 'default', secret = false) =>
    ({ env, value, secret, origin: { from, detail: '' } }) as SettingView
  expect(
    asEnvironment([
      one('KAFKA_TOPIC', "it's", 'file'),
      one('S3_REGION', 'us-east-1', 'default'),
      one('S3_SECRET_KEY', null, 'file', true),
    ]),
  ).toBe("export KAFKA_TOPIC='it'\\''s'")
})

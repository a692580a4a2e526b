import { expect, test } from 'vitest'
import { csvText, withoutFormula } from '../../src/shared/csv.ts'

test.each(['=1', '+1', '-1', '@a', '\ta', '\ra', '\na', '＝1', '＋1', '－1', '＠a'])(
  '%j is no formula',
  (text) => {
    expect(withoutFormula(text)).toBe(`'${text}`)
    expect(csvText(text)).toBe(`"'${text}"`)
  },
)

test('other text stays, quotes doubled', () => {
  expect(['a', ' =1', '1-2', ''].map(withoutFormula)).toEqual(['a', ' =1', '1-2', ''])
  expect(csvText('a,"b"\r\n')).toBe('"a,""b""\r\n"')
})

test('null and empty text are told apart', () => {
  expect([csvText(null), csvText('')]).toEqual(['', '""'])
})

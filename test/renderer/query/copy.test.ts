import { expect, test } from 'vitest'
import { copyText } from '../../../src/renderer/query/copy.ts'
import { readResult } from '../../../src/renderer/query/result.ts'
import { openDuckNode } from './duck-node.ts'

test('an answer is copied exactly in each format', async () => {
  const connection = await (await openDuckNode()).connect()
  const sql = `SELECT * FROM (VALUES (9007199254740993::BIGINT, 'a|b''', 1.5::DOUBLE, true), (1, '=x', 'nan'::DOUBLE, NULL)) t(n, "a b", d, f)`
  const result = readResult([await connection.run(sql)], false)
  expect(copyText(result, 'csv', 9)).toBe("n,a b,d,f\r\n9007199254740993,a|b',1.5,true\r\n1,'=x,NaN,")
  expect(JSON.parse(copyText(result, 'json', 9))).toEqual([
    { n: '9007199254740993', 'a b': "a|b'", d: 1.5, f: true },
    { n: 1, 'a b': '=x', d: 'NaN', f: null },
  ])
  expect(copyText(result, 'markdown', 1)).toBe(
    "| n | a b | d | f |\n| ---: | --- | ---: | --- |\n| 9007199254740993 | a\\|b' | 1.5 | true |",
  )
  expect(copyText(result, 'insert', 9)).toBe(
    `INSERT INTO answer ("n", "a b", "d", "f") VALUES\n  (9007199254740993, 'a|b''', 1.5, true),\n  (1, '=x', 'NaN', NULL);`,
  )
})

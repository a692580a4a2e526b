import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { conditions } from '../../../src/renderer/query/conditions.ts'
import { tokenize } from '../../../src/renderer/query/lexer.ts'
import { openTestLake, type TestLake } from './lake-node.ts'
import { dailyRows, rawRows } from './sample.ts'

const found = (sql: string) =>
  conditions(tokenize(sql)).map(
    (one) => `${one.clause}${one.join ? ` ${one.join}` : ''}: ${sql.slice(one.start, one.end)}`,
  )

describe('conditions of a text', () => {
  test.each<[string, string[]]>([
    ['SELECT 1', []],
    [
      'FROM t WHERE a = 1 AND (b = 2 OR c BETWEEN 1 AND 2) AND d BETWEEN 3 AND 4 ORDER BY e',
      ['WHERE: a = 1', 'WHERE: (b = 2 OR c BETWEEN 1 AND 2)', 'WHERE: d BETWEEN 3 AND 4'],
    ],
    [
      'FROM t WHERE ((a AND b)) GROUP BY c HAVING count(*) > 1 AND sum(x) > 2 QUALIFY r = 1',
      ['WHERE: a', 'WHERE: b', 'HAVING: count(*) > 1', 'HAVING: sum(x) > 2', 'QUALIFY: r = 1'],
    ],
    [
      "FROM t LEFT JOIN u ON t.a = u.a AND left(u.b, 1) = 'x' JOIN v ON v.c = 1 WHERE x",
      ['ON left: t.a = u.a', "ON left: left(u.b, 1) = 'x'", 'ON inner: v.c = 1', 'WHERE: x'],
    ],
    [
      'SELECT (SELECT 1 FROM u WHERE u.a = t.a AND u.b) FROM t WHERE t.c IN (SELECT c FROM v WHERE v.d = 2)',
      ['WHERE: u.a = t.a', 'WHERE: u.b', 'WHERE: t.c IN (SELECT c FROM v WHERE v.d = 2)', 'WHERE: v.d = 2'],
    ],
    [
      'SELECT DISTINCT ON (a) count(*) FILTER (WHERE b > 1) FROM t WHERE CASE WHEN a AND b THEN c END',
      ['FILTER: b > 1', 'WHERE: CASE WHEN a AND b THEN c END'],
    ],
    [
      'FROM t WHERE a IS DISTINCT FROM 1 AND b UNION SELECT 1 WHERE c',
      ['WHERE: a IS DISTINCT FROM 1', 'WHERE: b', 'WHERE: c'],
    ],
  ])('%s', (sql, expected) => {
    expect(found(sql)).toEqual(expected)
  })
})

describe('an explanation', () => {
  let lake: TestLake
  beforeAll(async () => {
    lake = await openTestLake()
    await lake.append('raw', rawRows(3, 4))
    await lake.append('daily', dailyRows(3, 3))
  }, 60_000)
  afterAll(() => lake.close())

  const explain = (sql: string, options = {}) => lake.engine.session('explain').explain(sql, options)
  const verdicts = async (sql: string) => {
    const { conditions: reports } = await explain(sql)
    for (const { range, text } of reports) expect(sql.slice(...range)).toBe(text)
    return reports.map(({ pushed, to, reason }) => [
      pushed,
      to.map(({ predicate }) => predicate).join('; '),
      reason?.code ?? '',
    ])
  }

  test.each<[string, string[][]]>([
    [
      "SELECT value FROM health_data_raw WHERE data_type = 'steps' AND start_date >= '2024-10-05'",
      [
        ['whole', "data_type = 'steps'", ''],
        ['whole', "start_date >= TIMESTAMP '2024-10-05 00:00:00'", ''],
      ],
    ],
    [
      "SELECT value FROM health_data_raw WHERE start_date BETWEEN DATE '2024-10-04' AND DATE '2024-10-05' AND user_id IN ('a', 'b')",
      [
        [
          'whole',
          "start_date >= TIMESTAMP '2024-10-04 00:00:00' AND start_date <= TIMESTAMP '2024-10-05 00:00:00'",
          '',
        ],
        ['whole', "user_id IN ('a', 'b')", ''],
      ],
    ],
    ["SELECT value FROM health_data_raw WHERE lower(user_id) = 'a'", [['no', '', 'function']]],
    ['SELECT value FROM health_data_raw WHERE CAST(user_id AS INTEGER) = 1', [['no', '', 'cast']]],
    ["SELECT value FROM health_data_raw WHERE metadata['device'] = 'Watch1'", [['no', '', 'nested']]],
    ['SELECT value FROM health_data_raw WHERE value * 2 > 10', [['no', '', 'calculation']]],
    ["SELECT value FROM health_data_raw WHERE user_id LIKE '%1'", [['no', '', 'pattern']]],
    [
      "SELECT value FROM health_data_raw WHERE user_id LIKE 'user-0%'",
      [['whole', "user_id >= 'user-0' AND user_id < 'user-1'", '']],
    ],
    ["SELECT value FROM health_data_raw WHERE user_id NOT IN ('a', 'b', 'c')", [['no', '', 'not-in']]],
    ["SELECT value FROM health_data_raw WHERE user_id = 'a' OR lower(unit) = 'bpm'", [['no', '', 'or-part']]],
    ["SELECT value FROM health_data_raw WHERE user_id = 'a' OR unit = 'bpm'", [['no', '', 'or-columns']]],
    ['SELECT value FROM health_data_raw WHERE random() < 0.5', [['no', '', 'no-column']]],
    [
      'SELECT value FROM health_data_raw WHERE value > (SELECT avg(value) FROM health_data_raw)',
      [['no', '', 'subquery']],
    ],
    [
      'SELECT user_id, count(*) FROM health_data_raw GROUP BY 1 HAVING count(*) > 3',
      [['no', '', 'aggregate']],
    ],
    [
      'SELECT user_id FROM health_data_raw QUALIFY row_number() OVER (ORDER BY value) = 1',
      [['no', '', 'window']],
    ],
    [
      "SELECT count(*) FILTER (WHERE user_id = 'a'), sum(value) FROM health_data_raw",
      [['no', '', 'filter-clause']],
    ],
    [
      "SELECT r.value FROM health_data_raw r JOIN health_data_daily_agg d ON r.user_id = d.user_id WHERE r.unit = 'bpm' AND (r.data_type = 'steps' OR d.data_type = 'steps')",
      [
        ['no', '', 'two-tables'],
        ['whole', "unit = 'bpm'", ''],
        ['no', '', 'or-tables'],
      ],
    ],
    [
      "SELECT r.value FROM health_data_raw r LEFT JOIN health_data_daily_agg d ON r.user_id = d.user_id AND r.unit = 'bpm' AND d.data_type = 'steps'",
      [
        ['no', '', 'two-tables'],
        ['no', '', 'outer-join'],
        ['whole', "data_type = 'steps'", ''],
      ],
    ],
    [
      "SELECT a.value FROM health_data_raw a JOIN health_data_raw b USING (sample_id) WHERE a.unit = 'bpm'",
      [['no', '', 'other-scan']],
    ],
    [
      "PIVOT (SELECT * FROM health_data_daily_agg WHERE user_id = 'a') ON data_type USING sum(count)",
      [['no', '', 'opaque']],
    ],
  ])('%s', async (sql, expected) => {
    expect(await verdicts(sql)).toEqual(expected)
  })

  test('tells tables, operators and costs, and reads no data', async () => {
    lake.storage.reset()
    const sql =
      "/* x */ SELECT user_id, max(value) FROM health_data_raw WHERE data_type = $type AND lower(unit) = 'bpm' GROUP BY 1"
    const explanation = await explain(sql, { parameters: { type: 'heartRate' } })
    expect(lake.storage.requests.filter(({ location }) => location.includes('/data/'))).toEqual([])
    expect(explanation.tables).toMatchObject([
      {
        name: 'health_data_raw',
        files: 3,
        totals: { files: 9 },
        predicate: "data_type = 'heartRate'",
        columns: ['user_id', 'data_type', 'value', 'unit'],
      },
    ])
    expect(explanation.conditions.map(({ range }) => sql.slice(...range))).toEqual([
      'data_type = $type',
      "lower(unit) = 'bpm'",
    ])
    expect(explanation.conditions[1]?.reason?.words).toBe(
      'It calls lower on unit, and bounds tell nothing of what a function gives.',
    )
    expect(explanation.text).toContain('SEQ_SCAN')
    expect(explanation.text).toContain('Table: health_data_raw')
    expect(explanation.text).not.toMatch(/\bc\d+\b.*=/)
    expect(explanation.operators[0]?.children.length).toBeGreaterThan(0)
  })

  test('of a wrong statement says where', async () => {
    await expect(explain('SELECT nope FROM health_data_raw')).rejects.toMatchObject({ range: [7, 11] })
  })
})

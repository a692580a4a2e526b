/**
 * Statements over `rawRows(10, 7)`, `rawRows(4, 5, -3)` and `dailyRows(8, 9)` with the files that pruning leaves to be read.
 */

/** [statement, files read of raw, files read of daily]; null where the table is not read. */
export const QUERIES: readonly (readonly [sql: string, raw: number | null, daily: number | null])[] = [
  ['SELECT count(*) FROM health_data_raw', 0, null],
  ['SELECT * FROM health_data_raw', 42, null],
  ["SELECT sample_id, value FROM health_data_raw WHERE data_type = 'steps'", 14, null],
  [
    "SELECT count(*) FROM health_data_raw WHERE data_type = 'steps' AND start_date >= TIMESTAMP '2024-10-10'",
    4,
    null,
  ],
  ["SELECT count(*) FROM health_data_raw WHERE start_date < DATE '1970-01-01'", 9, null],
  ["SELECT sample_id FROM health_data_raw WHERE start_date::DATE = DATE '1969-12-30'", 3, null],
  [
    "SELECT sample_id FROM health_data_raw WHERE date_trunc('day', start_date) = TIMESTAMP '1969-12-30'",
    42,
    null,
  ],
  ["SELECT count(*) FROM health_data_raw WHERE data_type IN ('steps', 'none')", 14, null],
  ["SELECT count(*) FROM health_data_raw WHERE data_type LIKE 'rest%'", 14, null],
  ["SELECT count(*) FROM health_data_raw WHERE data_type <> 'steps'", 28, null],
  ["SELECT count(*) FROM health_data_raw WHERE NOT (data_type = 'steps')", 28, null],
  ["SELECT count(*) FROM health_data_raw WHERE data_type = 'it''s'", 0, null],
  ['SELECT count(*), min(value), max(value) FROM health_data_raw WHERE value > 1000', null, null],
  ['SELECT sample_id, value FROM health_data_raw WHERE value > 250', null, null],
  ["SELECT count(*) FROM health_data_raw WHERE value = 'nan'::DOUBLE", null, null],
  ['SELECT count(*) FROM health_data_raw WHERE value < -1 OR value IS NULL', 0, null],
  ['SELECT count(source_bundle), count(metadata) FROM health_data_raw', 42, null],
  [
    "SELECT sample_id FROM health_data_raw WHERE metadata['device'] = 'Watch1' AND data_type = 'steps'",
    14,
    null,
  ],
  ["SELECT sample_id FROM health_data_raw WHERE contains(user_id, '3') AND length(device_id) > 3", 42, null],
  ['SELECT is_synced, count(*) FROM health_data_raw WHERE is_synced GROUP BY 1', 42, null],
  ['SELECT is_synced, count(*) FROM health_data_raw WHERE NOT is_synced GROUP BY 1', 42, null],
  [
    "SELECT a.sample_id, b.value FROM health_data_raw a JOIN health_data_raw b ON a.sample_id = b.sample_id WHERE a.data_type = 'steps' AND b.value > 3",
    42,
    null,
  ],
  [
    "SELECT a.sample_id, b.sample_id FROM health_data_raw a, health_data_raw b WHERE a.data_type = 'steps' AND b.data_type = 'heartRate' AND a.start_date = b.start_date",
    28,
    null,
  ],
  [
    "SELECT user_id AS data_type, data_type AS user_id FROM health_data_raw WHERE data_type = 'steps'",
    14,
    null,
  ],
  [
    "SELECT * FROM (SELECT user_id AS data_type, data_type AS kind FROM health_data_raw) WHERE data_type = 'user-03' OR kind = 'steps'",
    42,
    null,
  ],
  [
    "SELECT count(*) FROM (SELECT user_id AS data_type, value AS v FROM health_data_raw) WHERE data_type = 'user-03' AND v IS NOT NULL",
    42,
    null,
  ],
  [
    "WITH t AS (SELECT user_id, value FROM health_data_raw WHERE data_type = 'steps') SELECT user_id, sum(value) FROM t WHERE isfinite(value) GROUP BY 1",
    14,
    null,
  ],
  [
    "WITH t AS MATERIALIZED (SELECT * FROM health_data_raw WHERE data_type = 'steps') SELECT x.sample_id FROM t x JOIN t y USING (sample_id) WHERE x.user_id = 'user-02'",
    14,
    null,
  ],
  [
    "SELECT user_id, sample_id, row_number() OVER (PARTITION BY user_id ORDER BY start_date, sample_id) AS r FROM health_data_raw WHERE data_type = 'steps' QUALIFY r = 1",
    14,
    null,
  ],
  [
    'SELECT sample_id, lag(value) OVER (PARTITION BY data_type ORDER BY start_date, sample_id) FROM health_data_raw',
    42,
    null,
  ],
  [
    'SELECT data_type, user_id, count(*) FROM health_data_raw GROUP BY GROUPING SETS ((data_type), (user_id), ())',
    42,
    null,
  ],
  ['SELECT data_type, count(*) FROM health_data_raw GROUP BY ROLLUP (data_type)', 42, null],
  [
    "SELECT sample_id FROM health_data_raw WHERE data_type = 'steps' UNION ALL SELECT sample_id FROM health_data_raw WHERE start_date < TIMESTAMP '1970-01-01'",
    20,
    null,
  ],
  [
    "SELECT sample_id FROM health_data_raw EXCEPT SELECT sample_id FROM health_data_raw WHERE data_type = 'steps'",
    42,
    null,
  ],
  ['SELECT max(start_date), min(start_date) FROM health_data_raw', 42, null],
  [
    'SELECT sample_id FROM health_data_raw WHERE value = (SELECT max(value) FROM health_data_raw WHERE isfinite(value))',
    42,
    null,
  ],
  [
    "SELECT sample_id FROM health_data_raw WHERE user_id IN (SELECT user_id FROM health_data_daily_agg WHERE user_id = 'user-02')",
    null,
    9,
  ],
  ['SELECT DISTINCT user_id FROM health_data_raw', 42, null],
  [
    'SELECT user_id, (SELECT count(*) FROM health_data_daily_agg d WHERE d.user_id = r.user_id) FROM health_data_raw r',
    42,
    72,
  ],
  [
    "SELECT r.data_type, d.sum_value FROM health_data_raw r JOIN health_data_daily_agg d ON d.user_id = r.user_id AND d.data_type = r.data_type AND d.aggregation_date = strftime(r.start_date, '%Y-%m-%d') WHERE r.data_type = 'steps'",
    14,
    24,
  ],
  ['SELECT * FROM health_data_daily_agg', null, 72],
  ["SELECT * FROM health_data_daily_agg WHERE user_id = 'user-03'", null, 9],
  [
    "SELECT * FROM health_data_daily_agg WHERE user_id BETWEEN 'user-03' AND 'user-04' AND aggregation_date >= '2024-10-10'",
    null,
    6,
  ],
  ['SELECT sum(count), max(count) FROM health_data_daily_agg', null, 72],
  ['SELECT user_id FROM health_data_daily_agg WHERE count = 9007199254740993', null, 1],
  ['SELECT user_id FROM health_data_daily_agg WHERE record_count > 70', null, 1],
  ['SELECT user_id, first_value FROM health_data_daily_agg WHERE first_value IS NULL', null, 36],
  ['SELECT user_id, avg_value FROM health_data_daily_agg WHERE avg_value BETWEEN 10.5 AND 12', null, 2],
  [
    "SELECT r.user_id FROM health_data_raw r LEFT JOIN health_data_daily_agg d ON d.user_id = r.user_id AND d.user_id = 'user-01' WHERE r.data_type = 'steps'",
    14,
    9,
  ],
  [
    'SELECT d.user_id, r.sample_id FROM health_data_daily_agg d FULL OUTER JOIN health_data_raw r ON r.user_id = d.user_id AND d.record_count < 3',
    42,
    72,
  ],
  [
    'SELECT d.user_id FROM health_data_daily_agg d ANTI JOIN health_data_raw r ON r.user_id = d.user_id',
    42,
    72,
  ],
  ['PIVOT health_data_daily_agg ON data_type USING sum(count) GROUP BY user_id', null, 72],
  ["SELECT r.sample_id FROM health_db.health_data_raw r WHERE data_type = 'steps'", 14, null],
  [
    "FROM health_data_raw SELECT sample_id WHERE data_type = 'steps' ORDER BY value DESC, sample_id LIMIT 5",
    14,
    null,
  ],
  ['SELECT sample_id FROM health_data_raw ORDER BY start_date DESC, sample_id LIMIT 3', 42, null],
  ['SELECT sample_id FROM health_data_raw WHERE 1 = 0', null, null],
  [
    "SELECT sample_id FROM health_data_raw WHERE start_date > TIMESTAMP '2024-10-09' AND start_date < TIMESTAMP '2024-01-01'",
    null,
    null,
  ],
  ['SELECT sample_id FROM health_data_raw WHERE source_bundle IS NOT DISTINCT FROM NULL', null, null],
  ["SELECT sample_id FROM health_data_raw WHERE user_id = 'a' || chr(0) OR user_id = 'user-01'", 42, null],
  ["SELECT value FROM health_data_raw WHERE user_id <> 'a' || chr(0) AND device_id = 'device-1'", 42, null],
  [
    "SELECT value FROM health_data_raw WHERE user_id <> chr(10) || 'x' AND device_id = 'device-1' AND data_type = 'steps'",
    14,
    null,
  ],
  [
    'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT i, count(*) FROM n, health_data_daily_agg GROUP BY i',
    null,
    0,
  ],
  [
    "SELECT list(sample_id ORDER BY sample_id) FROM health_data_raw WHERE data_type = 'steps' GROUP BY user_id",
    14,
    null,
  ],
  [
    'SELECT sample_id, metadata, created_at FROM health_data_raw WHERE map_keys(metadata) IS NOT NULL',
    42,
    null,
  ],
  [
    "SELECT r.sample_id FROM health_data_raw r ASOF JOIN health_data_daily_agg d ON r.user_id = d.user_id AND r.start_date >= d.window_start WHERE d.user_id = 'user-02'",
    42,
    72,
  ],
]

/**
 * Statements over these and `weeklyRows(3, 5)`, `monthlyRows(3, 4)` and `errorRows(4)`, with the files to be read by
 * table.
 */
export const MORE_QUERIES: readonly (readonly [sql: string, files: Readonly<Record<string, number>>])[] = [
  ['SELECT * FROM health_data_weekly_agg', { weekly: 15 }],
  [
    'SELECT user_id, sum(record_count), max(updated_at) FROM health_data_weekly_agg WHERE year = 2024 AND week_of_year BETWEEN 2 AND 3 GROUP BY user_id',
    { weekly: 6 },
  ],
  ["SELECT * FROM health_data_weekly_agg WHERE user_id = 'user-01'", { weekly: 5 }],
  ["SELECT week_start_date FROM health_data_weekly_agg WHERE week_start_date >= '2024-01-22'", { weekly: 6 }],
  [
    'SELECT user_id FROM health_data_weekly_agg WHERE daily_avg_of_avg IS NULL AND week_of_year < 3',
    { weekly: 3 },
  ],
  ['SELECT * FROM health_data_monthly_agg', { monthly: 12 }],
  [
    'SELECT month, avg(avg_value), count(*) FROM health_data_monthly_agg WHERE month >= 3 GROUP BY month',
    { monthly: 6 },
  ],
  [
    'SELECT user_id, month_start_date, window_start FROM health_data_monthly_agg WHERE year < 1970',
    { monthly: 6 },
  ],
  [
    "SELECT m.user_id, m.month, w.week_of_year, w.avg_value - m.avg_value AS d FROM health_data_monthly_agg m JOIN health_data_weekly_agg w USING (user_id, data_type) WHERE m.year = 1969 AND w.user_id <> 'user-02'",
    { monthly: 4, weekly: 10 },
  ],
  [
    'SELECT user_id, data_type FROM health_data_weekly_agg INTERSECT SELECT user_id, data_type FROM health_data_monthly_agg',
    { weekly: 15, monthly: 12 },
  ],
  [
    'SELECT year, month, sum(sum_value) FROM health_data_monthly_agg GROUP BY CUBE (year, month)',
    { monthly: 12 },
  ],
  [
    "SELECT 'raw' AS t, count(*) AS n FROM health_data_raw UNION ALL SELECT 'errors', count(*) FROM health_data_errors UNION ALL SELECT 'daily', count(*) FROM health_data_daily_agg UNION ALL SELECT 'weekly', count(*) FROM health_data_weekly_agg UNION ALL SELECT 'monthly', count(*) FROM health_data_monthly_agg",
    { raw: 0, errors: 0, daily: 0, weekly: 0, monthly: 0 },
  ],
  ['SELECT * FROM health_data_errors', { errors: 8 }],
  [
    'SELECT error_type, count(*), count(raw_payload) FROM health_data_errors GROUP BY error_type',
    { errors: 8 },
  ],
  [
    "SELECT kafka_partition, max(kafka_offset) FROM health_data_errors WHERE error_type = 'DECODE' GROUP BY 1",
    { errors: 4 },
  ],
  [
    "SELECT error_id, error_timestamp, length(raw_payload), upper(error_message) FROM health_data_errors WHERE error_timestamp < TIMESTAMP '1970-01-01'",
    { errors: 4 },
  ],
  ['SELECT error_id FROM health_data_errors WHERE raw_payload IS NULL', { errors: 4 }],
  ['SELECT error_id FROM health_data_errors WHERE kafka_offset = 9007199254740994', { errors: 1 }],
  [
    "SELECT replace(error_message, '\"', ''), split_part(error_id, '-', 2)::INTEGER * 2, reverse(error_type), regexp_extract(raw_payload, '[0-9]+') FROM health_data_errors WHERE error_message LIKE '%value%'",
    { errors: 8 },
  ],
  [
    'SELECT e.error_id, r.value FROM health_data_errors e LEFT JOIN health_data_raw r ON r.sample_id = e.sample_id WHERE e.kafka_partition = 1',
    { errors: 8, raw: 42 },
  ],
  [
    'SELECT user_id, error_timestamp, first_value(error_id) OVER (PARTITION BY user_id ORDER BY error_timestamp, error_id) AS f, ntile(3) OVER (ORDER BY error_id) AS q FROM health_data_errors',
    { errors: 8 },
  ],
  [
    "SELECT sample_id, metadata['device'], cardinality(metadata) FROM health_data_raw WHERE metadata['it''s'] IS NULL",
    { raw: 42 },
  ],
]

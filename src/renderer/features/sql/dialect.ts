import { SQLDialect } from '@codemirror/lang-sql'

const WORDS =
  'all and any anti as asc asof between by case cast columns create cross cte cube current_date current_timestamp ' +
  'delete desc describe distinct drop else end escape except exclude exists explain analyze extract filter first following ' +
  'from full glob group grouping having ilike in inner insert intersect interval into is join last lateral left like ' +
  'limit macro materialized natural not null nulls offset on or order outer over partition pivot positional preceding ' +
  'qualify range recursive rename replace right rollup rows sample select semi sets set show summarize table ' +
  'tablesample temp then true false unbounded union unpivot update using values view when where window with within'
const TYPES =
  'bigint blob boolean date decimal double float hugeint integer interval map real smallint struct text time timestamp ' +
  'tinyint ubigint uhugeint uinteger uuid varchar'
const FUNCTIONS =
  'abs any_value approx_count_distinct approx_quantile arg_max arg_min array_agg avg cardinality ceil coalesce concat ' +
  'contains corr count cume_dist date_diff date_part date_trunc dayofweek dayname dense_rank element_at ends_with epoch ' +
  'epoch_ms first_value floor format generate_series greatest histogram ifnull isfinite isnan lag last_value lead least ' +
  'length list list_aggregate list_contains ln log lower lpad make_date make_timestamp map_contains map_entries ' +
  'map_extract map_keys map_values max median min mode monthname nth_value ntile nullif percent_rank quantile_cont ' +
  'quantile_disc rank regexp_extract regexp_matches regexp_replace replace round row_number rpad split_part sqrt ' +
  'starts_with stddev_pop stddev_samp strftime string_agg strip_accents strlen strptime substring sum time_bucket trim ' +
  'try_cast unnest upper var_pop var_samp week year month day hour minute second'

/** Words that are no names, in lower case. */
export const KEYWORDS: ReadonlySet<string> = new Set(WORDS.split(' '))
/** Functions that are offered before the engine has told all of its own. */
export const USUAL_FUNCTIONS: readonly string[] = FUNCTIONS.split(' ')

/** DuckDB's words for colouring and completion, as far as an analyst of a lake meets them. */
export const DuckSql = SQLDialect.define({
  keywords: WORDS,
  types: TYPES,
  builtin: FUNCTIONS,
  operatorChars: '+-*/<>=~!@#%^&|?:',
  doubleDollarQuotedStrings: true,
  charSetCasts: false,
  slashComments: false,
})

import { createHash } from 'node:crypto'

/** Why letters were rejected, with what differs from letter to letter taken out. */
export interface Reason {
  /** Short hash of error type, path and rule: names the group in addresses. */
  readonly key: string
  readonly errorType: string
  /** `$.samples[*].value` */
  readonly path: string
  readonly rule: string
  /** `bodyTemperature outside 30 to 45` */
  readonly title: string
}

/** An `error_message` taken apart: `PATH: FOUND: RULE`. */
export interface MessageParts {
  readonly path: string
  readonly found: string
  readonly rule: string
}

const PATH = /^\$(?:\.[A-Za-z_]\w*|\[\d+\]|\["(?:[^"\\]|\\.)*"\])*/
/** Rules that end in words of their own: what comes before their beginning is the value, whatever it holds. */
const OPEN_RULES = [
  ': not valid JSON: ',
  ': not valid Avro: ',
  ': Tarn failed on this sample: ',
  ': the message does not fit a string: ',
]

export function messageParts(message: string): MessageParts {
  const path = PATH.exec(message)?.[0] ?? '$'
  const rest = message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message
  for (const start of OPEN_RULES) {
    const at = rest.indexOf(start)
    if (at >= 0) return { path, found: rest.slice(0, at), rule: rest.slice(at + 2) }
  }
  const at = rest.lastIndexOf(': ')
  return at < 0
    ? { path, found: '', rule: rest }
    : { path, found: rest.slice(0, at), rule: rest.slice(at + 2) }
}

/** Groups by what the rule says, not by the values that broke it. Keeps what it has seen: rules are few. */
export function createReasons(): (errorType: string, message: string) => Reason {
  const known = new Map<string, Reason>()
  return (errorType, message) => {
    const parts = messageParts(message)
    const path = parts.path.replace(/\[\d+\]|\["(?:[^"\\]|\\.)*"\]/g, '[*]')
    const { rule, title } = ruleOf(path, parts)
    const id = `${errorType}|${path}|${rule}|${title}`
    const reason = known.get(id) ?? {
      key: createHash('sha256').update(id).digest('hex').slice(0, 12),
      errorType,
      path,
      rule,
      title,
    }
    known.set(id, reason)
    return reason
  }
}

type Name = (match: RegExpExecArray, field: string) => string
const RULES: readonly (readonly [RegExp, Name])[] = [
  [/^must be from (\S+) to (\S+) for (.+)$/s, (m) => `${m[3]} outside ${m[1]} to ${m[2]}`],
  [/^must be 0 or more$/, (_, field) => `${field} below 0`],
  [/^must be a finite number$/, (_, field) => `${field} is not finite`],
  [/^must not be after endDate/, () => 'startDate after endDate'],
  [/^must not be blank$/, (_, field) => `${field} is blank`],
  [/^is not a known data type/, () => 'data type is not known'],
  [/^(.+) is measured in (.+) \(validation\.strict\)$/s, (m) => `${m[1]} not in ${m[2]}`],
  [/^a string is required$/, (_, field) => `${field} is not a string`],
  [/^a string or null is required$/, (_, field) => `${field} is not a string`],
  [/^a number is required$/, (_, field) => `${field} is not a number`],
  [/^true or false is required$/, (_, field) => `${field} is not true or false`],
  [/^a whole number of minutes/, (_, field) => `${field} is no whole number`],
  [/^a map of strings or null/, (_, field) => `${field} is not a map`],
  [/^an array of samples/, () => 'samples is no array'],
  [/^an object is required$/, () => 'a sample is no object'],
  [/^the text holds a lone surrogate/, (_, field) => `${field} holds a lone surrogate`],
  [/^the message has no value/, () => 'message without a value'],
  [/^the message has no bytes/, () => 'empty message'],
  [/^a message may have/, () => 'message too large'],
  [/^JSON must be valid UTF-8/, () => 'not UTF-8'],
  [/^not valid JSON/, () => 'not valid JSON'],
  [/^a payload must be/, () => 'payload is no object'],
  [/^the first byte 0x00 means Avro/, () => 'Avro message, no registry set'],
  [/^not valid Avro/, () => 'not valid Avro'],
  [/^Tarn failed on this sample/, () => 'Tarn failed on it'],
]
const ZONELESS = /^"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?"$/

function ruleOf(path: string, { found, rule }: MessageParts): { rule: string; title: string } {
  const field = path.replace(/^\$\.?/, '').replace(/^samples\[\*\]\.?/, '') || 'payload'
  if (found === 'missing') return { rule: `${rule}: it is missing`, title: `${field} is missing` }
  if (rule.startsWith('an ISO 8601 timestamp')) {
    return ZONELESS.test(found)
      ? { rule: 'a zone is required', title: `${field} has no zone` }
      : {
          rule: 'an ISO 8601 timestamp with seconds and a zone is required',
          title: `${field} is no timestamp`,
        }
  }
  if (rule.startsWith('not valid JSON: ') && endsEarly(found, rule))
    return { rule: 'not valid JSON', title: 'JSON ends too early' }
  for (const [pattern, name] of RULES) {
    const match = pattern.exec(rule)
    if (match === null) continue
    // What a rule ends in of its own (an instant, a parser's words) is not part of the reason.
    const stable = rule
      .replace(/ \([^)]*\d[^)]*\)$/, '')
      .replace(/^(not valid (?:JSON|Avro)|Tarn failed on this sample): .*$/s, '$1')
    return { rule: stable, title: name(match, field) }
  }
  // Another writer's words: numbers and quoted parts are taken for what differs from letter to letter.
  const words = rule.replace(/"[^"]*"|'[^']*'/g, '"..."').replace(/\d+(\.\d+)?/g, 'N')
  return { rule: words.slice(0, 200), title: words === '' ? 'no reason given' : words.slice(0, 80) }
}

/** Messages show at most this much of a value. */
const SHOWN = 200

/** The parser stopped at the end of the text, as far as the message shows all of it. */
function endsEarly(found: string, rule: string): boolean {
  if (/Unexpected end|Unterminated/.test(rule)) return true
  const position = / at position (\d+)/.exec(rule)?.[1]
  return position !== undefined && found.length < SHOWN && Number(position) >= found.length
}

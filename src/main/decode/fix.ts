import { createHash } from 'node:crypto'
import { LakeError } from '../../shared/errors.ts'
import type { Fix } from '../../shared/letters.ts'
import { compileFormula } from './fix-formula.ts'
import { isFields, mergePatch, printJson, withFields } from './fix-json.ts'
import type { Validation } from './validate.ts'

/**
 * Fixes change payloads and never judge them: what a fixed payload is worth is for the decoder to say, the same one
 * that loads use.
 */
export interface Fixer {
  /** Hex; the same for the same fix, however its keys are ordered. */
  readonly id: string
  /** The payload as changed. Null where it cannot be: no JSON object, or deeper than can be walked. */
  apply(letter: string, payload: string): string | null
  /** The rules that the fixed letters are held to. */
  readonly validation: (rules: Validation) => Validation
}

/** Throws INVALID where the fix itself makes no sense. */
export function createFixer(fix: Fix): Fixer {
  const change = changeOf(fix)
  return {
    id: fixId(fix),
    apply(letter, payload) {
      if (fix.kind === 'none' || fix.kind === 'range') return payload
      if (fix.kind === 'edit') return fix.letter === letter ? fix.payload : payload
      try {
        const parsed: unknown = JSON.parse(payload.charCodeAt(0) === 0xfeff ? payload.slice(1) : payload)
        return isFields(parsed) ? printJson(change(parsed)) : null
      } catch {
        return null
      }
    },
    validation: (rules) =>
      fix.kind === 'range'
        ? { ...rules, ranges: { ...rules.ranges, [fix.type]: [fix.min, fix.max] } }
        : rules,
  }
}

export function fixId(fix: Fix): string {
  return createHash('sha256').update(canonical(fix)).digest('hex').slice(0, 16)
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (!isFields(value)) return printJson(value)
  const keys = Object.keys(value).sort()
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`
}

type Fields = Readonly<Record<string, unknown>>
type Change = (payload: Fields) => unknown

function changeOf(fix: Fix): Change {
  switch (fix.kind) {
    case 'none':
    case 'edit':
      return (payload) => payload
    case 'range':
      if (fix.min <= fix.max) return (payload) => payload
      throw new LakeError('INVALID', `the range from ${fix.min} to ${fix.max} holds no number`)
    case 'merge':
      return fix.target === 'envelope'
        ? (payload) => mergePatch(payload, fix.patch)
        : eachSample((sample) => mergePatch(sample, fix.patch))
    case 'convert': {
      const formula = compileFormula(fix.formula)
      return eachSample((sample) =>
        isFields(sample) &&
        sample.unit === fix.from &&
        (fix.type === null || sample.type === fix.type) &&
        typeof sample.value === 'number'
          ? withFields(
              sample,
              new Map<string, unknown>([
                ['value', formula(sample.value)],
                ['unit', fix.to],
              ]),
            )
          : sample,
      )
    }
    case 'rename':
      return eachSample((sample) =>
        isFields(sample) && sample.type === fix.from
          ? withFields(sample, new Map([['type', fix.to]]))
          : sample,
      )
    case 'zone': {
      if (!/^(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/.test(fix.offset))
        throw new LakeError('INVALID', `${JSON.stringify(fix.offset)} is no zone`, {
          remedy: 'Give Z, or an offset such as +02:00.',
        })
      const samples = eachSample((sample) =>
        isFields(sample) ? zoned(sample, ['startDate', 'endDate', 'createdAt'], fix.offset) : sample,
      )
      return (payload) => samples(zoned(payload, ['timestamp'], fix.offset))
    }
    case 'default': {
      const fill = (fields: unknown): unknown =>
        isFields(fields) && ((Object.hasOwn(fields, fix.field) ? fields[fix.field] : null) ?? null) === null
          ? withFields(fields, new Map([[fix.field, fix.value]]))
          : fields
      if (fix.field === '') throw new LakeError('INVALID', 'the field to fill has no name')
      return fix.target === 'envelope' ? fill : eachSample(fill)
    }
  }
}

function eachSample(change: (sample: unknown) => unknown): (payload: Fields) => Fields {
  return (payload) =>
    Array.isArray(payload.samples)
      ? withFields(payload, new Map([['samples', payload.samples.map(change)]]))
      : payload
}

const ZONELESS = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?$/

function zoned(fields: Fields, names: readonly string[], offset: string): Fields {
  const changes = names.flatMap((name): [string, unknown][] => {
    const text = fields[name]
    return typeof text === 'string' && ZONELESS.test(text) ? [[name, text + offset]] : []
  })
  return changes.length === 0 ? fields : withFields(fields, new Map(changes))
}

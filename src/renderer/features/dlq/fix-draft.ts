import type { Fix, Json } from '../../../shared/letters.ts'

/** What the three ways to write a fix hold while one is being written. All text: main says what is wrong with it. */
export interface Draft {
  readonly way: 'rule' | 'merge' | 'edit'
  readonly rule: 'none' | 'convert' | 'rename' | 'zone' | 'range' | 'default'
  readonly target: 'envelope' | 'sample'
  readonly type: string
  readonly from: string
  readonly to: string
  readonly formula: string
  readonly offset: string
  readonly min: string
  readonly max: string
  readonly field: string
  readonly value: string
  readonly patch: string
  /** The payload of the letter that is edited; null until it is begun. */
  readonly edit: { readonly letter: string; readonly payload: string } | null
}

export const EMPTY: Draft = {
  way: 'rule',
  rule: 'none',
  target: 'sample',
  type: '',
  from: '',
  to: '',
  formula: 'value * 1',
  offset: 'Z',
  min: '',
  max: '',
  field: '',
  value: '""',
  patch: '{\n  \n}',
  edit: null,
}

/** The fix that a draft stands for, or why it stands for none yet. */
export function fixOf(draft: Draft): { readonly fix: Fix } | { readonly lacks: string } {
  if (draft.way === 'edit') {
    return draft.edit === null
      ? { lacks: 'Choose a letter to edit.' }
      : { fix: { kind: 'edit', ...draft.edit } }
  }
  if (draft.way === 'merge') {
    const patch = jsonOf(draft.patch)
    return patch === undefined
      ? { lacks: 'The patch is not JSON yet.' }
      : { fix: { kind: 'merge', target: draft.target, patch } }
  }
  switch (draft.rule) {
    case 'none':
      return { fix: { kind: 'none' } }
    case 'convert':
      if (draft.from === '' || draft.to === '') return { lacks: 'Name the unit sent and the unit wanted.' }
      return {
        fix: {
          kind: 'convert',
          type: draft.type === '' ? null : draft.type,
          from: draft.from,
          to: draft.to,
          formula: draft.formula,
        },
      }
    case 'rename':
      if (draft.from === '' || draft.to === '') return { lacks: 'Name the type sent and the type meant.' }
      return { fix: { kind: 'rename', from: draft.from, to: draft.to } }
    case 'zone':
      return { fix: { kind: 'zone', offset: draft.offset } }
    case 'range': {
      const [min, max] = [Number(draft.min), Number(draft.max)]
      const given = draft.min.trim() !== '' && draft.max.trim() !== ''
      if (!given || !Number.isFinite(min) || !Number.isFinite(max) || draft.type === '')
        return { lacks: 'Name the type, the least and the most.' }
      return { fix: { kind: 'range', type: draft.type, min, max } }
    }
    case 'default': {
      const value = jsonOf(draft.value)
      if (draft.field === '') return { lacks: 'Name the field.' }
      if (value === undefined) return { lacks: 'The value is not JSON yet: text goes in quotes.' }
      return { fix: { kind: 'default', target: draft.target, field: draft.field, value } }
    }
  }
}

/** The draft that writes `fix`. */
export function draftOf(fix: Fix): Draft {
  switch (fix.kind) {
    case 'none':
      return EMPTY
    case 'merge':
      return { ...EMPTY, way: 'merge', target: fix.target, patch: JSON.stringify(fix.patch, null, 2) }
    case 'edit':
      return { ...EMPTY, way: 'edit', edit: { letter: fix.letter, payload: fix.payload } }
    case 'convert':
      return {
        ...EMPTY,
        rule: 'convert',
        type: fix.type ?? '',
        from: fix.from,
        to: fix.to,
        formula: fix.formula,
      }
    case 'rename':
      return { ...EMPTY, rule: 'rename', from: fix.from, to: fix.to }
    case 'zone':
      return { ...EMPTY, rule: 'zone', offset: fix.offset }
    case 'range':
      return { ...EMPTY, rule: 'range', type: fix.type, min: String(fix.min), max: String(fix.max) }
    case 'default':
      return {
        ...EMPTY,
        rule: 'default',
        target: fix.target,
        field: fix.field,
        value: JSON.stringify(fix.value),
      }
  }
}

function jsonOf(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/** Whether two fixes, or two filters, are one: the order of keys means nothing, and a key without a value is none. */
export function sameFix(a: unknown, b: unknown): boolean {
  const canonical = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([p], [q]) => (p < q ? -1 : 1))
            .map(([key, item]) => [key, canonical(item)]),
        )
      : value
  return JSON.stringify(canonical(a)) === JSON.stringify(canonical(b))
}

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { LakeError } from '../../../shared/errors.ts'
import type { SettingView } from '../../../shared/model.ts'
import { SETTINGS } from '../../../shared/settings.ts'
import { type DraftView, STEPS, type StepId } from '../../../shared/setup.ts'
import { writePrivate } from '../../base/private-file.ts'
import { parseSetting } from '../settings/setting-values.ts'

/** What the wizard holds before it is saved. With its secrets, so it stays in main. */
export interface Draft {
  readonly changes: Readonly<Record<string, string | null>>
  readonly step: StepId
}

const shape = z.object({
  changes: z.record(z.string(), z.string().nullable()),
  step: z.enum(STEPS),
})
const BY_KEY = new Map(SETTINGS.map((one) => [one.key, one]))
const EMPTY: Draft = { changes: {}, step: 'connect' }

const fileOf = (home: string): string => join(home, 'setup.json')

/** The draft as last written; an unreadable one counts as none. */
export function readDraft(home: string): Draft {
  const file = fileOf(home)
  if (!existsSync(file)) return EMPTY
  try {
    const { changes, step } = shape.parse(JSON.parse(readFileSync(file, 'utf8')))
    return { step, changes: Object.fromEntries(Object.entries(changes).filter(([key]) => BY_KEY.has(key))) }
  } catch {
    return EMPTY
  }
}

/** Mode 600, whole or not at all. */
export function writeDraft(home: string, draft: Draft): void {
  writePrivate(fileOf(home), `${JSON.stringify(draft, null, 2)}\n`)
}

/**
 * The draft with `edits` over it. Each value is checked by itself only: while a form is being filled in, values may
 * not fit each other yet. SETTING for what does not parse, and for what a flag or the environment decides.
 */
export function withEdits(
  draft: Draft,
  edits: Readonly<Record<string, string | null>>,
  settings: readonly SettingView[],
): Draft {
  const changes = new Map(Object.entries(draft.changes))
  for (const [key, text] of Object.entries(edits)) {
    const one = BY_KEY.get(key)
    const view = settings.find((setting) => setting.key === key)
    if (!one || !view || key === 'home') {
      throw new LakeError('SETTING', `unknown setting ${key} in the request`, { context: { setting: key } })
    }
    if (view.fixed) {
      throw new LakeError('SETTING', `${one.env} is ruled by ${view.origin?.detail ?? 'the environment'}`, {
        context: { setting: one.env, key },
        remedy: 'Change it there, then start Tarn again.',
      })
    }
    const result = text === null ? null : parseSetting(one, text)
    if (result && 'problem' in result) {
      throw new LakeError('SETTING', `${one.key} (${one.env}) ${result.problem}`, {
        context: { setting: one.env, key },
        remedy: `${one.help}.`,
      })
    }
    // What is in force already is no change; but the catalog's type would follow its address.
    if (!one.secret && text === view.value && key !== 'catalog.type') changes.delete(key)
    else changes.set(key, text)
  }
  return { ...draft, changes: Object.fromEntries(changes) }
}

/** The changes that count: a flag or variable set since the draft was written rules over it. */
export function liveChanges(draft: Draft, settings: readonly SettingView[]): Record<string, string | null> {
  const fixed = new Set(settings.filter((one) => one.fixed).map((one) => one.key))
  return Object.fromEntries(Object.entries(draft.changes).filter(([key]) => !fixed.has(key)))
}

/** The draft without the values of its secrets. */
export function draftView(draft: Draft, mark: string): DraftView {
  const secret = (key: string): boolean => BY_KEY.get(key)?.secret ?? false
  const entries = Object.entries(draft.changes)
  return {
    step: draft.step,
    mark,
    secrets: entries.filter(([key, text]) => secret(key) && text !== null).map(([key]) => key),
    changes: Object.fromEntries(entries.filter(([key]) => !secret(key))),
  }
}

import { useCallback, useId, useState } from 'react'
import { HEALTH_TYPES } from '../../../shared/health.ts'
import { CONVERSIONS, fixText, type LetterDetail, type LetterSample } from '../../../shared/letters.ts'
import { Button } from '../../ui/button.tsx'
import { useCommand } from '../../ui/commands.ts'
import { bytes, count } from '../../ui/format.ts'
import { CommandKey } from '../../ui/key.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Select } from '../../ui/select.tsx'
import { Suggest } from '../../ui/suggest.tsx'
import { type Draft, draftOf, fixOf, sameFix } from './fix-draft.ts'
import { SavedFixes } from './fix-saved.tsx'
import { readBytes } from './queries.ts'

/** Bytes of a payload beyond which nobody edits it in a field. */
const MOST_EDITED = 512 * 1024
const RULES = [
  { value: 'none', word: 'As it is' },
  { value: 'convert', word: 'Convert unit' },
  { value: 'rename', word: 'Rename type' },
  { value: 'zone', word: 'Add a zone to timestamps' },
  { value: 'range', word: 'Accept another range' },
  { value: 'default', word: 'Fill a missing field' },
] as const
const WAYS = [
  { value: 'rule', word: 'Rule' },
  { value: 'merge', word: 'Merge patch' },
  { value: 'edit', word: 'Edit one' },
] as const
const TARGETS = [
  { value: 'sample', word: 'Each sample' },
  { value: 'envelope', word: 'Envelope' },
] as const

interface Props {
  readonly draft: Draft
  readonly onDraft: (draft: Draft) => void
  readonly sample: LetterSample | undefined
  /** The letter that is shown. */
  readonly letter: LetterDetail | null
  /** While a replay of this fix runs, nothing of it can be changed. */
  readonly held: boolean
}

function Line({
  name,
  value,
  list,
  onChange,
}: {
  name: string
  value: string
  list?: readonly string[]
  onChange: (value: string) => void
}) {
  const id = useId()
  return (
    <>
      <label htmlFor={id}>{name}</label>
      {list ? (
        <Suggest id={id} label={name} value={value} choices={list} mono small onChange={onChange} />
      ) : (
        <span className="input s mono">
          <input
            id={id}
            className="mono"
            value={value}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => onChange(event.target.value)}
          />
        </span>
      )}
    </>
  )
}

function RuleForm({ draft, onDraft, sample }: Props) {
  const set = (change: Partial<Draft>) => onDraft({ ...draft, ...change })
  const types = HEALTH_TYPES.map(({ type }) => type)
  const units = [
    ...new Set([...(sample?.units ?? []).map(({ name }) => name), ...CONVERSIONS.map(({ from }) => from)]),
  ]
  const convert = (from: string, to: string) => {
    const known = CONVERSIONS.find((one) => one.from === from && (to === '' || one.to === to))
    set({ from, to: known?.to ?? to, ...(known ? { formula: known.formula } : {}) })
  }
  return (
    <div className="rulef">
      <span>Rule</span>
      <Select label="Rule" small value={draft.rule} choices={RULES} onChange={(rule) => set({ rule })} />
      {draft.rule === 'convert' && (
        <>
          <Line name="From" value={draft.from} list={units} onChange={(from) => convert(from, '')} />
          <Line
            name="To"
            value={draft.to}
            list={[...new Set(CONVERSIONS.map(({ to }) => to))]}
            onChange={(to) => convert(draft.from, to)}
          />
          <Line name="Value" value={draft.formula} onChange={(formula) => set({ formula })} />
          <Line name="Type" value={draft.type} list={types} onChange={(type) => set({ type })} />
        </>
      )}
      {draft.rule === 'rename' && (
        <>
          <Line name="From" value={draft.from} onChange={(from) => set({ from })} />
          <Line name="To" value={draft.to} list={types} onChange={(to) => set({ to })} />
        </>
      )}
      {draft.rule === 'zone' && (
        <Line
          name="Zone"
          value={draft.offset}
          list={['Z', '+01:00', '+02:00', '-05:00', '-08:00']}
          onChange={(offset) => set({ offset })}
        />
      )}
      {draft.rule === 'range' && (
        <>
          <Line name="Type" value={draft.type} list={types} onChange={(type) => set({ type })} />
          <Line name="Least" value={draft.min} onChange={(min) => set({ min })} />
          <Line name="Most" value={draft.max} onChange={(max) => set({ max })} />
        </>
      )}
      {draft.rule === 'default' && (
        <>
          <span>Where</span>
          <Select
            label="Where"
            small
            value={draft.target}
            choices={TARGETS}
            onChange={(target) => set({ target })}
          />
          <Line name="Field" value={draft.field} onChange={(field) => set({ field })} />
          <Line name="JSON" value={draft.value} onChange={(value) => set({ value })} />
        </>
      )}
    </div>
  )
}

function PatchForm({ draft, onDraft }: Props) {
  return (
    <>
      <div className="row" style={{ margin: '10px 0 6px' }}>
        <Segmented
          label="What the patch is applied to"
          value={draft.target}
          choices={TARGETS}
          onChange={(target) => onDraft({ ...draft, target })}
        />
      </div>
      <textarea
        className="patch"
        aria-label="JSON merge patch"
        spellCheck={false}
        value={draft.patch}
        onChange={(event) => onDraft({ ...draft, patch: event.target.value })}
      />
      <p className="micro t2">
        RFC 7396: an object merges, <code className="micro">null</code> removes a field, all else replaces.
      </p>
    </>
  )
}

function EditForm({ draft, onDraft, letter }: Props) {
  const { edit } = draft
  const [reading, setReading] = useState(false)
  // What is no text, or too long to be edited by hand.
  const off =
    letter === null
      ? 'No letter is shown.'
      : letter.encoding === 'base64'
        ? 'This letter holds bytes that are no text.'
        : (letter.payloadBytes ?? 0) > MOST_EDITED
          ? `This payload has ${bytes(letter.payloadBytes ?? 0)}: mend its sender, or use a rule.`
          : null
  const begin = async () => {
    if (letter === null) return
    setReading(true)
    const read = await readBytes(letter.id, 0).finally(() => setReading(false))
    onDraft({ ...draft, edit: { letter: letter.id, payload: new TextDecoder().decode(read.bytes) } })
  }
  if (edit === null || (letter && edit.letter !== letter.id))
    return (
      <div className="row wrap" style={{ marginTop: 10 }}>
        <Button
          small
          icon="edit"
          disabled={off !== null}
          busy={reading ? 'Reading' : null}
          onClick={() => void begin()}
        >
          Edit the letter shown
        </Button>
        {off && <span className="micro t2">{off}</span>}
      </div>
    )
  return (
    <textarea
      className="patch tall"
      style={{ marginTop: 10 }}
      aria-label="Payload of this letter"
      spellCheck={false}
      value={edit.payload}
      onChange={(event) => onDraft({ ...draft, edit: { ...edit, payload: event.target.value } })}
    />
  )
}

/** How the letters are to be changed: a rule, a merge patch, or the edit of a single payload. */
export function FixForm(props: Props) {
  const { draft, onDraft, sample, held } = props
  const drafted = fixOf(draft)
  const fix = 'fix' in drafted ? drafted.fix : null
  const { suggestion = null } = sample ?? {}
  const offered =
    suggestion !== null &&
    suggestion.fix.kind !== 'none' &&
    draft.way !== 'edit' &&
    !held &&
    !sameFix(fix, suggestion.fix)
  const use = useCallback(() => suggestion && onDraft(draftOf(suggestion.fix)), [suggestion, onDraft])
  useCommand('letters.suggested', offered ? use : null)
  return (
    <>
      <div className="row between">
        <Segmented
          label="Way to fix"
          value={draft.way}
          choices={WAYS}
          onChange={(way) => onDraft({ ...draft, way })}
        />
        <SavedFixes fix={fix} onUse={(saved) => onDraft(draftOf(saved))} />
      </div>
      {draft.way === 'rule' && <RuleForm {...props} />}
      {draft.way === 'merge' && <PatchForm {...props} />}
      {draft.way === 'edit' && <EditForm {...props} />}
      {sample && suggestion === null && draft.way === 'rule' && draft.rule === 'none' && !held && (
        <p className="micro t2 note">
          No rule is suggested for these letters: a merge patch or an edit may mend them.
        </p>
      )}
      {offered && suggestion && (
        <p className="micro t2 note">
          Suggested: <b className="named">{fixText(suggestion.fix)}</b>, {count(suggestion.lands)} of the
          newest {count(suggestion.of)} letters then land.{' '}
          <button type="button" className="linkish micro" onClick={use}>
            Use it <CommandKey id="letters.suggested" />
          </button>
        </p>
      )}
    </>
  )
}

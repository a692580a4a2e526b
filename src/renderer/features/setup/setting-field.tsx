import { useEffect, useId, useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import { Badge } from '../../ui/badge.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Select } from '../../ui/select.tsx'
import type { Wizard } from './wizard.ts'

/** How choices are called where their own spelling says too little. */
const WORDS: Readonly<Record<string, string>> = {
  'catalog.type=rest': 'REST server',
  'catalog.type=embedded': 'Folder on this computer',
  's3.pathStyle=true': 'on, as MinIO expects',
  's3.pathStyle=false': 'off, bucket in the host name',
}

interface Props {
  readonly wizard: Wizard
  readonly setting: string
  readonly label: string
  readonly help?: string
  readonly mono?: boolean
  /** True where this value is what failed. */
  readonly bad?: boolean
  /** Ids under which a fault's buttons find the control. */
  readonly id?: string
}

/** One setting: its control, where its value comes from, and what is wrong with it. */
export function SettingField(props: Props) {
  const own = useId()
  const id = props.id ?? own
  const view = props.wizard.settings.find((one) => one.key === props.setting)
  if (!view) return null
  const choices = view.kind === 'boolean' ? ['true', 'false'] : view.choices
  if (view.secret) return <SecretField {...props} id={id} />
  if (choices.length > 0) return <ChoiceField {...props} id={id} choices={choices} />
  return <LineField {...props} id={id} />
}

function useEdit(wizard: Wizard, setting: string) {
  const [problem, setProblem] = useState<string | null>(null)
  const edit = async (value: string | null) => {
    try {
      await wizard.edit({ [setting]: value })
      setProblem(null)
    } catch (error) {
      const { title, remedy } = toFault(error)
      setProblem([title, remedy].filter(Boolean).join('. '))
    }
  }
  return { problem, edit }
}

function Under({ id, problem, help }: { id: string; problem: string | null; help?: string | undefined }) {
  if (problem)
    return (
      <span className="bad" id={`${id}-note`} role="alert">
        <Icon name="failed" small />
        {problem}
      </span>
    )
  return help ? (
    <span className="help" id={`${id}-note`}>
      {help}
    </span>
  ) : null
}

/** Where a value comes from, in a word. */
function sourceOf(wizard: Wizard, setting: string): string | null {
  if (wizard.drafted(setting)) return 'not saved'
  const view = wizard.settings.find((one) => one.key === setting)
  return view?.fixed ? (view.origin?.from ?? null) : null
}

function LineField({ wizard, setting, label, help, mono = true, bad = false, id = '' }: Props) {
  const view = wizard.settings.find((one) => one.key === setting)
  const value = wizard.value(setting)
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  const { problem, edit } = useEdit(wizard, setting)
  const fixed = view?.fixed ?? false
  const source = sourceOf(wizard, setting)
  const done = () => {
    const next = text.trim()
    if (next !== value || problem) void edit(next === '' ? null : next)
  }
  const wrong = bad || problem !== null
  const note = fixed ? `${view?.origin?.detail ?? ''} rules it` : help
  return (
    <div className="field">
      <label htmlFor={id} className="field-name">
        {label}
      </label>
      <span className={`input${wrong ? ' is-bad' : ''}${fixed ? ' is-off' : ''}${mono ? ' mono' : ''}`}>
        <input
          id={id}
          value={text}
          readOnly={fixed}
          spellCheck={false}
          autoComplete="off"
          aria-invalid={wrong || undefined}
          aria-describedby={problem || note ? `${id}-note` : undefined}
          onChange={(event) => setText(event.target.value)}
          onBlur={done}
          onKeyDown={(event) => {
            if (event.key === 'Enter') done()
            if (event.key === 'Escape') setText(value)
          }}
        />
        {source && <Badge>{source}</Badge>}
      </span>
      <Under id={id} problem={problem} help={note} />
    </div>
  )
}

function ChoiceField({
  wizard,
  setting,
  label,
  help,
  id = '',
  choices,
}: Props & { choices: readonly string[] }) {
  const view = wizard.settings.find((one) => one.key === setting)
  const { problem, edit } = useEdit(wizard, setting)
  const fixed = view?.fixed ?? false
  return (
    <div className="field">
      <span className="field-name">{label}</span>
      <Select
        id={id}
        label={label}
        value={wizard.value(setting)}
        disabled={fixed}
        choices={choices.map((value) => ({ value, word: WORDS[`${setting}=${value}`] ?? value }))}
        onChange={(value) => void edit(value)}
      />
      <Under id={id} problem={problem} help={fixed ? `${view?.origin?.detail ?? ''} rules it` : help} />
    </div>
  )
}

/** A locked secret: whether there is one, and a way to replace or forget it. What was entered never comes back. */
function SecretField({ wizard, setting, label, help, id = '' }: Props) {
  const view = wizard.settings.find((one) => one.key === setting)
  const [text, setText] = useState<string | null>(null)
  const { problem, edit } = useEdit(wizard, setting)
  const entered = wizard.draft.secrets.includes(setting)
  const forgotten = wizard.draft.changes[setting] === null
  const set = entered || ((view?.set ?? false) && !forgotten)
  const fixed = view?.fixed ?? false
  const word = entered
    ? 'entered, not saved'
    : !set
      ? 'none set'
      : view?.origin?.from === 'default'
        ? 'as delivered'
        : 'kept, not shown'
  const done = () => {
    if (text !== null && text !== '') void edit(text)
    setText(null)
  }
  return (
    <div className="field">
      <label htmlFor={text === null ? `${id}-open` : id} className="field-name">
        {label}
      </label>
      {text === null ? (
        <span className="input is-off secret">
          <Icon name="lock" small />
          <span className="grow cut">{word}</span>
          <button
            id={`${id}-open`}
            type="button"
            className="btn s quiet"
            disabled={fixed}
            aria-label={`${set ? 'Replace' : 'Set'}: ${label}`}
            onClick={() => setText('')}
          >
            {set ? 'Replace' : 'Set'}
          </button>
        </span>
      ) : (
        <span className={`input mono${problem ? ' is-bad' : ''}`}>
          <input
            id={id}
            type="password"
            autoComplete="off"
            // biome-ignore lint/a11y/noAutofocus: it takes the place of the button that was pressed
            autoFocus
            value={text}
            onChange={(event) => setText(event.target.value)}
            onBlur={done}
            onKeyDown={(event) => {
              if (event.key === 'Enter') done()
              if (event.key === 'Escape') setText(null)
            }}
          />
        </span>
      )}
      <Under id={id} problem={problem} help={fixed ? `${view?.origin?.detail ?? ''} rules it` : help} />
    </div>
  )
}

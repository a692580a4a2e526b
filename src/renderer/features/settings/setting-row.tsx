import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import type { Fault } from '../../../shared/errors.ts'
import type { SettingView } from '../../../shared/model.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Select } from '../../ui/select.tsx'
import { useProblem } from './use-settings.ts'
import { fieldOf, nameOf, shownOf, sourceWord, writtenOf } from './words.ts'

/** The frame of one line: name and variable, control, source, what can be done. */
export function Row({
  id,
  name,
  note,
  variable,
  selected,
  source,
  below,
  action,
  onSelect,
  children,
}: {
  id?: string
  name: string
  note?: string
  variable?: string
  selected: boolean
  source: string
  /** Stands under the line over its whole width. */
  below?: ReactNode
  action?: ReactNode
  onSelect?: () => void
  children: ReactNode
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a frame and a legend
    // biome-ignore lint/a11y/useKeyWithClickEvents: focusing any of its controls selects it too
    <div
      id={id}
      className={selected ? 'set is-on' : 'set'}
      role="group"
      aria-label={name}
      onFocus={onSelect}
      onClick={onSelect}
    >
      <div>
        {name}
        {note && <span className="t3 dense"> {note}</span>}
        {variable && <span className="mono">{variable}</span>}
      </div>
      <div className="set-control">{children}</div>
      <Badge>{source}</Badge>
      <span className="set-end">{action}</span>
      {below && <div className="set-below">{below}</div>}
    </div>
  )
}

/** One setting that is no secret. */
export function SettingRow({
  one,
  selected,
  locked,
  fault,
  onSelect,
  onChange,
}: {
  one: SettingView
  selected: boolean
  /** True while nothing can be changed; the page says why. */
  locked: boolean
  fault: Fault | null
  onSelect: () => void
  /** False where it was not saved. Null takes the value out of the file. */
  onChange: (text: string | null) => Promise<boolean>
}) {
  const inFile = one.layers.some((layer) => layer.origin.from === 'file')
  const [problem, setProblem] = useState<string | null>(null)
  return (
    <Row
      id={`set-${one.key}`}
      name={nameOf(one)}
      variable={one.env}
      selected={selected}
      source={sourceWord(one.origin?.from)}
      onSelect={onSelect}
      action={
        one.fixed ? (
          <Button
            small
            kind="quiet"
            onClick={onSelect}
            aria-label={`Why ${nameOf(one)} cannot be changed here`}
          >
            Why
          </Button>
        ) : (
          inFile && (
            <Button
              small
              kind="quiet"
              disabled={locked}
              aria-label={`Reset ${nameOf(one)}`}
              onClick={() => void onChange(null)}
            >
              Reset
            </Button>
          )
        )
      }
      below={
        fault ? (
          <FaultBlock fault={fault} plain />
        ) : (
          problem && (
            <span className="bad alone" id={`bad-${one.key}`} role="alert">
              <Icon name="failed" small />
              {nameOf(one)} {problem}
            </span>
          )
        )
      }
    >
      <Control one={one} off={one.fixed || locked} onProblem={setProblem} onChange={onChange} />
    </Row>
  )
}

function Control({
  one,
  off,
  onProblem,
  onChange,
}: {
  one: SettingView
  off: boolean
  onProblem: (problem: string | null) => void
  onChange: (text: string) => Promise<boolean>
}) {
  const label = nameOf(one)
  if (one.kind === 'choice' && !off)
    return (
      <Select
        label={label}
        small
        value={one.value ?? ''}
        choices={one.choices.map((value) => ({ value, word: value }))}
        onChange={(value) => void onChange(value)}
      />
    )
  if (one.kind === 'boolean' && !off)
    return (
      <Segmented
        label={label}
        value={one.value !== null && shownOf('boolean', one.value) === 'on' ? 'true' : 'false'}
        choices={[
          { value: 'true', word: 'On' },
          { value: 'false', word: 'Off' },
        ]}
        onChange={(value) => void onChange(value)}
      />
    )
  return <TypedValue one={one} label={label} off={off} onProblem={onProblem} onChange={onChange} />
}

/** A value that is typed: tried by main's rules while it is, saved by Enter or on leaving, put back by Esc. */
function TypedValue({
  one,
  label,
  off,
  onProblem,
  onChange,
}: {
  one: SettingView
  label: string
  off: boolean
  onProblem: (problem: string | null) => void
  onChange: (text: string) => Promise<boolean>
}) {
  const { figure, unit } = fieldOf(one.kind, one.value ?? '')
  const shown = one.kind === 'boolean' ? shownOf(one.kind, one.value ?? '') : figure
  const [typed, setTyped] = useState<string | null>(null)
  const leaving = useRef(false)
  const written = typed === null ? null : writtenOf(one.kind, typed, unit)
  const problem = useProblem(one.key, written === '' ? null : written)
  useEffect(() => onProblem(problem), [problem, onProblem])
  const save = async () => {
    if (written === null || leaving.current) return
    if (problem !== null) return
    if (written === '' || typed === shown) return setTyped(null)
    leaving.current = true
    if (await onChange(written)) setTyped(null)
    leaving.current = false
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Enter') void save()
    if (event.key !== 'Escape' || typed === null) return
    setTyped(null)
    event.stopPropagation()
  }
  const mono = !['seconds', 'bytes', 'boolean', 'text', 'name', 'choice'].includes(one.kind)
  return (
    <span className={`input s${off ? ' is-off' : ''}${problem ? ' is-bad' : ''}`}>
      {off && <Icon name="lock" />}
      <input
        className={mono ? 'mono' : undefined}
        aria-label={label}
        value={typed ?? shown}
        readOnly={off}
        spellCheck={false}
        autoComplete="off"
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem ? `bad-${one.key}` : undefined}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={onKey}
        onBlur={() => void save()}
      />
      {unit && shown !== '' && <span className="unit">{unit}</span>}
    </span>
  )
}

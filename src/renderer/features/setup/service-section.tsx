import { useState } from 'react'
import { checksOf, type ServiceId } from '../../../shared/setup.ts'
import { Button } from '../../ui/button.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { duration } from '../../ui/format.ts'
import { type State, Status } from '../../ui/status.tsx'
import { askService, type ServiceState } from './services.ts'
import { SettingField } from './setting-field.tsx'
import type { Wizard } from './wizard.ts'

export interface Part {
  readonly service: ServiceId
  readonly name: string
  readonly fields: readonly {
    readonly setting: string
    readonly label: string
    readonly help?: string
    readonly mono?: boolean
  }[]
  /** The field that holds the address. */
  readonly address: string
}

function chipOf({ running, asked, state, again }: ServiceState): { state: State; word: string } {
  if (running) return { state: 'running', word: again > 0 ? `Checking ${again} again` : 'Checking' }
  if (!asked) return { state: 'waiting', word: 'Not checked' }
  switch (state) {
    case 'passed':
      return { state: 'passed', word: 'Answered' }
    case 'failed':
      return { state: 'failed', word: 'Failed' }
    case 'unset':
      return { state: 'waiting', word: 'Optional, none' }
    case 'waiting':
      return { state: 'waiting', word: 'Not checked' }
  }
}

/** Fields in a line. */
const FIRST = 3

/** One service: what it takes to reach it, its checks in a line, and a failure in place. */
export function ServiceSection({
  part,
  state,
  wizard,
  tight,
}: {
  part: Part
  state: ServiceState
  wizard: Wizard
  /** Another service failed: this one, where it answers, shows its first line only. */
  tight: boolean
}) {
  const [open, setOpen] = useState(false)
  const chip = chipOf(state)
  const failed = state.state === 'failed' && !state.running
  const checks = checksOf(part.service)
  const folded = tight && !open && !failed && state.state !== 'waiting' && part.fields.length > FIRST
  const fields = folded ? part.fields.slice(0, FIRST) : part.fields
  const note = failed
    ? state.fault?.title
    : state.running && state.again > 0
      ? `${checks.length - state.again} keep their result`
      : state.state === 'unset'
        ? 'needed for Avro messages only'
        : state.text
  return (
    <section className={failed ? 'svc edge-bad' : 'svc'} aria-label={part.name}>
      <div className="row">
        <h3>{part.name}</h3>
        <Status {...chip} />
        <span className="t2 dense cut grow">{note}</span>
        {state.asked && !state.running && state.ms > 0 && (
          <span className="t3 dense">{duration(state.ms)}</span>
        )}
        {folded && (
          <Button
            kind="quiet"
            small
            aria-label={`${part.fields.length - FIRST} more settings of ${part.name}`}
            onClick={() => setOpen(true)}
          >
            {part.fields.length - FIRST} more
          </Button>
        )}
        <Button
          kind="quiet"
          small
          aria-label={`Check ${part.name}`}
          onClick={() => void askService(part.service)}
        >
          Check
        </Button>
      </div>
      <div className="fs">
        {fields.map((field) => (
          <SettingField
            key={field.setting}
            wizard={wizard}
            {...field}
            id={idOf(field.setting)}
            bad={failed && field.setting === part.address}
          />
        ))}
      </div>
      {state.state !== 'unset' && !folded && (
        <div className="tests">
          {checks.map((check) => {
            const known = state.checks[check.id] ?? 'waiting'
            const shown: State = known === 'waiting' && state.running ? 'running' : known
            return <Status key={check.id} state={shown} word={check.name} bare />
          })}
        </div>
      )}
      {failed && state.fault && (
        <FaultBlock fault={state.fault} plain>
          {state.suggestion && wizard.canEdit(Object.keys(state.suggestion.changes)) && (
            <Button kind="primary" onClick={() => void wizard.edit(state.suggestion?.changes ?? {})}>
              {state.suggestion.label}
            </Button>
          )}
          <Button onClick={() => document.getElementById(idOf(part.address))?.focus()}>
            Edit{' '}
            {part.fields.find((field) => field.setting === part.address)?.label.toLowerCase() ?? 'address'}
          </Button>
          <Button kind="quiet" onClick={() => void askService(part.service)}>
            Check again
          </Button>
        </FaultBlock>
      )}
    </section>
  )
}

const idOf = (setting: string): string => `setup-${setting.replace('.', '-')}`

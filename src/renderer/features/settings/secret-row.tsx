import { type KeyboardEvent, useState } from 'react'
import type { Fault } from '../../../shared/errors.ts'
import type { SettingView } from '../../../shared/model.ts'
import { Button } from '../../ui/button.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Time } from '../../ui/time.tsx'
import { Row } from './setting-row.tsx'
import { useProblem } from './use-settings.ts'
import { nameOf, sourceWord } from './words.ts'

/** A secret is written and never read back: replaced, or forgotten after a question. */
export function SecretRow({
  one,
  selected,
  locked,
  fault,
  onSelect,
  onReplace,
}: {
  one: SettingView
  selected: boolean
  locked: boolean
  fault: Fault | null
  onSelect: () => void
  onReplace: (text: string) => Promise<boolean>
}) {
  const [typed, setTyped] = useState<string | null>(null)
  const name = nameOf(one)
  const problem = useProblem(one.key, typed === '' ? null : typed)
  const save = async () => {
    if (typed !== null && typed !== '' && problem === null && (await onReplace(typed))) setTyped(null)
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Enter') void save()
    if (event.key !== 'Escape') return
    setTyped(null)
    event.stopPropagation()
  }
  return (
    <Row
      id={`set-${one.key}`}
      name={name}
      variable={one.env}
      selected={selected}
      source={sourceWord(one.origin?.from)}
      onSelect={onSelect}
      action={
        one.fixed ? (
          <Button small kind="quiet" onClick={onSelect} aria-label={`Why ${name} cannot be changed here`}>
            Why
          </Button>
        ) : typed === null ? (
          <Button
            small
            kind="quiet"
            disabled={locked}
            aria-label={`${one.set ? 'Replace' : 'Set'} ${name}`}
            onClick={() => setTyped('')}
          >
            {one.set ? 'Replace' : 'Set'}
          </Button>
        ) : (
          <Button small kind="quiet" onClick={() => setTyped(null)}>
            Keep
          </Button>
        )
      }
      below={
        fault ? (
          <FaultBlock fault={fault} plain />
        ) : (
          problem && (
            <span className="bad alone" role="alert">
              <Icon name="failed" small />
              {name} {problem}
            </span>
          )
        )
      }
    >
      {typed === null ? (
        <span className="dense t2 row secret">
          <Icon name="lock" small />
          <span className="cut">
            <Held one={one} />
          </span>
        </span>
      ) : (
        <span className={problem ? 'input s is-bad' : 'input s'}>
          <input
            // biome-ignore lint/a11y/noAutofocus: Replace was pressed to type into it
            autoFocus
            type="password"
            aria-label={`New ${name.toLowerCase()}`}
            value={typed}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setTyped(event.target.value)}
            onKeyDown={onKey}
          />
          <Button small kind="quiet" disabled={typed === '' || problem !== null} onClick={() => void save()}>
            Save
          </Button>
        </span>
      )}
    </Row>
  )
}

/** What is known of a secret without telling it. */
function Held({ one }: { one: SettingView }) {
  const from = one.origin?.from
  if (from === 'environment') return 'given for this run only'
  if (from === 'default') return 'as shipped, for a store on this computer'
  if (!one.set) return 'none'
  const at = one.layers[0]?.at ?? null
  if (from === 'keystore' && at !== null)
    return (
      <>
        kept, set <Time at={at} />
      </>
    )
  return 'kept, in the file'
}

import { Checkbox } from '@base-ui/react/checkbox'
import { Radio } from '@base-ui/react/radio'
import { RadioGroup } from '@base-ui/react/radio-group'
import type { ReactNode } from 'react'
import { Icon } from './icon.tsx'

/** A tick box with its words; `some` where only part of what it stands for is chosen. */
export function Check({
  label,
  checked,
  some = false,
  disabled = false,
  onChange,
}: {
  label: ReactNode
  checked: boolean
  some?: boolean
  disabled?: boolean
  onChange: (checked: boolean) => void
}) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is Base UI's
    <label className={disabled ? 'check is-off' : 'check'}>
      <Checkbox.Root
        className={checked || some ? 'box on' : 'box'}
        checked={checked}
        indeterminate={some}
        disabled={disabled}
        onCheckedChange={(next) => onChange(next)}
      >
        <Checkbox.Indicator>
          <Icon name={some ? 'minus' : 'check'} />
        </Checkbox.Indicator>
      </Checkbox.Root>
      {label}
    </label>
  )
}

export interface Pick<T extends string> {
  readonly value: T
  readonly word: string
  /** What choosing it leads to, with its cost. */
  readonly consequence?: ReactNode
  readonly disabled?: boolean
}

/** One of a few, in a line; with consequences, one below the other. */
export function RadioChoice<T extends string>({
  label,
  value,
  picks,
  onChange,
}: {
  label: string
  value: T
  picks: readonly Pick<T>[]
  onChange: (value: T) => void
}) {
  const explained = picks.some((pick) => pick.consequence !== undefined)
  return (
    <RadioGroup
      aria-label={label}
      className={explained ? 'picks' : 'row wrap'}
      value={value}
      onValueChange={(next) => onChange(next as T)}
    >
      {picks.map((pick) => {
        const on = pick.value === value
        return (
          // biome-ignore lint/a11y/noLabelWithoutControl: the control is Base UI's
          <label
            key={pick.value}
            className={`${explained ? 'pick' : 'check'}${on ? ' is-on' : ''}${pick.disabled ? ' is-off' : ''}`}
          >
            <Radio.Root
              value={pick.value}
              disabled={pick.disabled ?? false}
              className={on ? 'box radio on' : 'box radio'}
            />
            {explained ? <b>{pick.word}</b> : pick.word}
            {pick.consequence !== undefined && <p>{pick.consequence}</p>}
          </label>
        )
      })}
    </RadioGroup>
  )
}

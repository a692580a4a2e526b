import { type ReactNode, useId } from 'react'
import { Icon, type IconName } from './icon.tsx'

/** A labelled line of text. `bad` says what is wrong with the value and how to write it. */
export function TextField({
  label,
  value,
  onChange,
  help,
  bad,
  unit,
  placeholder,
  disabled = false,
  mono = false,
  type = 'text',
  hideLabel = false,
  icon,
  small = false,
}: {
  label: string
  value: string
  onChange: (value: string) => void
  help?: ReactNode
  bad?: string | null
  unit?: string
  /** An example of a value; never the label. */
  placeholder?: string
  disabled?: boolean
  mono?: boolean
  type?: 'text' | 'password' | 'search' | 'number'
  hideLabel?: boolean
  icon?: IconName
  small?: boolean
}) {
  const id = useId()
  const about = bad ? `${id}-bad` : help ? `${id}-help` : undefined
  const state = `${bad ? ' is-bad' : ''}${disabled ? ' is-off' : ''}${small ? ' s' : ''}`
  return (
    <div className="field">
      <label htmlFor={id} className={hideLabel ? 'visually-hidden' : 'field-name'}>
        {label}
      </label>
      <span className={`input${state}`}>
        {icon && <Icon name={icon} />}
        <input
          id={id}
          className={mono ? 'mono' : undefined}
          type={type}
          value={value}
          placeholder={placeholder}
          disabled={disabled}
          aria-invalid={bad ? true : undefined}
          aria-describedby={about}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => onChange(event.target.value)}
        />
        {unit && <span className="unit">{unit}</span>}
      </span>
      {bad ? (
        <span className="bad" id={`${id}-bad`}>
          <Icon name="failed" small />
          {bad}
        </span>
      ) : (
        help && (
          <span className="help" id={`${id}-help`}>
            {help}
          </span>
        )
      )}
    </div>
  )
}

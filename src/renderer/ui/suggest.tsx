import { Autocomplete as Base } from '@base-ui/react/autocomplete'
import { Icon } from './icon.tsx'

/**
 * A line of text with values to choose from; any other can be written. Arrow keys open and go through them, Enter takes
 * one, Esc closes. `id` is what a visible label points to.
 */
export function Suggest({
  id,
  label,
  value,
  choices,
  mono = false,
  small = false,
  disabled = false,
  onChange,
}: {
  id?: string
  label: string
  value: string
  choices: readonly string[]
  mono?: boolean
  small?: boolean
  disabled?: boolean
  onChange: (value: string) => void
}) {
  const face = mono ? 'mono' : undefined
  return (
    <Base.Root
      items={choices}
      value={value}
      onValueChange={onChange}
      disabled={disabled}
      openOnInputClick
      // A value that is one of them hides no other.
      {...(choices.includes(value) ? { filter: null } : {})}
    >
      <Base.InputGroup className={`input${small ? ' s' : ''}${disabled ? ' is-off' : ''}`}>
        <Base.Input
          {...(id === undefined ? { 'aria-label': label } : { id })}
          className={face}
          spellCheck={false}
          autoComplete="off"
        />
        <Base.Icon className="i" aria-hidden="true">
          <Icon name="updown" small />
        </Base.Icon>
      </Base.InputGroup>
      <Base.Portal>
        <Base.Positioner className="over" sideOffset={4} align="start">
          <Base.Popup className="pop anchored" aria-label={label}>
            <Base.List>
              {(choice: string) => (
                <Base.Item key={choice} value={choice} className={mono ? 'item mono' : 'item'}>
                  {choice}
                </Base.Item>
              )}
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

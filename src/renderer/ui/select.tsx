import { Select as Base } from '@base-ui/react/select'
import { Icon } from './icon.tsx'
import type { Choice } from './segmented.tsx'

/** One of many. Arrow keys, typing and Home/End choose; `label` is its name where no visible label points to it. */
export function Select<T extends string>({
  label,
  value,
  choices,
  small = false,
  disabled = false,
  id,
  width,
  onChange,
}: {
  label: string
  value: T
  choices: readonly Choice<T>[]
  small?: boolean
  disabled?: boolean
  id?: string
  /** Pixels; without one it fills its place. */
  width?: number
  onChange: (value: T) => void
}) {
  return (
    <Base.Root<T>
      items={choices.map((choice) => ({ value: choice.value, label: choice.word }))}
      value={value}
      disabled={disabled}
      modal={false}
      {...(id === undefined ? {} : { id })}
      onValueChange={(next) => next !== null && onChange(next)}
    >
      <Base.Trigger
        className={small ? 'select s' : 'select'}
        aria-label={label}
        {...(width === undefined ? {} : { style: { width, flex: 'none' } })}
      >
        <span className="cut">
          <Base.Value />
        </span>
        <Icon name="updown" />
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner className="over" alignItemWithTrigger={false} sideOffset={4} align="start">
          <Base.Popup className="pop anchored">
            <Base.List>
              {choices.map((choice) => (
                <Base.Item key={choice.value} value={choice.value} className="item">
                  <Base.ItemText>{choice.word}</Base.ItemText>
                  <Base.ItemIndicator className="end">
                    <Icon name="check" small />
                  </Base.ItemIndicator>
                </Base.Item>
              ))}
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

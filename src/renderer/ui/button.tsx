import type { ButtonHTMLAttributes, ReactNode } from 'react'
import type { CommandId } from './commands.ts'
import { Icon, type IconName } from './icon.tsx'
import { CommandKey } from './key.tsx'
import { Status } from './status.tsx'
import { Tip } from './tooltip.tsx'

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className' | 'type'> {
  /** At most one primary in a bar; `danger` for what cannot be taken back. */
  readonly kind?: 'default' | 'primary' | 'quiet' | 'danger'
  readonly small?: boolean
  readonly icon?: IconName
  /** The command that the button runs too: its chord is shown on the button. */
  readonly command?: CommandId
  /** What it is doing right now: the button keeps its place, says so and takes no press. */
  readonly busy?: string | null
  readonly children: ReactNode
}

/** A verb with its object and count: `Replay 41,790 letters`. */
export function Button({
  kind = 'default',
  small = false,
  icon,
  command,
  busy = null,
  children,
  ...rest
}: ButtonProps) {
  const name = ['btn', kind === 'default' ? '' : kind, small ? 's' : ''].filter(Boolean).join(' ')
  return (
    <button
      {...rest}
      type="button"
      className={name}
      {...(busy === null ? {} : { 'aria-busy': true, 'aria-disabled': true, onClick: undefined })}
    >
      {busy === null ? (
        <>
          {icon && <Icon name={icon} />}
          {children}
          {command && <CommandKey id={command} />}
        </>
      ) : (
        <Status state="running" word={busy} bare />
      )}
    </button>
  )
}

/** An icon alone, for close, more, previous and next: it carries a name and a tip. */
export function IconButton({
  icon,
  label,
  small = true,
  ...rest
}: Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className' | 'type' | 'children'> & {
  icon: IconName
  label: string
  small?: boolean
}) {
  return (
    <Tip text={label}>
      <button {...rest} type="button" className={`btn quiet icon${small ? ' s' : ''}`} aria-label={label}>
        <Icon name={icon} />
      </button>
    </Tip>
  )
}

/** Buttons joined to one: the first acts, the last opens more of its kind. */
export function ButtonGroup({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a frame and a legend
    <span className="btns" role="group" aria-label={label}>
      {children}
    </span>
  )
}

import { Tabs as Base } from '@base-ui/react/tabs'
import type { ReactNode } from 'react'

export interface TabEntry<T extends string> {
  readonly value: T
  readonly word: string
  readonly count?: string
}

/** Views of one thing. Arrow keys move between the tabs; only the open one's content is there. */
export function SubTabs<T extends string>({
  label,
  value,
  tabs,
  onChange,
  end,
  children,
}: {
  label: string
  value: T
  tabs: readonly TabEntry<T>[]
  onChange: (value: T) => void
  /** Stands at the right end of the bar. */
  end?: ReactNode
  children: ReactNode
}) {
  return (
    <Base.Root className="tabbed" value={value} onValueChange={(next) => onChange(next as T)}>
      <div className="subtabs-bar">
        <Base.List className="subtabs" aria-label={label} activateOnFocus>
          {tabs.map((tab) => (
            <Base.Tab key={tab.value} value={tab.value}>
              {tab.word}
              {tab.count !== undefined && <span className="n">{tab.count}</span>}
            </Base.Tab>
          ))}
        </Base.List>
        {end}
      </div>
      <Base.Panel className="tabbed" value={value} tabIndex={-1}>
        {children}
      </Base.Panel>
    </Base.Root>
  )
}

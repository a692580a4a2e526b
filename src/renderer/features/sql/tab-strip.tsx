import { Icon } from '../../ui/icon.tsx'
import { closeTab, openTab, selectTab, type Tab } from './workbench.ts'

/** The open queries. A running or failed one says so. */
export function TabStrip({ tabs, active }: { tabs: readonly Tab[]; active: string }) {
  return (
    <div className="tabs">
      <nav className="sql-tabs" aria-label="Queries">
        {tabs.map((tab) => (
          <span key={tab.id} className={tab.id === active ? 'tab is-open' : 'tab'}>
            <button
              type="button"
              className="sql-tab"
              aria-current={tab.id === active ? 'page' : undefined}
              onClick={() => selectTab(tab.id)}
            >
              <Icon
                name={tab.run.state === 'running' ? 'running' : tab.run.state === 'failed' ? 'failed' : 'sql'}
                small
              />
              {tab.run.state === 'running' && 'Running '}
              {tab.run.state === 'failed' && 'Failed '}
              {tab.title}
            </button>
            <button
              type="button"
              className="btn quiet icon s"
              aria-label={`Close ${tab.title}`}
              onClick={() => closeTab(tab.id)}
            >
              <Icon name="x" small />
            </button>
          </span>
        ))}
      </nav>
      <div className="end">
        <button type="button" className="btn quiet icon s" aria-label="New query" onClick={() => openTab()}>
          <Icon name="plus" />
        </button>
      </div>
    </div>
  )
}

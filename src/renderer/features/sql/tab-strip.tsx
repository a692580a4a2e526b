import { Icon } from '../../ui/icon.tsx'
import { Status } from '../../ui/status.tsx'
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
              {tab.run.state === 'running' ? (
                <Status state="running" word="Running" bare />
              ) : tab.run.state === 'failed' ? (
                <Status state="failed" word="Failed" bare />
              ) : (
                <Icon name="sql" small />
              )}
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

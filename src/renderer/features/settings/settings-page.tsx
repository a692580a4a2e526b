import { type ReactNode, useEffect, useMemo, useState } from 'react'
import type { SettingsView, SettingView } from '../../../shared/model.ts'
import { useLive } from '../../api/live.ts'
import { Awaiting } from '../../ui/awaiting.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { Empty, NoMatch } from '../../ui/empty.tsx'
import { TextField } from '../../ui/field.tsx'
import { count, counted } from '../../ui/format.ts'
import { isChanged, useChordChanges } from '../../ui/keys.ts'
import { Skeleton } from '../../ui/loading.tsx'
import { navigate, useRoute } from '../../ui/route.ts'
import { Scroll } from '../../ui/scroll.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Status } from '../../ui/status.tsx'
import { Tree, TreeRow } from '../../ui/tree.tsx'
import { useView } from '../../ui/view.ts'
import { LOOK_NAMES, LookRows } from './look-rows.tsx'
import { SecretRow } from './secret-row.tsx'
import { SettingInspector } from './setting-inspector.tsx'
import { SettingRow } from './setting-row.tsx'
import { COMMAND_COUNT, commandsLike, resetChords, ShortcutTable } from './shortcut-table.tsx'
import { lockOf, useSettings } from './use-settings.ts'
import { asEnvironment, nameOf, SECTIONS, type SectionId, sectionOf } from './words.ts'
import './settings.css'

const isSection = (text: string | undefined): text is SectionId => SECTIONS.some((one) => one.id === text)

/** Every setting with its source, the look of this computer's windows, and the keys. */
export function SettingsPage() {
  const { query } = useRoute()
  const { app } = useLive()
  const { read, failed, change } = useSettings()
  const { data } = read
  const changes = useChordChanges()
  const { choice, density, zone } = useView()
  const section = isSection(query.section) ? query.section : null
  const [text, setText] = useState('')
  const changedOnly = query.changed !== undefined
  const locked = lockOf(app)
  const [at, setAt] = useState<string | null>(query.at ?? null)
  const go = (next: Readonly<Record<string, string | undefined>>) =>
    navigate(['settings'], { section: query.section, changed: query.changed, ...next })

  useEffect(() => {
    if (query.at === undefined) return
    setAt(query.at)
    document.getElementById(`set-${query.at}`)?.scrollIntoView({ block: 'center' })
  }, [query.at])

  const ids = useMemo(() => commandsLike(text), [text])
  if (!data)
    return (
      <>
        <aside className="list settings-list" aria-label="Parts of the settings">
          <div className="head">
            <h3>Settings</h3>
          </div>
        </aside>
        <main className="work">
          <Awaiting
            of={read}
            what="Reading the settings"
            again="Read the settings again"
            shape={<Skeleton columns={3} rows={10} />}
          />
        </main>
      </>
    )

  const differs = (one: SettingView) => one.origin !== null && one.origin.from !== 'default'
  const keyIds = ids.filter((id) => !changedOnly || isChanged(id))
  const lookChanged: Readonly<Record<string, boolean>> = {
    Theme: choice !== 'system',
    Density: density !== 'compact',
    Time: zone !== 'utc',
  }
  const looks = LOOK_NAMES.filter(
    (name) => name.toLowerCase().includes(text.trim().toLowerCase()) && (!changedOnly || lookChanged[name]),
  )
  const found = data.settings.filter((one) => isLike(one, text) && (!changedOnly || differs(one)))
  const of = (id: SectionId) => found.filter((one) => sectionOf(one) === id)
  const size = (id: SectionId) =>
    id === 'look' ? looks.length : id === 'keys' ? keyIds.length : of(id).length
  const shown = SECTIONS.filter(({ id }) => (section === null || section === id) && size(id) > 0)
  const changedCount =
    data.settings.filter(differs).length +
    Object.keys(changes).length +
    LOOK_NAMES.filter((name) => lookChanged[name]).length
  const selected = data.settings.find((one) => one.key === at) ?? null
  const total = SECTIONS.reduce((sum, { id }) => sum + size(id), 0)

  const body = (id: SectionId): ReactNode => {
    if (id === 'look') return <LookRows shown={(name) => looks.some((one) => one === name)} />
    if (id === 'keys') return <ShortcutTable ids={keyIds} all={text !== '' || changedOnly} />
    return of(id).map((one) => {
      const shared = {
        one,
        selected: one.key === at,
        locked: locked !== null,
        fault: failed?.key === one.key ? failed.fault : null,
        onSelect: () => setAt(one.key),
      }
      return one.secret ? (
        <SecretRow key={one.key} {...shared} onReplace={(next) => change(one, next)} />
      ) : (
        <SettingRow key={one.key} {...shared} onChange={(next) => change(one, next)} />
      )
    })
  }

  return (
    <>
      <aside className="list settings-list" aria-label="Parts of the settings">
        <div className="head">
          <h3>Settings</h3>
        </div>
        <TextField
          label="Find a setting or its variable"
          hideLabel
          small
          icon="search"
          type="search"
          placeholder="Name, variable or keys"
          value={text}
          onChange={setText}
        />
        <Tree label="Parts of the settings">
          <TreeRow
            icon="tree"
            selected={section === null}
            end={count(total)}
            onChoose={() => go({ section: undefined })}
          >
            All settings
          </TreeRow>
          {SECTIONS.map(({ id, name, icon }) => (
            <TreeRow
              key={id}
              icon={icon}
              selected={section === id}
              end={count(size(id))}
              onChoose={() => go({ section: id })}
            >
              {name}
            </TreeRow>
          ))}
        </Tree>
        <div className="grow" />
        <div className="sect dense t2 file">
          <span className="mono micro">{data.file}</span>
          <CopyButton text={data.file} label="Copy the path" />
        </div>
      </aside>
      <main className="work">
        <div className="bar">
          <h2>{SECTIONS.find((one) => one.id === section)?.name ?? 'All settings'}</h2>
          <span className="t2 dense cut grow">{sourcesOf(data)}</span>
          <Segmented
            label="Which settings"
            value={changedOnly ? 'changed' : 'all'}
            choices={[
              { value: 'all', word: 'All' },
              { value: 'changed', word: `Changed ${count(changedCount)}` },
            ]}
            onChange={(next) => go({ changed: next === 'changed' ? 'yes' : undefined })}
          />
          <CopyButton text={asEnvironment(data.settings)} label="Copy as environment" />
        </div>
        {locked && (
          <div className="strip">
            <Status state="attention" word="Held" bare />
            <span className="t2">{locked}</span>
          </div>
        )}
        <Scroll label="Settings">
          {shown.length > 0 ? (
            shown.map(({ id, name }) => (
              <section key={id} aria-label={name}>
                <div className="set-group">
                  <h3>
                    {name}{' '}
                    <span className="t3">{asideOf(id, size(id), data, Object.keys(changes).length)}</span>
                  </h3>
                  <span className="grow" />
                  {id === 'keys' && Object.keys(changes).length > 0 && (
                    <Button
                      small
                      kind="quiet"
                      onClick={() => resetChords(counted(Object.keys(changes).length, 'shortcut'))}
                    >
                      Reset {counted(Object.keys(changes).length, 'shortcut')}
                    </Button>
                  )}
                </div>
                {body(id)}
              </section>
            ))
          ) : text !== '' ? (
            <NoMatch
              onClear={() => {
                setText('')
                go({ section: undefined })
              }}
            >
              No setting, variable or shortcut is named like <span className="mono">{text}</span>.
            </NoMatch>
          ) : (
            <Empty
              title="Nothing changed"
              action={
                <Button small onClick={() => go({ changed: undefined, section: undefined })}>
                  Show all settings
                </Button>
              }
            >
              {section === null
                ? `All ${count(data.settings.length)} settings and ${count(COMMAND_COUNT)} shortcuts are as shipped; no flag, no variable and no file sets one.`
                : 'All in this part are as shipped; no flag, no variable and no file sets one.'}
            </Empty>
          )}
        </Scroll>
      </main>
      {selected && (
        <SettingInspector
          one={selected}
          view={data}
          locked={locked !== null}
          onForget={() => change(selected, null)}
          onClose={() => setAt(null)}
        />
      )}
    </>
  )
}

function isLike(one: SettingView, text: string): boolean {
  const looked = text.trim().toLowerCase()
  return `${nameOf(one)} ${one.env} ${one.flag ?? ''} ${one.help}`.toLowerCase().includes(looked)
}

/** How many values come from where: `3 from the environment, 1 from a flag, the rest as shipped`. */
function sourcesOf({ settings }: SettingsView): string {
  const from = (place: string) => settings.filter((one) => one.origin?.from === place).length
  const parts = [
    [from('sample'), 'from the sample'],
    [from('environment'), 'from the environment'],
    [from('flag'), from('flag') === 1 ? 'from a flag' : 'from flags'],
    [from('keystore'), 'in the key store'],
    [from('file'), 'in the file'],
  ] as const
  const told = parts.filter(([n]) => n > 0).map(([n, where]) => `${count(n)} ${where}`)
  return [...told, told.length === 0 ? 'all as shipped' : 'the rest as shipped'].join(', ')
}

function asideOf(id: SectionId, size: number, view: SettingsView, changed: number): string {
  if (id === 'keys') return changed === 0 ? count(size) : `${count(size)}, ${count(changed)} changed`
  if (id !== 'secrets') return count(size)
  return `${count(size)}, in ${view.secretStore ?? 'the settings file, for you alone'}`
}

import { useState } from 'react'
import { Icon } from '../../ui/icon.tsx'
import { Key } from '../../ui/key.tsx'
import { NoticeList } from '../../ui/notice-list.tsx'
import { PaletteOption } from '../../ui/palette.tsx'
import { findEntries } from '../../ui/search.ts'
import { AREAS, LOW_AREAS } from '../../ui/shell.tsx'
import { Time } from '../../ui/time.tsx'
import { Line, Specimen } from './specimen.tsx'

const NOW = Date.now()
const MINUTE = 60_000
const DAY = 1_440 * MINUTE

function Times() {
  return (
    <Specimen name="Time" note="the zone of the window, the whole of it on hover">
      <Line name="ago">
        <Time at={NOW - 6_000} as="ago" />
        <Time at={NOW - 12 * MINUTE} as="ago" />
        <Time at={NOW - 46 * 60 * MINUTE} as="ago" />
      </Line>
      <Line name="moment">
        <Time at={NOW - MINUTE} />
        <Time at={NOW - 2 * DAY} />
        <Time at={NOW - 500 * DAY} />
      </Line>
      <Line name="iso">
        <Time at={NOW} as="iso" />
      </Line>
    </Specimen>
  )
}

const NOTICES = [
  {
    id: 'a',
    at: NOW - 4_000,
    state: 'failed',
    word: 'Rollup failed',
    text: 'catalog answered 503; raw goes on, the statistics follow later',
    path: ['gallery'],
  },
  {
    id: 'b',
    at: NOW - 9 * MINUTE,
    state: 'passed',
    word: 'Replay finished',
    text: '41,790 letters landed',
    path: ['gallery'],
  },
  { id: 'c', at: NOW - 3 * DAY, state: 'waiting', word: 'Export cancelled', text: '', path: ['gallery'] },
] as const

function Notices() {
  const [shown, setShown] = useState(true)
  return (
    <Specimen name="Notices" note="new, seen; none">
      <div className="framed padded-demo">
        <NoticeList
          notices={shown ? NOTICES : []}
          since={NOW - MINUTE}
          onOpen={() => {}}
          onClear={() => setShown(false)}
        />
      </div>
      <div className="framed padded-demo">
        <NoticeList notices={[]} since={0} onOpen={() => {}} onClear={() => {}} />
      </div>
    </Specimen>
  )
}

function RailDemo() {
  const item = (key: string, state: string) => {
    const area = [...AREAS, ...LOW_AREAS].find((one) => one.key === key) ?? AREAS[0]
    if (!area) return null
    return (
      <a
        key={key}
        className={`nav${state === 'focus' ? ' is-focus' : ''}`}
        href="#/gallery"
        aria-label={`${area.name}, ${state === 'counted' ? '7 in this run' : state}`}
        aria-current={state === 'current' ? 'page' : undefined}
      >
        <Icon name={area.icon} />
        {state === 'counted' && (
          <span className="count" aria-hidden="true">
            7
          </span>
        )}
      </a>
    )
  }
  return (
    <Specimen name="Rail" note="idle, with a count, current, focused">
      <div className="framed rail-demo">
        <nav className="rail" aria-label="A rail">
          {item('load', 'idle')}
          {item('letters', 'counted')}
          {item('sql', 'current')}
          {item('tables', 'focus')}
        </nav>
      </div>
    </Specimen>
  )
}

const FOUND = findEntries(
  [
    {
      group: 'Commands',
      name: 'Find a command or table',
      icon: 'search',
      command: 'palette',
      run: () => {},
    },
    { group: 'Queries', name: 'Commands by hour', note: 'saved', icon: 'code', run: () => {} },
  ],
  'command',
)

function PaletteDemo() {
  return (
    <Specimen name="Command palette" note="best match first, hit marked, chord at the right">
      <div className="pal still">
        <div className="q">
          <Icon name="search" />
          <span className="grow">command</span>
          <Key>Esc</Key>
        </div>
        <div role="listbox" aria-label="Results of the specimen">
          {FOUND.map((one, index) => (
            <PaletteOption
              key={one.entry.name}
              id={`specimen-${index}`}
              one={one}
              selected={index === 0}
              onChoose={() => {}}
              onPoint={() => {}}
            />
          ))}
        </div>
        <footer>
          <span>
            <Key>Enter</Key> open
          </span>
        </footer>
      </div>
    </Specimen>
  )
}

export function Places() {
  return (
    <>
      <RailDemo />
      <PaletteDemo />
      <Times />
      <Notices />
    </>
  )
}

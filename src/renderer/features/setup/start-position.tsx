import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import { parseStart } from '../../../shared/settings.ts'
import type { StartView, TopicsView, TopicView } from '../../../shared/setup.ts'
import { answer, api } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'
import { count, counted, duration } from '../../ui/format.ts'
import { useAsked, type Wizard } from './wizard.ts'

/** Messages a second that a first load is reckoned with. */
const RATE = 10_000

type Kind = 'earliest' | 'time' | 'latest' | 'offsets'

export function kindOf(wizard: Wizard): Kind {
  const start = parseStart(wizard.value('kafka.start'))
  if (start !== null) return start.at === null ? 'offsets' : 'time'
  return wizard.value('kafka.autoOffsetReset') === 'latest' ? 'latest' : 'earliest'
}

/** The start in a few words, for the list of steps. */
export function startWords(wizard: Wizard): string {
  switch (kindOf(wizard)) {
    case 'earliest':
      return 'from earliest'
    case 'latest':
      return 'from newest'
    case 'time':
      return `from ${wizard.value('kafka.start').replace('T', ' ')}`
    case 'offsets':
      return 'from chosen offsets'
  }
}

/** Where a loader without a position begins, and what each choice costs. */
export function Start({ topic, topics, wizard }: { topic: TopicView; topics: TopicsView; wizard: Wizard }) {
  const { positions, pipeline } = topics
  return (
    <>
      <div className="head">
        <h3>
          Start position{' '}
          <span className="t3">
            {positions === null
              ? 'the tables hold no position of this loader yet'
              : `the table goes on where loader ${pipeline} stopped`}
          </span>
        </h3>
        <span className="t2 dense">earliest to newest now: {counted(topic.messages, 'message')}</span>
      </div>
      {positions === null ? (
        <Choices topic={topic} wizard={wizard} />
      ) : (
        <p className="attention-note dense t2">
          {counted(Object.keys(positions).length, 'partition')} with a position of their own: a start position
          counts only where there is none. To load again from the first message, give this loader another name
          (TARN_PIPELINE) and other tables.
        </p>
      )}
    </>
  )
}

function Choices({ topic, wizard }: { topic: TopicView; wizard: Wizard }) {
  const kind = kindOf(wizard)
  const fixed = !wizard.canEdit(['kafka.autoOffsetReset', 'kafka.start'])
  const chosen = kind === 'time' || kind === 'offsets'
  const start = useAsked('start', (init) => answer(api.setup.start.$post({ json: {} }, init)))
  const [problem, setProblem] = useState<string | null>(null)
  const edit = (changes: Readonly<Record<string, string | null>>) => {
    wizard.edit(changes).then(
      () => setProblem(null),
      (error: unknown) => setProblem(toFault(error).title),
    )
  }
  // Stays in place while an edit is asked for.
  const last = useRef<StartView | null>(null)
  if (start.data?.topic === topic.name) last.current = start.data
  const view = last.current?.topic === topic.name ? last.current : null
  const cost = (of: Kind, words: ReactNode) => (kind === of && view ? costWords(view) : words)
  const lowest = view?.partitions.map(({ partition, low }) => `${partition}:${low}`).join(',') ?? '0:0'
  const all = { topic: topic.messages, hours: duration((Number(topic.messages) / RATE) * 1000) }
  const pick = (value: Kind) => {
    switch (value) {
      case 'earliest':
      case 'latest':
        return edit({ 'kafka.autoOffsetReset': value, 'kafka.start': null })
      case 'time':
        return edit({ 'kafka.start': `${minutes(Date.now() - 86_400_000)}Z` })
      case 'offsets':
        return edit({ 'kafka.start': lowest })
    }
  }
  const props = { kind, fixed, onPick: pick }
  return (
    <>
      <div className="starts four" role="radiogroup" aria-label="Start position">
        <Pick {...props} value="earliest" word="Earliest">
          <p>
            {counted(all.topic, 'message')}, about {all.hours} at {count(RATE)} a second
          </p>
        </Pick>
        <Pick {...props} value="time" word="At a time">
          {kind === 'time' && (
            <TimeField
              value={wizard.value('kafka.start')}
              disabled={fixed}
              onChange={(value) => edit({ 'kafka.start': value })}
            />
          )}
          <p>{cost('time', 'messages produced from there on; before it none are loaded')}</p>
        </Pick>
        <Pick {...props} value="latest" word="Newest">
          <p>0 messages; {counted(all.topic, 'message')} are never loaded</p>
        </Pick>
        <Pick {...props} value="offsets" word="At offsets">
          <p>{cost('offsets', 'one for each partition, typed or from a file')}</p>
        </Pick>
      </div>
      {kind === 'offsets' && view && (
        <Offsets
          view={view}
          wizard={wizard}
          fixed={fixed}
          onChange={(text) => edit({ 'kafka.start': text })}
        />
      )}
      {(problem ?? view?.fault?.title) && (
        <p className="attention-note dense bad" role="alert">
          {problem ?? view?.fault?.title}. {view?.fault?.remedy}
        </p>
      )}
      {chosen && !problem && !view?.fault && (
        <p className="attention-note dense t2">
          The chosen start is kept in the table’s ledger with the first commit: conservation counts from there
          on.
        </p>
      )}
    </>
  )
}

function costWords({ messages, skipped }: StartView): string {
  return `${counted(messages, 'message')} from there; ${counted(skipped, 'message')} before it are never loaded`
}

const minutes = (at: number): string => new Date(at).toISOString().slice(0, 16)

function Pick({
  kind,
  value,
  word,
  fixed,
  onPick,
  children,
}: {
  kind: Kind
  value: Kind
  word: string
  fixed: boolean
  onPick: (value: Kind) => void
  children: ReactNode
}) {
  const on = kind === value
  return (
    <div className={on ? 'start is-on' : 'start'}>
      <label className="check">
        <input
          type="radio"
          className="visually-hidden"
          name="setup-start"
          checked={on}
          disabled={fixed}
          onChange={() => onPick(value)}
        />
        <span className={on ? 'box radio on' : 'box radio'} aria-hidden="true" />
        <b>{word}</b>
      </label>
      {children}
    </div>
  )
}

function TimeField({
  value,
  disabled,
  onChange,
}: {
  value: string
  disabled: boolean
  onChange: (value: string) => void
}) {
  const at = parseStart(value)?.at ?? Date.now()
  return (
    <span className="input s">
      <input
        type="datetime-local"
        aria-label="Start time, UTC"
        value={minutes(at)}
        disabled={disabled}
        onChange={(event) => event.target.value !== '' && onChange(`${event.target.value}Z`)}
      />
      <span className="unit">UTC</span>
    </span>
  )
}

/** Offsets as text, and what they come to by partition. */
function Offsets({
  view,
  wizard,
  fixed,
  onChange,
}: {
  view: StartView
  wizard: Wizard
  fixed: boolean
  onChange: (text: string) => void
}) {
  const id = useId()
  const value = wizard.value('kafka.start')
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  const read = async (file: File | undefined) => {
    if (!file) return
    const pairs = (await file.text()).matchAll(/^\s*(\d+)[\s,:;]+(\d+)\s*$/gm)
    onChange(Array.from(pairs, ([, partition, offset]) => `${partition}:${offset}`).join(',') || 'no offsets')
  }
  return (
    <div className="offsets">
      <div className="row">
        <label htmlFor={id} className="field-name">
          Partition and offset
        </label>
        <span className="input mono grow">
          <input
            id={id}
            value={text}
            disabled={fixed}
            spellCheck={false}
            onChange={(event) => setText(event.target.value)}
            onBlur={() => text !== value && onChange(text)}
            onKeyDown={(event) => event.key === 'Enter' && onChange(text)}
          />
        </span>
        <Button small disabled={fixed} onClick={() => document.getElementById(`${id}-file`)?.click()}>
          From a file
        </Button>
        <input
          id={`${id}-file`}
          type="file"
          hidden
          accept=".csv,.txt,.tsv"
          aria-label="File with a partition and an offset on each line"
          onChange={(event) => void read(event.target.files?.[0])}
        />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll area must be reachable by keyboard */}
      <section className="topics" tabIndex={0} aria-label="Start by partition">
        <table className="grid">
          <thead>
            <tr>
              <th className="num">Partition</th>
              <th className="num">Oldest kept</th>
              <th className="num">Newest</th>
              <th className="num">Starts at</th>
              <th className="num">Messages to load</th>
            </tr>
          </thead>
          <tbody>
            {view.partitions.slice(0, 200).map((one) => (
              <tr key={one.partition}>
                <td className="num mono">{one.partition}</td>
                <td className="num mono">{one.low}</td>
                <td className="num mono">{one.high}</td>
                <td className="num mono">{one.from ?? 'not held'}</td>
                <td className="num">
                  {one.from === null ? '' : count(String(BigInt(one.high) - BigInt(one.from)))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  )
}

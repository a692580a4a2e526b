import { type ReactNode, useState } from 'react'
import type { SettingsView, SettingView } from '../../../shared/model.ts'
import { Button } from '../../ui/button.tsx'
import { DestroyDialog } from '../../ui/dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Inspector, Section } from '../../ui/inspector.tsx'
import { Time } from '../../ui/time.tsx'
import { aboutOf, allowedOf, effectOf, nameOf, shownOf } from './words.ts'

/** One setting: what it does, what it takes, and which of its values rules. */
export function SettingInspector({
  one,
  view,
  locked,
  onForget,
  onClose,
}: {
  one: SettingView
  view: SettingsView
  locked: boolean
  /** Takes a secret out of where it is kept. */
  onForget: () => Promise<boolean>
  onClose: () => void
}) {
  return (
    <Inspector title={nameOf(one)} subject={`setting ${one.key}`} onClose={onClose}>
      <Section>
        <p className="dense t2 about">{aboutOf(one)}</p>
        <dl className="kv">
          <dt>In use</dt>
          <dd>{one.secret ? (one.set ? 'set, not shown' : 'none') : shown(one, one.value)}</dd>
          <dt>Allowed</dt>
          <dd>{allowedOf(one)}</dd>
          <dt>Variable</dt>
          <dd className="mono">{one.env}</dd>
          <dt>Flag</dt>
          <dd className={one.flag === null ? undefined : 'mono'}>
            {one.flag === null ? 'none, it would show in the list of processes' : `--${one.flag}`}
          </dd>
          <dt>Takes effect</dt>
          <dd>{effectOf(one)}</dd>
        </dl>
      </Section>
      <section className="sect">
        <div className="row between">
          <h3>Where the value comes from</h3>
          <span className="t3 dense">first one wins</span>
        </div>
        <Ladder one={one} store={view.secretStore} />
        <p className="dense t2 about">{adviceOf(one)}</p>
      </section>
      {one.layers.some((layer) => layer.at !== null) && (
        <Section title="Since">
          <dl className="kv">
            {one.layers.map((layer) => (
              <Since key={layer.origin.from} one={one} layer={layer} />
            ))}
          </dl>
        </Section>
      )}
      {one.secret && (
        <Section title="Secrets">
          <p className="dense t2 about">
            {view.secretStore === null
              ? 'Kept in the settings file, which only you may read (mode 600), and never in a report or the log. This host has no key store; the desktop window seals them with that of the system.'
              : `Kept by ${view.secretStore} and never in the file, a report or the log. Commands outside this window are given them by the environment.`}{' '}
            They can be replaced or forgotten, not shown.
          </p>
          {one.layers.some(({ origin }) => origin.from === 'file' || origin.from === 'keystore') && (
            <Forget one={one} locked={locked} onForget={onForget} />
          )}
        </Section>
      )}
    </Inspector>
  )
}

const shown = (one: SettingView, text: string | null): string =>
  text === null ? 'none' : shownOf(one.kind, text)

const STEPS = [
  ['sample', 'Sample'],
  ['flag', 'Flag'],
  ['environment', 'Environment'],
  ['keystore', 'Key store'],
  ['file', 'File'],
] as const

/** Every place that could give the value, what rules first; a losing value is struck. */
function Ladder({ one, store }: { one: SettingView; store: string | null }) {
  const winner = one.origin?.from ?? null
  const steps = STEPS.filter(([key]) =>
    key === 'sample' ? winner === key : key !== 'keystore' || (one.secret && store !== null),
  )
  const line = (key: string, name: string, value: ReactNode, given: boolean) => (
    <li key={key} className={key === winner ? 'cas' : 'cas off'}>
      {key === winner ? <Icon name="check" small /> : <span />}
      <span>
        {name}
        {key === winner && <span className="visually-hidden"> (rules)</span>}
      </span>
      <span className={given ? 'num figure' : 'num'}>{given && key !== winner ? <s>{value}</s> : value}</span>
    </li>
  )
  return (
    <ol className="ladder">
      {steps.map(([key, name]) => {
        const layer = one.layers.find(({ origin }) => origin.from === key)
        return layer
          ? line(key, name, one.secret ? 'set, not shown' : shown(one, layer.value), true)
          : line(key, name, 'not given', false)
      })}
      {line(
        'default',
        'Default',
        one.secret ? (winner === 'default' ? 'as shipped' : 'as shipped, if any') : shown(one, one.default),
        one.default !== null,
      )}
    </ol>
  )
}

function adviceOf(one: SettingView): string {
  const { origin } = one
  if (origin?.from === 'sample') return 'The sample rules it, so that it touches nothing of yours.'
  if (one.key === 'home') return `Start Tarn with ${one.env} or --${one.flag} to keep its things elsewhere.`
  if (origin?.from === 'environment')
    return `Changing it here would write the file, and the environment would still win. Unset ${origin.detail} and start Tarn again.`
  if (origin?.from === 'flag')
    return `Changing it here would write the file, and the flag would still win. Start Tarn without ${origin.detail}.`
  if (origin?.from === 'default' && origin.detail !== 'default')
    return `This default holds as ${origin.detail}.`
  return origin?.from === 'default' || origin === null
    ? 'Changing it here writes the file.'
    : 'Reset takes it out of the file again.'
}

function Since({ one, layer }: { one: SettingView; layer: SettingView['layers'][number] }) {
  const name = STEPS.find(([from]) => from === layer.origin.from)?.[1]
  if (layer.at === null) return null
  return (
    <>
      <dt>
        {name}
        {layer.origin.from === 'file' &&
          !one.secret &&
          layer.value !== null &&
          `, ${shown(one, layer.value)}`}
      </dt>
      <dd>
        {layer.origin.from === 'file'
          ? 'file written '
          : layer.origin.from === 'keystore'
            ? ''
            : 'start of Tarn, '}
        <Time at={layer.at} />
      </dd>
    </>
  )
}

function Forget({
  one,
  locked,
  onForget,
}: {
  one: SettingView
  locked: boolean
  onForget: () => Promise<boolean>
}) {
  const [asking, setAsking] = useState(false)
  const name = nameOf(one)
  return (
    <>
      <Button small kind="danger" disabled={locked} onClick={() => setAsking(true)}>
        Forget this secret
      </Button>
      <DestroyDialog
        open={asking}
        title={`Forget the ${name.toLowerCase()}?`}
        counts={[
          { name: 'Secrets forgotten', value: '1' },
          { name: 'Other settings', value: 'stay as they are' },
        ]}
        keep="Keep it"
        destroy="Forget 1 secret"
        onClose={() => setAsking(false)}
        onDestroy={() => {
          setAsking(false)
          void onForget()
        }}
      >
        It is shown nowhere, so that it cannot be brought back from here; you would type it again.
      </DestroyDialog>
    </>
  )
}

import { useId, useState } from 'react'
import type { SettingView } from '../../../shared/model.ts'

const LABELS: Readonly<Record<string, string>> = {
  'catalog.type': 'Catalog',
  'catalog.uri': 'Address',
  'catalog.token': 'Bearer token',
  'catalog.credential': 'OAuth2 client',
  'catalog.warehouse': 'Warehouse',
  'catalog.database': 'Namespace',
  's3.endpoint': 'Address',
  's3.accessKey': 'Access key',
  's3.secretKey': 'Secret key',
  's3.bucket': 'Bucket',
  's3.region': 'Region',
  's3.pathStyle': 'Path style',
  'kafka.brokers': 'Brokers',
  'kafka.topic': 'Topic',
  'kafka.securityProtocol': 'Protocol',
  'kafka.saslMechanism': 'Login by',
  'kafka.saslUsername': 'Login name',
  'kafka.saslPassword': 'Password',
}

interface Props {
  readonly setting: SettingView
  /** The value as edited; undefined while untouched. */
  readonly edited: string | undefined
  readonly onEdit: (value: string) => void
}

/** A locked secret: whether it is set, and a way to replace it. What is set never comes back to the page. */
function SecretInput({ id, setting, edited, onEdit }: Props & { id: string }) {
  const [replacing, setReplacing] = useState(false)
  if (!replacing && edited === undefined) {
    return (
      <div className="input is-off">
        <span className="grow">{setting.set ? 'Set, not shown' : 'Not set'}</span>
        <button
          id={id}
          type="button"
          className="btn s quiet"
          disabled={setting.fixed}
          onClick={() => setReplacing(true)}
        >
          {setting.set ? 'Replace' : 'Set'}
        </button>
      </div>
    )
  }
  return (
    <input
      id={id}
      className="input"
      type="password"
      autoComplete="off"
      value={edited ?? ''}
      onChange={(event) => onEdit(event.target.value)}
    />
  )
}

function ValueInput({ id, setting, edited, onEdit }: Props & { id: string }) {
  const value = edited ?? setting.value ?? ''
  const choices = setting.kind === 'boolean' ? ['true', 'false'] : setting.choices
  if (choices.length > 0) {
    return (
      <select
        id={id}
        className="select"
        value={value}
        disabled={setting.fixed}
        onChange={(event) => onEdit(event.target.value)}
      >
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
    )
  }
  return (
    <input
      id={id}
      className="input"
      value={value}
      readOnly={setting.fixed}
      spellCheck={false}
      onChange={(event) => onEdit(event.target.value)}
    />
  )
}

/** One setting with its name, its control and where its value comes from. */
export function SettingField(props: Props) {
  const id = useId()
  const { setting } = props
  return (
    <div className="field">
      <label htmlFor={id}>
        <span style={{ fontWeight: 500, fontSize: 'var(--t-dense)' }}>
          {LABELS[setting.key] ?? setting.help}
        </span>
      </label>
      {setting.secret ? <SecretInput id={id} {...props} /> : <ValueInput id={id} {...props} />}
      <span className="help">{setting.fixed ? `Ruled by ${setting.origin?.detail}` : setting.help}</span>
    </div>
  )
}

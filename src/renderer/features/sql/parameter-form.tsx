import type { ParameterField, ParameterKind } from '../../../shared/workbench.ts'
import { Select } from '../../ui/select.tsx'
import { firstField, troubleOf } from './parameters.ts'
import { setParameter } from './workbench.ts'

const KINDS: readonly { value: ParameterKind; word: string }[] = [
  { value: 'text', word: 'text' },
  { value: 'integer', word: 'whole number' },
  { value: 'number', word: 'number' },
  { value: 'date', word: 'day' },
  { value: 'timestamp', word: 'instant, UTC' },
  { value: 'boolean', word: 'true or false' },
  { value: 'null', word: 'null' },
]

/** A field for each parameter of the text; what is typed stays with the tab. */
export function ParameterForm({
  tab,
  names,
  fields,
}: {
  tab: string
  names: readonly string[]
  fields: Readonly<Record<string, ParameterField>>
}) {
  return (
    <section className="sql-parameters" aria-label="Parameters">
      {names.map((name) => (
        <Field
          key={name}
          name={name}
          field={fields[name] ?? firstField(name)}
          onChange={(field) => setParameter(tab, name, field)}
        />
      ))}
    </section>
  )
}

function Field({
  name,
  field,
  onChange,
}: {
  name: string
  field: ParameterField
  onChange: (field: ParameterField) => void
}) {
  const trouble = troubleOf(field)
  const shown = /^\d+$/.test(name) ? `Parameter ${name}` : name
  return (
    <div className="sql-parameter">
      <label className="mono cut" title={shown} htmlFor={`parameter-${name}`}>
        {shown}
      </label>
      <Select
        small
        label={`Type of ${shown}`}
        width={112}
        value={field.kind}
        choices={KINDS}
        onChange={(kind) => onChange({ kind, text: kind === 'boolean' ? 'true' : field.text })}
      />
      {field.kind === 'boolean' ? (
        <Select
          small
          id={`parameter-${name}`}
          label={shown}
          width={96}
          value={field.text === 'true' ? 'true' : 'false'}
          choices={[
            { value: 'true', word: 'true' },
            { value: 'false', word: 'false' },
          ]}
          onChange={(text) => onChange({ kind: 'boolean', text })}
        />
      ) : (
        field.kind !== 'null' && (
          <span className={trouble !== null && field.text !== '' ? 'input s is-bad' : 'input s'}>
            <input
              id={`parameter-${name}`}
              className={field.kind === 'text' ? undefined : 'mono'}
              aria-invalid={trouble !== null && field.text !== '' ? true : undefined}
              aria-describedby={trouble === null ? undefined : `parameter-${name}-help`}
              value={field.text}
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => onChange({ ...field, text: event.target.value })}
            />
          </span>
        )
      )}
      {trouble !== null && (
        <span className="t3 micro" id={`parameter-${name}-help`}>
          {trouble}
        </span>
      )}
    </div>
  )
}

import { useState } from 'react'
import { TABLE_ROLES, TABLES, type TableRole } from '../../../shared/tables.ts'
import { threadPath } from '../../../shared/thread.ts'
import { useLive } from '../../api/live.ts'
import { TextField } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { href, navigate } from '../../ui/route.ts'
import { Select } from '../../ui/select.tsx'
import { tellingColumns } from './sql-text.ts'

/** Where a thread begins when nothing was picked: a table and some values of a row. */
export function StartForm({ table }: { table: string | undefined }) {
  const { app } = useLive()
  const [role, setRole] = useState<TableRole>(TABLE_ROLES.find((one) => one === table) ?? 'raw')
  const [values, setValues] = useState<Readonly<Record<string, string>>>({})
  const names = tellingColumns({ role, name: '' }, [])
  const columns = TABLES[role].columns.filter(({ name }) => names.includes(name))
  const given = columns.flatMap(({ name }) => {
    const value = values[name]
    return value === undefined || value === '' ? [] : [[name, value] as const]
  })
  return (
    <main className="work" aria-label="Thread">
      <div className="thread-start">
        <h1>Where does a row come from</h1>
        <p className="t2">
          Name a table and some values of a row. Its data file, manifest, commit and Kafka message are found,
          one below the other. The more values, the fewer files are read.
        </p>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (given.length === 0) return
            const { path, query } = threadPath({ table: role, keys: Object.fromEntries(given) })
            navigate(path, query)
          }}
        >
          <div className="field">
            <span className="field-name" id="thread-table">
              Table
            </span>
            <Select
              label="Table"
              value={role}
              choices={TABLE_ROLES.map((value) => ({ value, word: app?.tables[value] ?? value }))}
              onChange={(next) => {
                setRole(next)
                setValues({})
              }}
            />
          </div>
          {columns.map(({ name, doc, type }) => (
            <TextField
              key={`${role} ${name}`}
              label={name}
              help={type === 'timestamp' ? `${doc}, as 2026-05-14 09:41:52 in UTC` : doc}
              mono
              value={values[name] ?? ''}
              onChange={(value) => setValues({ ...values, [name]: value })}
            />
          ))}
          <div className="row">
            <button type="submit" className="btn primary" disabled={given.length === 0}>
              <Icon name="search" />
              Find the row
            </button>
            <span className="t3 dense">
              {given.length === 0
                ? 'Give at least one value.'
                : `by ${given.length} of ${columns.length} columns`}
            </span>
          </div>
        </form>
        <p className="dense t2">
          Rows of an answer in <a href={href(['sql'])}>SQL</a>, points of a{' '}
          <a href={href(['dash'])}>dashboard</a>, <a href={href(['letters'])}>dead letters</a> and commits of
          the <a href={href(['load'])}>load</a> lead here by themselves. To look for a message by its text,
          open the <a href={href(['messages'])}>messages</a>.
        </p>
      </div>
    </main>
  )
}

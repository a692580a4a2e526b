import type { NamesView } from '../../../shared/setup.ts'
import { TABLE_ROLES } from '../../../shared/tables.ts'
import { Awaiting } from '../../ui/awaiting.tsx'
import { Button } from '../../ui/button.tsx'
import { counted } from '../../ui/format.ts'
import type { Read } from '../../ui/read.ts'
import { Scroll } from '../../ui/scroll.tsx'
import type { Wizard } from './wizard.ts'

/** What the catalog holds: its namespaces, and the chosen one in full. */
export function LakePane({ names, wizard }: { names: Read<NamesView>; wizard: Wizard }) {
  return (
    <aside className="insp" aria-label="In the catalog">
      <div className="head">
        <h3>In the catalog</h3>
      </div>
      <Scroll label="Namespaces and tables">
        {names.data ? (
          <Held found={names.data} wizard={wizard} />
        ) : (
          !names.error && <Awaiting of={names} what="Asking the catalog" again="Ask the catalog" />
        )}
      </Scroll>
    </aside>
  )
}

function Held({ found, wizard }: { found: NamesView; wizard: Wizard }) {
  const { name, exists } = found.namespace
  const use = (database: string) => void wizard.edit({ 'catalog.database': database }).catch(() => {})
  const properties = Object.entries(found.properties)
  return (
    <>
      <div className="sect">
        <div className="row between">
          <h3>Namespaces</h3>
          <span className="t2 dense">{found.namespaces.length}</span>
        </div>
        <ul className="dense rows">
          {found.namespaces.map((one) => (
            <li key={one} className="row between">
              <span className="mono cut">{one}</span>
              {one === name ? (
                <span className="t2">chosen</span>
              ) : (
                <Button small kind="quiet" aria-label={`Use ${one}`} onClick={() => use(one)}>
                  Use
                </Button>
              )}
            </li>
          ))}
        </ul>
        {found.namespaces.length === 0 && (
          <p className="dense t2">
            {found.faults.length > 0 ? 'The catalog did not tell.' : 'The catalog holds none yet.'}
          </p>
        )}
      </div>
      <div className="sect">
        <h3>Free names</h3>
        <ul className="dense rows">
          {(exists ? found.free : [name, ...found.free]).map((one) => (
            <li key={one} className="row between">
              <span className="mono cut">{one}</span>
              {one === name ? (
                <span className="t2">chosen</span>
              ) : (
                <Button small kind="quiet" aria-label={`Use ${one}`} onClick={() => use(one)}>
                  Use
                </Button>
              )}
            </li>
          ))}
        </ul>
      </div>
      {exists && properties.length > 0 && (
        <div className="sect">
          <h3>Properties of {name}</h3>
          <dl className="kv">
            {properties.map(([key, value]) => (
              <div key={key} style={{ display: 'contents' }}>
                <dt>{key}</dt>
                <dd className="mono">{value}</dd>
              </div>
            ))}
          </dl>
        </div>
      )}
    </>
  )
}

/** The five names beside what the namespace holds by that name, and what else is in it. */
export function NameTable({
  found,
  read,
  wizard,
}: {
  found: NamesView
  /** False where the catalog did not answer, so that what it holds is not known. */
  read: boolean
  wizard: Wizard
}) {
  const { tables, name } = found.namespace
  const ours = TABLE_ROLES.map((role) => wizard.value(`tables.${role}`))
  const others = tables.filter((one) => !ours.includes(one))
  return (
    <table className="grid">
      <thead>
        <tr>
          <th>Name in {name}</th>
          <th>For</th>
          <th>Now</th>
        </tr>
      </thead>
      <tbody>
        {TABLE_ROLES.map((role, index) => (
          <tr key={role}>
            <td className="mono">{ours[index]}</td>
            <td className="t2">{FOR[role]}</td>
            <td>
              {!read
                ? 'not known'
                : tables.includes(ours[index] ?? '')
                  ? 'a table is there: compared in step 3'
                  : 'free, to be made'}
            </td>
          </tr>
        ))}
        {others.slice(0, 8).map((one) => (
          <tr key={one}>
            <td className="mono t2">{one}</td>
            <td className="t2">not of this loader</td>
            <td className="t2">left alone</td>
          </tr>
        ))}
        {others.length > 8 && (
          <tr>
            <td colSpan={3} className="t2">
              and {counted(others.length - 8, 'table')} more, left alone
            </td>
          </tr>
        )}
      </tbody>
    </table>
  )
}

const FOR = {
  raw: 'accepted samples',
  errors: 'dead letters',
  daily: 'daily statistics',
  weekly: 'weekly statistics',
  monthly: 'monthly statistics',
} as const

import { toFault } from '../../../shared/errors.ts'
import { answer, api } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { counted } from '../../ui/format.ts'
import { Scroll } from '../../ui/scroll.tsx'
import { Status } from '../../ui/status.tsx'
import { BucketFacts, Rights } from './bucket-facts.tsx'
import { isFolder } from './connect-step.tsx'
import { LakePane, NameTable } from './lake-pane.tsx'
import { SettingField } from './setting-field.tsx'
import { Foot } from './step-frame.tsx'
import { useAsked, type Wizard } from './wizard.ts'

export const useNames = (enabled = true) =>
  useAsked('names', (init) => answer(api.setup.names.$post({ json: {} }, init)), enabled)

/** Step 2: where the tables will lie, and what is there already. Nothing is made. */
export function NamesStep({ wizard }: { wizard: Wizard }) {
  const names = useNames()
  const folder = isFolder(wizard)
  const found = names.data
  const fault = names.error ? toFault(names.error) : (found?.faults[0] ?? null)
  const read = found !== undefined && fault === null
  return (
    <>
      <main className="work" aria-label="Namespace and bucket">
        <div className="bar">
          <h2>Namespace and bucket</h2>
          {read && (
            <Status
              state={found.namespace.exists ? 'passed' : 'waiting'}
              word={found.namespace.exists ? 'Namespace is there' : 'Namespace to make'}
            />
          )}
          <span className="grow" />
          <Button small icon="refresh" onClick={() => void names.refetch()}>
            Look again
          </Button>
        </div>
        <Scroll label="Namespace and bucket">
          {fault && (
            <FaultBlock fault={fault}>
              <Button kind="primary" onClick={() => void names.refetch()}>
                Look again
              </Button>
            </FaultBlock>
          )}
          <section className="svc" aria-label="Namespace">
            <div className="row">
              <h3>Namespace</h3>
              {read && (
                <Status
                  state={found.namespace.exists ? 'passed' : 'waiting'}
                  word={found.namespace.exists ? 'There' : 'To make'}
                />
              )}
              <span className="t2 dense cut grow">
                {found?.namespace.exists
                  ? `${counted(found.namespace.tables.length, 'table')} in it`
                  : 'it holds the five tables and nothing else of Tarn'}
              </span>
            </div>
            <div className="fs">
              <SettingField
                wizard={wizard}
                setting="catalog.database"
                label="Namespace"
                id="setup-catalog-database"
              />
            </div>
          </section>
          {found && <NameTable found={found} read={read} wizard={wizard} />}
          <section className="svc" aria-label="Warehouse">
            <div className="row">
              <h3>{folder ? 'Folder' : 'Bucket and warehouse'}</h3>
              {found?.bucket && (
                <Status
                  state={found.bucket.exists ? 'passed' : 'waiting'}
                  word={found.bucket.exists ? 'There' : 'To make'}
                />
              )}
              <span className="t2 dense cut grow">
                {folder
                  ? 'data and metadata of all tables, in files of open formats'
                  : 'a catalog may put tables elsewhere: its own word counts'}
              </span>
            </div>
            <div className="fs">
              <SettingField
                wizard={wizard}
                setting="catalog.warehouse"
                label="Warehouse"
                help={found ? `Now ${found.warehouse}` : ''}
                id="setup-catalog-warehouse"
              />
              {!folder && (
                <SettingField wizard={wizard} setting="s3.bucket" label="Bucket" id="setup-s3-bucket" />
              )}
            </div>
            {found?.bucket && <BucketFacts bucket={found.bucket} />}
          </section>
          {found && (
            <Rights
              where={
                folder
                  ? 'folder'
                  : found.bucket === null
                    ? 'unknown'
                    : found.bucket.exists
                      ? 'there'
                      : 'absent'
              }
            />
          )}
        </Scroll>
        <Foot
          step="names"
          wizard={wizard}
          note="Nothing is made in this step; Review shows all of it first"
          primary={read}
        />
      </main>
      <LakePane names={names} wizard={wizard} />
    </>
  )
}

import { useState } from 'react'
import type { HealthReason, HealthView, TableDetail } from '../../../shared/inspect.ts'
import { MAINTENANCE_KINDS, type MaintenanceKind } from '../../../shared/maintenance.ts'
import { Button } from '../../ui/button.tsx'
import { bytes, count } from '../../ui/format.ts'
import { Inspector, Section } from '../../ui/inspector.tsx'
import type { Read } from '../../ui/read.ts'
import { Status } from '../../ui/status.tsx'
import { amend } from './address.ts'
import { Answered } from './answered.tsx'
import { MaintainDialog } from './maintain-dialog.tsx'
import { WORDS } from './maintain-words.ts'
import type { TableAt } from './requests.ts'
import { WayBack } from './way-back.tsx'

/** Why a table is slower to read than it need be, what it costs and what helps, and the maintenance that does it. */
export function HealthPane({
  table,
  detail,
  health,
}: {
  table: TableAt
  detail: TableDetail
  health: Read<HealthView>
}) {
  const [mending, setMending] = useState<MaintenanceKind | null>(null)
  return (
    <Inspector title="Health" subject="health" onClose={() => amend({ health: undefined })}>
      <Answered answered={health} what="Reading manifests" table={table}>
        {(view) => (
          <>
            <Section>
              <dl className="kv">
                <dt>Files</dt>
                <dd>{count(view.files)}</dd>
                <dt>Partitions</dt>
                <dd>{count(view.partitions)}</dd>
                <dt>Manifests</dt>
                <dd>{count(view.manifests)}</dd>
                <dt>Mean file</dt>
                <dd>{detail.files && detail.bytes !== null ? bytes(detail.bytes / detail.files) : 'none'}</dd>
              </dl>
            </Section>
            {view.reasons.length === 0 ? (
              <Section>
                <Status state="passed" word="Nothing to mend" bare />
              </Section>
            ) : (
              <Section title="Reasons and remedies">
                <Reasons reasons={view.reasons} onMend={setMending} />
              </Section>
            )}
            {view.wayBack && (
              <Section title="Way back">
                <WayBack table={table} way={view.wayBack} />
              </Section>
            )}
            <Section title="Maintenance">
              <p className="t2 dense">Each is planned and shown first; nothing is changed by a preview.</p>
              <div className="mends">
                {MAINTENANCE_KINDS.map((kind) => (
                  <Button key={kind} small onClick={() => setMending(kind)}>
                    {WORDS[kind].preview}
                  </Button>
                ))}
              </div>
            </Section>
          </>
        )}
      </Answered>
      {mending && (
        <MaintainDialog key={mending} table={table} kind={mending} onClose={() => setMending(null)} />
      )}
    </Inspector>
  )
}

/** Reasons with their remedies; `onMend` opens the maintenance that is one. */
export function Reasons({
  reasons,
  onMend,
}: {
  reasons: readonly HealthReason[]
  onMend?: (kind: MaintenanceKind) => void
}) {
  return reasons.map((reason) => (
    <div key={reason.code} className="fault attention tables-reason">
      <div>
        <Status state="attention" word={reason.title} bare />
      </div>
      <p className="dense">{reason.detail}</p>
      <p className="dense">
        <b>Remedy</b> {reason.remedy}
      </p>
      {onMend && reason.mend && <Mend kind={reason.mend} onMend={onMend} />}
    </div>
  ))
}

function Mend({ kind, onMend }: { kind: MaintenanceKind; onMend: (kind: MaintenanceKind) => void }) {
  return (
    <div>
      <Button small onClick={() => onMend(kind)}>
        {WORDS[kind].preview}
      </Button>
    </div>
  )
}

import type { UseQueryResult } from '@tanstack/react-query'
import type { HealthReason, HealthView, TableDetail } from '../../../shared/inspect.ts'
import { bytes, count } from '../../ui/format.ts'
import { Inspector, Section } from '../../ui/inspector.tsx'
import { Status } from '../../ui/status.tsx'
import { amend } from './address.ts'
import { Answered } from './answered.tsx'
import type { TableAt } from './requests.ts'

/** Why a table is slower to read than it need be, what it costs and what helps. Tarn itself rewrites nothing. */
export function HealthPane({
  table,
  detail,
  health,
}: {
  table: TableAt
  detail: TableDetail
  health: UseQueryResult<HealthView>
}) {
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
                <Reasons reasons={view.reasons} />
              </Section>
            )}
          </>
        )}
      </Answered>
    </Inspector>
  )
}

export function Reasons({ reasons }: { reasons: readonly HealthReason[] }) {
  return reasons.map((reason) => (
    <div key={reason.code} className="fault attention tables-reason">
      <div>
        <Status state="attention" word={reason.title} bare />
      </div>
      <p className="dense">{reason.detail}</p>
      <p className="dense">
        <b>Remedy</b> {reason.remedy}
      </p>
    </div>
  ))
}

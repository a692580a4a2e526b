import type { LoadView } from '../../../shared/model.ts'
import { Balance } from '../../ui/balance.tsx'

/** What became of everything this run has consumed: samples written, dead-lettered, or skipped as already there. */
export function LoadBalance({ load }: { load: LoadView }) {
  return (
    <section className="ledger" aria-label="Ledger">
      <div className="row" style={{ marginBottom: 10 }}>
        <h3>Ledger</h3>
        <span className="t3 dense">samples of this run</span>
      </div>
      <Balance
        name="Consumed"
        total={load.rows + load.rejected + load.skipped}
        parts={[
          { name: 'Written', value: load.rows, color: 'var(--c1)' },
          { name: 'Dead-lettered', value: load.rejected, color: 'var(--c3)' },
          { name: 'Skipped', value: load.skipped, color: 'var(--c-other)' },
        ]}
      />
    </section>
  )
}

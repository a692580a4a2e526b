import type { ProbeTarget, ProbeView, SettingView } from '../../../shared/model.ts'
import { FaultBlock } from '../../ui/fault.tsx'
import { duration } from '../../ui/format.ts'
import { Status } from '../../ui/status.tsx'
import { SettingField } from './setting-field.tsx'

export interface ConnectionPart {
  readonly target: ProbeTarget
  readonly name: string
  /** Keys of the settings it is made of, in the order they are asked. */
  readonly keys: readonly string[]
}

function ProbeState({ probe, probing }: { probe: ProbeView | null; probing: boolean }) {
  if (probing) return <Status state="running" word="Trying" />
  if (!probe) return <Status state="waiting" word="Not tried yet" />
  switch (probe.state) {
    case 'passed':
      return <Status state="passed" word={probe.text} />
    case 'failed':
      return <Status state="failed" word="Failed" />
    case 'skipped':
      return <Status state="waiting" word={probe.text} />
  }
}

interface Props {
  readonly part: ConnectionPart
  readonly settings: readonly SettingView[]
  readonly edits: Readonly<Record<string, string>>
  readonly probe: ProbeView | null
  readonly probing: boolean
  readonly onEdit: (key: string, value: string) => void
}

/** One service: what it takes to reach it, and what was found when it was tried. */
export function Connection({ part, settings, edits, probe, probing, onEdit }: Props) {
  const shown = part.keys.flatMap((key) => settings.find((setting) => setting.key === key) ?? [])
  return (
    <section className="sect" aria-label={part.name}>
      <div className="row">
        <h3>{part.name}</h3>
        <ProbeState probe={probe} probing={probing} />
        {probe && !probing && <span className="t3 dense">{duration(probe.ms)}</span>}
      </div>
      <div style={{ display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(260px, 1fr))', gap: 12 }}>
        {shown.map((setting) => (
          <SettingField
            key={setting.key}
            setting={setting}
            edited={edits[setting.key]}
            onEdit={(value) => onEdit(setting.key, value)}
          />
        ))}
      </div>
      {probe?.fault && !probing && (
        <div style={{ marginTop: 12 }}>
          <FaultBlock fault={probe.fault} />
        </div>
      )}
    </section>
  )
}

import { useState } from 'react'
import { LEAST_ORPHAN_DAYS, type MaintenanceWish } from '../../../shared/maintenance.ts'
import { TextField } from '../../ui/field.tsx'

/** How old something must be to go; nothing for maintenance that asks for no such thing. Each change is planned anew. */
export function WishForm({
  wish,
  onWish,
}: {
  wish: MaintenanceWish
  onWish: (wish: MaintenanceWish) => void
}) {
  const [days, setDays] = useState('days' in wish ? String(wish.days) : '')
  const [keep, setKeep] = useState('keep' in wish ? String(wish.keep) : '')
  if (wish.kind === 'compact' || wish.kind === 'manifests') return null
  const least = wish.kind === 'orphans' ? LEAST_ORPHAN_DAYS : 1
  const badDays = isWhole(days, least) ? null : `At least ${least} day, in whole days`
  const badKeep = wish.kind === 'orphans' || isWhole(keep, 1) ? null : 'At least 1 snapshot'
  const change = (nextDays: string, nextKeep: string) => {
    setDays(nextDays)
    setKeep(nextKeep)
    if (!isWhole(nextDays, least)) return
    if (wish.kind === 'orphans') onWish({ kind: 'orphans', days: Number(nextDays) })
    else if (isWhole(nextKeep, 1)) onWish({ kind: 'expire', days: Number(nextDays), keep: Number(nextKeep) })
  }
  return (
    <div className="wish">
      <TextField
        label="Older than"
        value={days}
        onChange={(text) => change(text, keep)}
        unit="days"
        bad={badDays}
      />
      {wish.kind === 'expire' && (
        <TextField
          label="Always keep the newest"
          value={keep}
          onChange={(text) => change(days, text)}
          unit="snapshots"
          bad={badKeep}
        />
      )}
    </div>
  )
}

const isWhole = (text: string, least: number): boolean => /^\d{1,5}$/.test(text) && Number(text) >= least

import { Popover as Base } from '@base-ui/react/popover'
import { useState } from 'react'
import type { AppState } from '../shared/model.ts'
import { noticesOf } from './notices.ts'
import { counted } from './ui/format.ts'
import { Icon } from './ui/icon.tsx'
import { keep, kept } from './ui/kept.ts'
import { NoticeList } from './ui/notice-list.tsx'

const READ = 'notices.read'
const CLEARED = 'notices.cleared'
const keptTime = (name: string): number => Number(kept(name)) || 0

/** The bell of the title bar: how much happened that was not looked at yet, and the list of it. */
export function Bell({ app }: { app: AppState | null }) {
  const [read, setRead] = useState(() => keptTime(READ))
  const [cleared, setCleared] = useState(() => keptTime(CLEARED))
  const [open, setOpen] = useState(false)
  /** Up to where it had been read when the list was opened. */
  const [since, setSince] = useState(read)
  const notices = app === null ? [] : noticesOf(app).filter((one) => one.at > cleared)
  const unread = notices.filter((one) => one.at > read).length
  const newest = notices[0]?.at ?? 0
  const change = (next: boolean) => {
    setOpen(next)
    if (!next) return
    setSince(read)
    if (newest <= read) return
    setRead(newest)
    keep(READ, String(newest))
  }
  const clear = () => {
    setCleared(newest)
    keep(CLEARED, String(newest))
  }
  return (
    <Base.Root open={open} onOpenChange={change}>
      <Base.Trigger
        className="btn quiet icon s bell"
        aria-label={unread === 0 ? 'Notices' : `Notices, ${counted(unread, 'new one', 'new ones')}`}
        title="Notices"
      >
        <Icon name="bell" />
        {unread > 0 && (
          <span className="count" aria-hidden="true">
            {unread > 9 ? '9+' : unread}
          </span>
        )}
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner className="over" sideOffset={6} align="end">
          <Base.Popup className="pop padded" style={{ width: 380 }}>
            <Base.Title className="label">Notices</Base.Title>
            <NoticeList notices={notices} since={since} onOpen={() => setOpen(false)} onClear={clear} />
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

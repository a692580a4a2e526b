import type { RefObject } from 'react'
import type { RawOrder, ThreadView } from '../../../shared/trace.ts'
import { CommitLevel } from './commit-level.tsx'
import { FileLevel, ManifestLevel } from './file-level.tsx'
import { LetterLevel } from './letter-level.tsx'
import type { Level } from './levels.ts'
import { MessageLevel } from './message-level.tsx'
import { RawLevel } from './raw-level.tsx'
import { RowLevel } from './row-level.tsx'

export interface LevelProps {
  readonly view: ThreadView
  /** Focused when a level is opened from the list. */
  readonly heading: RefObject<HTMLHeadingElement | null>
  readonly onGo: (change: Readonly<Record<string, string | undefined>>) => void
}

/** What one level holds: its facts, and the ways to its page and back. */
export function LevelDetail({ level, order, ...props }: LevelProps & { level: Level; order: RawOrder }) {
  switch (level.key) {
    case 'row':
      return <RowLevel {...props} />
    case 'file':
      return <FileLevel {...props} />
    case 'manifest':
      return <ManifestLevel {...props} />
    case 'commit':
      return <CommitLevel {...props} commit={props.view.origin} />
    case 'raw':
      return <RawLevel {...props} order={order} />
    case 'letter':
      return <LetterLevel {...props} />
    case 'message':
      return <MessageLevel {...props} />
    default: {
      const rewrite = props.view.rewrites[Number(level.key.slice('rewrite-'.length))]
      return <CommitLevel {...props} commit={rewrite?.commit ?? null} from={rewrite?.from} />
    }
  }
}

import { Button } from './button.tsx'
import { href } from './route.ts'
import { type State, Status } from './status.tsx'
import { Time } from './time.tsx'

/** Something that happened: with its place, and until when it is news. */
export interface Notice {
  readonly id: string
  /** ms since the epoch */
  readonly at: number
  readonly state: State
  /** `Replay finished`. */
  readonly word: string
  /** What it touched; may be empty. */
  readonly text: string
  /** Of the page that it is about. */
  readonly path: readonly string[]
}

/** What happened, newest first. `since`: what is later has not been seen before, and says so. */
export function NoticeList({
  notices,
  since,
  onOpen,
  onClear,
}: {
  notices: readonly Notice[]
  since: number
  onOpen: () => void
  onClear: () => void
}) {
  if (notices.length === 0)
    return (
      <p className="t2 dense notices-none">
        Nothing happened yet in this run of Tarn that you were not shown.
      </p>
    )
  return (
    <>
      <ul className="notices">
        {notices.map((one) => (
          <li key={one.id}>
            <a href={href(one.path)} onClick={onOpen}>
              <span className="row">
                <Status state={one.state} word={one.word} bare />
                {one.at > since && <b className="badge solid">new</b>}
                <span className="grow" />
                <span className="t3 dense">
                  <Time at={one.at} as="ago" />
                </span>
              </span>
              {one.text && <span className="t2 dense">{one.text}</span>}
            </a>
          </li>
        ))}
      </ul>
      <div className="row">
        <span className="grow" />
        <Button small kind="quiet" onClick={onClear}>
          Clear {notices.length === 1 ? 'it' : `all ${notices.length}`}
        </Button>
      </div>
    </>
  )
}

import { useState } from 'react'
import { Awaiting } from '../../ui/awaiting.tsx'
import { IconButton } from '../../ui/button.tsx'
import { bytes, count } from '../../ui/format.ts'
import { hexOf } from './hex.ts'
import { useBytes } from './queries.ts'

/** Bytes shown at a time. */
const SHOWN = 4096

/** The bytes of a letter, read when they are looked at, a stretch at a time. */
export function LetterBytes({ id }: { id: string }) {
  const [from, setFrom] = useState(0)
  const read = useBytes(id, from, from + SHOWN)
  const { data } = read
  if (!data) return <Awaiting of={read} what="Reading bytes" plain />
  const end = from + data.bytes.length
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll area must be reachable by keyboard */}
      <section className="letter-side" tabIndex={0} aria-label="Bytes as stored">
        <pre className="hex">{hexOf(data.bytes, from)}</pre>
      </section>
      <footer className="row letter-foot">
        <span className="micro t2">
          {data.of > SHOWN
            ? `Bytes ${count(from)} to ${count(end)} of ${count(data.of)}`
            : `${bytes(data.of)} as stored`}
        </span>
        <span className="grow" />
        {data.of > SHOWN && (
          <>
            <IconButton
              icon="back"
              label="Bytes before"
              disabled={from === 0}
              onClick={() => setFrom(Math.max(0, from - SHOWN))}
            />
            <IconButton
              icon="next"
              label="Bytes after"
              disabled={end >= data.of}
              onClick={() => setFrom(end)}
            />
          </>
        )}
      </footer>
    </>
  )
}

import { useEffect, useRef } from 'react'
import type { PayloadView } from '../../shared/letters.ts'

/** Characters that would move, hide or turn other text round; a terminal's escapes among them. */
const UNSEEN = /((?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}])/u

const spelled = (text: string) =>
  `U+${(text.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`

/** Longer text says no more and costs the page dearly. */
const MOST = 2000

/** Text of unknown origin as text: what cannot be seen is spelled out, nothing is acted on. */
export function PlainText({ children }: { children: string }) {
  const shown = children.length > MOST ? `${children.slice(0, MOST)}\u2026` : children
  const parts = shown.split(UNSEEN)
  if (parts.length === 1) return shown
  return parts.map((part, index) =>
    index % 2 === 0 ? (
      part
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no identity
      <span key={index} className="ctl">
        {spelled(part)}
      </span>
    ),
  )
}

const TOKENS = /("(?:[^"\\]|\\.)*"(?=\s*:))|("(?:[^"\\]|\\.)*")|(-?\b\d[\d.eE+-]*|\b(?:true|false|null)\b)/

/** A line of JSON in the colours of its parts. */
function Coloured({ text }: { text: string }) {
  const parts: { text: string; name: string }[] = []
  let rest = text
  for (let match = TOKENS.exec(rest); match; match = TOKENS.exec(rest)) {
    if (match.index > 0) parts.push({ text: rest.slice(0, match.index), name: '' })
    parts.push({ text: match[0], name: match[1] ? 'sk' : match[2] ? 'ss' : 'sn' })
    rest = rest.slice(match.index + match[0].length)
  }
  if (rest !== '') parts.push({ text: rest, name: '' })
  return parts.map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one line have no identity
    <span key={index} className={part.name || undefined}>
      <PlainText>{part.text}</PlainText>
    </span>
  ))
}

/** A payload line by line: what was refused underlined, what a fix changed marked, the first of it in view. */
export function Payload({ view, label }: { view: PayloadView; label: string }) {
  const self = useRef<HTMLElement>(null)
  const refused = view.lines.findIndex(({ hit }) => hit !== null)
  const first = refused < 0 ? view.lines.findIndex(({ change }) => change !== null) : refused
  const told = view.lines[first]?.text
  // biome-ignore lint/correctness/useExhaustiveDependencies: another text of that line is another payload
  useEffect(() => {
    const area = self.current
    const line = area?.children[first]
    if (!area || !(line instanceof HTMLElement)) return
    const { offsetTop, offsetHeight } = line
    const top = offsetTop - area.offsetTop
    area.scrollTop = top + offsetHeight > area.clientHeight ? top - area.clientHeight / 3 : 0
  }, [first, told])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll area must be reachable by keyboard
    <section ref={self} className="diff payload" tabIndex={0} aria-label={label}>
      {view.lines.map((line, index) => {
        const [from, to] = line.hit ?? [line.text.length, line.text.length]
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place
          <div key={index} className={line.change ?? undefined}>
            <Coloured text={line.text.slice(0, from)} />
            {line.hit && (
              <mark className="hit" style={{ background: 'none', color: 'inherit' }}>
                <Coloured text={line.text.slice(from, to)} />
              </mark>
            )}
            <Coloured text={line.text.slice(to)} />
          </div>
        )
      })}
      {view.cut && <div className="t2">Cut here for its length; export it to see all of it.</div>}
    </section>
  )
}

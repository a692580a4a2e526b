import { type ReactNode, useEffect, useRef } from 'react'
import { AREAS, LOW_AREAS } from './ui/shell.tsx'

/** What is over the page and keeps the focus until it is closed; a toast does not. */
const OVER = '[role=dialog]:not(.toast), [role=alertdialog]:not(.toast), [role=menu], [role=listbox].pop'
/** What is gone through by arrow keys, and goes on having the focus when that opens another page beside it. */
const WALKED = '[role=tree], [role=tablist], [role=grid]'
/** Pages without a place in the rail. */
const OTHERS: Readonly<Record<string, string>> = {
  welcome: 'Welcome',
  thread: 'Thread',
  messages: 'Messages',
}

/** `Set-up, names`: what the page at a path is called. */
export function pageName([area = '', ...rest]: readonly string[]): string {
  const name = OTHERS[area] ?? [...AREAS, ...LOW_AREAS].find(({ key }) => key === area)?.name ?? area
  return rest.length === 0 ? name : `${name}, ${rest.join(' ')}`
}

/** The focus before the page at the newest address is drawn: this hears of the address before the page does. */
let before: Element | null = null
addEventListener('hashchange', () => {
  before = document.activeElement
})

/** Calls `then` once nothing is over the page; gives back how to give it up. */
function onceBare(then: () => void): () => void {
  if (document.querySelector(OVER) === null) {
    then()
    return () => undefined
  }
  const watch = new MutationObserver(() => {
    if (document.querySelector(OVER) !== null) return
    watch.disconnect()
    // What was over the page gives the focus back as it goes.
    frame = requestAnimationFrame(then)
  })
  let frame = 0
  watch.observe(document.body, { childList: true, subtree: true })
  return () => {
    watch.disconnect()
    cancelAnimationFrame(frame)
  }
}

/**
 * A page below its heading, which is for those who do not see it. Another page has the focus there, and so is told by
 * name, unless it took the focus itself or a tree beside it has it still.
 */
export function PageName({
  path,
  children,
}: {
  /** Of the page that is shown; null until that is known. */
  path: readonly string[] | null
  children: ReactNode
}) {
  const heading = useRef<HTMLHeadingElement>(null)
  const place = path?.join('/') ?? null
  const name = path === null ? 'Tarn' : pageName(path)
  const shown = useRef<string | null>(null)
  const title = path === null ? name : `${name} - Tarn`
  useEffect(() => {
    document.title = title
  }, [title])
  useEffect(() => {
    const last = shown.current
    shown.current = place ?? last
    if (place === null || last === null || last === place) return
    const opener = before
    return onceBare(() => {
      const at = document.activeElement
      const taken = at !== null && at !== opener && at.closest('.list, .work, .insp') !== null
      if (!taken && !at?.closest(WALKED)) heading.current?.focus({ preventScroll: true })
    })
  }, [place])
  return (
    <>
      <h1 ref={heading} tabIndex={-1} className="page-name visually-hidden">
        {name}
      </h1>
      {children}
    </>
  )
}

import type { ReactNode, RefObject } from 'react'

/** The head of a level: its name, and what can be done with it. */
export function LevelBar({
  title,
  about,
  heading,
  children,
}: {
  title: string
  about?: ReactNode
  heading?: RefObject<HTMLHeadingElement | null>
  children?: ReactNode
}) {
  return (
    <div className="bar thread-bar">
      <h2 ref={heading} tabIndex={-1} className="nw">
        {title}
      </h2>
      <span className="t2 dense cut grow">{about}</span>
      {children}
    </div>
  )
}

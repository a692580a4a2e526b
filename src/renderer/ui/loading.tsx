import { useEffect, useState } from 'react'
import { Status } from './status.tsx'

const LINES = ['72%', '58%', '66%', '48%', '70%', '54%', '62%']

/** Nothing for 300 ms, then a skeleton of rows; after 2 s also how long it has taken. */
export function Loading({ what }: { what: string }) {
  const [seconds, setSeconds] = useState(0)
  const [shown, setShown] = useState(false)
  useEffect(() => {
    const show = setTimeout(() => setShown(true), 300)
    const timer = setInterval(() => setSeconds((s) => s + 1), 1000)
    return () => {
      clearTimeout(show)
      clearInterval(timer)
    }
  }, [])
  if (!shown) return <div aria-busy="true" className="grow" />
  return (
    <div
      aria-busy="true"
      className="grow"
      style={{ padding: 12, display: 'grid', gap: 16, alignContent: 'start' }}
    >
      <span style={{ height: 20 }}>
        {seconds >= 2 && <Status state="running" word={`${what}, ${seconds} s`} bare />}
      </span>
      {LINES.map((width) => (
        <div key={width} className="skel" style={{ width }} />
      ))}
    </div>
  )
}

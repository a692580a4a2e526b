import { type RefObject, useLayoutEffect, useRef, useState } from 'react'

/** The width in px that a chart's place has now; 0 before it is measured. */
export function useWidth<T extends HTMLElement>(): { place: RefObject<T | null>; width: number } {
  const place = useRef<T>(null)
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const element = place.current
    if (element === null) return
    const measure = () => setWidth(Math.floor(element.clientWidth))
    measure()
    const watcher = new ResizeObserver(measure)
    watcher.observe(element)
    return () => watcher.disconnect()
  }, [])
  return { place, width }
}

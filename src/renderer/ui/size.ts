import { keep, kept } from './kept.ts'

const key = (name: string) => `size.${name}`

export function clampSize(size: number, least: number, most: number): number {
  return Math.round(Math.min(most, Math.max(least, size)))
}

/** Size of a pane in pixels as last left, within its bounds. */
export function readSize(name: string, usual: number, least: number, most: number): number {
  const stored = Number(kept(key(name)))
  return stored > 0 ? clampSize(stored, least, most) : usual
}

export function storeSize(name: string, size: number): void {
  keep(key(name), String(size))
}

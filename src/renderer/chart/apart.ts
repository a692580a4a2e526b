/** How much of a cut name is its beginning; the rest is its end. Tried in this order. */
const BEGINNINGS = [0.35, 0.6, 0.85, 0.1]

/**
 * Labels of at most `most` characters for names: longer ones are cut in the middle, where that tells the most of them
 * apart, so that names with a long beginning in common do not look alike.
 */
export function apart(names: readonly string[], most: number): ReadonlyMap<string, string> {
  const unlike = [...new Set(names)]
  let best: ReadonlyMap<string, string> = new Map()
  let told = -1
  for (const share of BEGINNINGS) {
    const labels = new Map(unlike.map((name) => [name, cut(name, most, share)]))
    const distinct = new Set(labels.values()).size
    if (distinct <= told) continue
    best = labels
    told = distinct
  }
  return best
}

function cut(name: string, most: number, share: number): string {
  if (name.length <= most) return name
  const head = Math.round((most - 1) * share)
  return `${name.slice(0, head)}\u2026${name.slice(name.length - (most - 1 - head))}`
}

/** A place on the map by its own names, so that it stays the same place while the table grows. */
export interface Spot {
  readonly column: string
  readonly row: string
}

export const spotText = ({ column, row }: Spot): string => `${column}~${row}`

/** The spot of an address; null without one. */
export function spotOf(text: string | undefined): Spot | null {
  const at = text?.indexOf('~') ?? -1
  return text === undefined || at < 0 ? null : { column: text.slice(0, at), row: text.slice(at + 1) }
}

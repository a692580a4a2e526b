/** A lake that was opened before, by catalog and namespace. */
export interface KnownLake {
  readonly id: string
  readonly name: string
  readonly database: string
  /** Host and port of the catalog, or the folder of a lake on this computer. */
  readonly place: string
  readonly embedded: boolean
  /** Of the five, as last seen; null where it was not looked at. */
  readonly tables: number | null
  /** Rows of raw, as last seen. */
  readonly rows: number | null
  /** ms since the epoch. */
  readonly openedAt: number
  readonly open: boolean
  /** Why it cannot be opened now: the variable or flag that decides otherwise. */
  readonly off: string | null
}

const LEVELS = {
  metadata: { letter: 'M', color: 'var(--c6)', name: 'Metadata file' },
  snapshot: { letter: 'S', color: 'var(--c3)', name: 'Snapshot' },
  list: { letter: 'L', color: 'var(--c5)', name: 'Manifest list' },
  manifest: { letter: 'F', color: 'var(--c2)', name: 'Manifest' },
  data: { letter: 'D', color: 'var(--c1)', name: 'Data file' },
  deletes: { letter: 'X', color: 'var(--c4)', name: 'Delete file' },
} as const

export type LevelName = keyof typeof LEVELS

/** A level of the metadata: a letter over its coloured waterline. */
export function Level({ of }: { of: LevelName }) {
  const { letter, color, name } = LEVELS[of]
  return (
    <span className="lv" style={{ '--lv': color } as React.CSSProperties} title={name} aria-hidden="true">
      {letter}
    </span>
  )
}

import type { EngineField } from '../../query/tables.ts'
import { typeWord } from '../../query/types.ts'

/** A column below its table in the list; pressed, it goes into the editor. */
export function FieldRow({ field, onPick }: { field: EngineField; onPick: (name: string) => void }) {
  return (
    <button
      type="button"
      className="tree-row"
      title={field.field.doc ?? `Insert ${field.name}`}
      onClick={() => onPick(field.name)}
    >
      <span className="ind" />
      <span className="ind" />
      <span className="cut">{field.name}</span>
      <span className="end ty">{typeWord(field.field.type)}</span>
    </button>
  )
}

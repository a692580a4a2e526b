import { type Fix, fixText } from '../../../shared/letters.ts'
import { answer, api } from '../../api/client.ts'
import { SavedList, type Shelf } from '../../ui/saved-list.tsx'
import { notify } from '../../ui/toast.tsx'
import { savedFixes } from './queries.ts'

const FIXES: Shelf<Fix> = {
  key: 'saved-fixes',
  list: savedFixes,
  put: (name, fix) => answer(api['dead-letters'].fixes.$put({ json: { name, fix: fix as never } })),
  remove: (name) => answer(api['dead-letters'].fixes.$delete({ json: { name } })),
  title: 'Saved fixes',
  none: 'None yet. A fix kept here can be used for any group.',
  keepAs: 'Keep this fix as',
  forgotten: (name) => `Fix ${name} forgotten.`,
}

/** Fixes kept by name. `fix` is the present one; null where what is written is no fix yet. */
export function SavedFixes({ fix, onUse }: { fix: Fix | null; onUse: (fix: Fix) => void }) {
  return (
    <SavedList
      shelf={FIXES}
      present={fix}
      words={fixText}
      note={
        fix === null
          ? 'Off: what is written is no fix yet.'
          : 'A file of JSON in the folder fixes of Tarn, which the command line takes too.'
      }
      onUse={onUse}
      onKept={(name) => notify(`Fix ${name} kept. tarn replay --fix takes it by this name.`)}
    />
  )
}

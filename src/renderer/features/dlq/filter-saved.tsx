import type { LetterFilterView } from '../../../shared/letters.ts'
import { answer, api } from '../../api/client.ts'
import { SavedList, type Shelf } from '../../ui/saved-list.tsx'
import { useView } from '../../ui/view.ts'
import { filterWords } from './filter-words.ts'
import { savedFilters } from './queries.ts'

const FILTERS: Shelf<LetterFilterView> = {
  key: 'saved-filters',
  list: savedFilters,
  put: (name, filter) => answer(api['dead-letters'].filters.$put({ json: { name, filter } })),
  remove: (name) => answer(api['dead-letters'].filters.$delete({ json: { name } })),
  title: 'Saved filters',
  none: 'None yet. A filter kept here fits any group.',
  keepAs: 'Keep this filter as',
  forgotten: (name) => `Filter ${name} forgotten.`,
}

/** Filters kept by name, for any group. `filter` is the present one, without the group. */
export function SavedFilters({
  filter,
  onUse,
}: {
  filter: LetterFilterView
  onUse: (filter: LetterFilterView) => void
}) {
  const { zone } = useView()
  const some = Object.keys(filter).length > 0
  return (
    <SavedList
      shelf={FILTERS}
      present={some ? filter : null}
      words={(one) => filterWords(one, zone).join(', ')}
      note={some ? null : 'Off: nothing is filtered now.'}
      align="start"
      onUse={onUse}
    />
  )
}

import { type MessageFilter, messageFilter } from '../../../shared/thread.ts'
import { answer, api } from '../../api/client.ts'
import { SavedList, type Shelf } from '../../ui/saved-list.tsx'
import { useView } from '../../ui/view.ts'
import { filterWords } from './filter-words.ts'

const FILTERS: Shelf<MessageFilter> = {
  key: 'saved-message-filters',
  list: async () => {
    const { filters } = await answer(api.messages.filters.$get())
    return filters.map(({ name, filter }) => ({ name, value: messageFilter(filter) }))
  },
  put: (name, filter) => answer(api.messages.filters.$put({ json: { name, filter } })),
  remove: (name) => answer(api.messages.filters.$delete({ json: { name } })),
  title: 'Saved filters',
  none: 'None yet. A filter kept here fits any topic.',
  keepAs: 'Keep this filter as',
  forgotten: (name) => `Filter ${name} forgotten.`,
}

/** Filters of messages kept by name, for any topic. `filter` is the one that the list is narrowed by now. */
export function SavedFilters({
  filter: { topic, ...filter },
  onUse,
}: {
  filter: MessageFilter
  onUse: (filter: MessageFilter) => void
}) {
  const { zone } = useView()
  const some = Object.keys(filter).length > 0
  return (
    <SavedList
      shelf={FILTERS}
      present={some ? filter : null}
      words={(one) => filterWords(one, zone)}
      note={some ? null : 'Off: nothing is filtered now.'}
      onUse={(one) => onUse(topic === undefined ? one : { ...one, topic })}
    />
  )
}

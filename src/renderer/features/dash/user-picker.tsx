import { Combobox } from '@base-ui/react/combobox'
import { useState } from 'react'
import type { DashLake } from '../../../shared/dash.ts'
import { count, counted } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { useUsers } from './data.ts'

/** One of the users of the lake; typing searches among all of them, of which the first hundred are listed. */
export function UserPicker({
  lake,
  label,
  value,
  onChange,
}: {
  lake: DashLake | undefined
  label: string
  value: string | null
  onChange: (user: string) => void
}) {
  const [search, setSearch] = useState('')
  const users = useUsers(lake, search)
  const found = users.data?.users ?? []
  return (
    <Combobox.Root<string>
      items={found.map(({ user }) => user)}
      filter={null}
      value={value}
      inputValue={search}
      onInputValueChange={setSearch}
      onOpenChange={(open) => open && setSearch('')}
      onValueChange={(user) => user !== null && onChange(user)}
    >
      <Combobox.Trigger className="select s" aria-label={label}>
        <Icon name="user" small />
        <span className="cut">{value ?? 'Choose a user'}</span>
        <Icon name="updown" />
      </Combobox.Trigger>
      <Combobox.Portal>
        <Combobox.Positioner className="over" sideOffset={4} align="start">
          <Combobox.Popup className="pop anchored dash-users" aria-label={label}>
            <span className="input s">
              <Icon name="search" small />
              <Combobox.Input placeholder="user" aria-label={`Search ${count(lake?.users ?? 0)} users`} />
            </span>
            <Combobox.Empty className="t2 dense">
              {users.isPending ? 'Searching' : search === '' ? null : `No user has ${search} in the name`}
            </Combobox.Empty>
            <Combobox.List>
              {(user: string) => (
                <Combobox.Item key={user} value={user} className="item">
                  <span className="cut">{user}</span>
                  <span className="end t3 dense">
                    {counted(found.find((one) => one.user === user)?.types ?? 0, 'type')}
                  </span>
                </Combobox.Item>
              )}
            </Combobox.List>
            {users.data && users.data.total > found.length && (
              <p className="t3 micro">
                {count(found.length)} of {count(users.data.total)} users; type to narrow them
              </p>
            )}
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  )
}

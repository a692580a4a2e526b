import { useEffect, useState } from 'react'
import { TextField } from '../../ui/field.tsx'
import { amend, useAsked } from './address.ts'

/** Rest after the last key before a list is asked anew, in ms. */
const REST_MS = 200

/** The filter of a list, kept in the address. */
export function FilterField({ label, width = 240 }: { label: string; width?: number }) {
  const find = useAsked('find') ?? ''
  const [text, setText] = useState(find)
  useEffect(() => setText(find), [find])
  useEffect(() => {
    if (text === find) return
    const timer = setTimeout(() => amend({ find: text || undefined, page: undefined }), REST_MS)
    return () => clearTimeout(timer)
  }, [text, find])
  return (
    <div style={{ width }} className="filter-field">
      <TextField
        label={label}
        hideLabel
        small
        type="search"
        icon="search"
        placeholder={label}
        value={text}
        onChange={setText}
      />
    </div>
  )
}

/** The page of a list, kept in the address. */
export function usePage(): readonly [number, (page: number) => void] {
  const page = Number(useAsked('page'))
  return [
    Number.isSafeInteger(page) && page > 0 ? page : 0,
    (next) => amend({ page: next === 0 ? undefined : String(next) }),
  ]
}

import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Menu } from '../../ui/menu.tsx'
import { Status } from '../../ui/status.tsx'
import { notify } from '../../ui/toast.tsx'
import { exportUrl, type ListName, type TableAt } from './requests.ts'

/** Copies or saves a whole list, not the page that is shown; what it is filtered by holds. */
export function SaveMenu({
  table,
  list,
  filter,
}: {
  table: TableAt
  list: ListName
  filter: Readonly<Record<string, string | undefined>>
}) {
  const [busy, setBusy] = useState<string | null>(null)
  const [failed, setFailed] = useState(false)
  const copy = async (format: 'csv' | 'json') => {
    setBusy('Copying')
    setFailed(false)
    try {
      const response = await fetch(exportUrl(table, list, format, filter))
      if (!response.ok) throw new Error(`Tarn answered ${response.status}`)
      await navigator.clipboard.writeText(await response.text())
      notify(`Copied the ${list} as ${format.toUpperCase()}`)
    } catch {
      setFailed(true)
    } finally {
      setBusy(null)
    }
  }
  const save = (format: 'csv' | 'json') => {
    const link = document.createElement('a')
    link.href = exportUrl(table, list, format, filter)
    link.download = `${table.name}-${list}.${format}`
    link.click()
  }
  return (
    <>
      {failed && <Status state="failed" word="Not copied: save it instead" bare />}
      <Menu
        trigger={
          <Button small kind="quiet" icon="download" busy={busy}>
            Save
          </Button>
        }
        entries={[
          { name: 'Copy all as CSV', icon: 'copy', onChoose: () => void copy('csv') },
          { name: 'Copy all as JSON', icon: 'copy', onChoose: () => void copy('json') },
          { name: 'Save as CSV', icon: 'download', apart: true, onChoose: () => save('csv') },
          { name: 'Save as JSON', icon: 'download', onChoose: () => save('json') },
        ]}
      />
    </>
  )
}

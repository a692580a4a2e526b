import type { ReactNode } from 'react'
import { Button } from '../../ui/button.tsx'
import { runCommand } from '../../ui/commands.ts'
import { Empty } from '../../ui/empty.tsx'

/** What comes with a commit, where there was none; another engine may have made one since. */
export function NotYet({ title, children }: { title: string; children: ReactNode }) {
  const again = (
    <Button small icon="refresh" onClick={() => runCommand('tables.reload')}>
      Read the table again
    </Button>
  )
  return (
    <Empty title={title} action={again}>
      {children}
    </Empty>
  )
}

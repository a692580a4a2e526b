import { fileName, saveFile } from '../../chart/save-file.ts'
import { csvPieces } from '../../query/csv.ts'
import type { RunOutcome } from '../../query/session.ts'
import { Icon } from '../../ui/icon.tsx'
import type { Shown } from './arranged.tsx'
import type { Tab } from './tab.ts'

/** The whole answer as a file, not only the rows in sight. */
export function ExportMenu({ tab, outcome }: { tab: Tab; outcome: RunOutcome; shown: Shown }) {
  return (
    <button type="button" className="btn quiet s" onClick={() => download(outcome, tab.title)}>
      <Icon name="download" />
      Export CSV
    </button>
  )
}

function download({ result }: RunOutcome, title: string): void {
  saveFile(`${fileName(title)}.csv`, new Blob([...csvPieces(result)], { type: 'text/csv;charset=utf-8' }))
}

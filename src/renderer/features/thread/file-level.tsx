import type { TraceFile } from '../../../shared/trace.ts'
import { CopyButton } from '../../ui/copy.tsx'
import { DataTable } from '../../ui/data-table.tsx'
import { bytes, count, counted, shortId } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Null } from '../../ui/null.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { href } from '../../ui/route.ts'
import { Stat, Stats } from '../../ui/stat.tsx'
import { LevelBar } from './level-bar.tsx'
import type { LevelProps } from './level-detail.tsx'
import { tablePath } from './row-level.tsx'

const chosenFile = ({ view }: LevelProps): TraceFile | undefined =>
  view.files[view.rows[view.chosen]?.file ?? -1]

/** The data file that holds the row now, as its manifest tells of it. */
export function FileLevel(props: LevelProps) {
  const file = chosenFile(props)
  if (file === undefined) return null
  const { view, heading } = props
  return (
    <>
      <LevelBar title="Data file" about={file.partition || 'no partitions'} heading={heading}>
        <CopyButton text={file.path} label="Copy its path" />
        <a
          className="btn s"
          href={href(['tables', ...tablePath(view.table)], {
            tab: 'files',
            snapshot: view.snapshot?.id,
            file: file.path,
          })}
        >
          <Icon name="tables" />
          Open file
        </a>
      </LevelBar>
      <Stats label="Figures of the file">
        <Stat name="Rows" value={count(file.rows)}>
          this one at {count(view.rows[view.chosen]?.position ?? 0)}
        </Stat>
        <Stat name="Size" value={bytes(file.bytes)}>
          {file.rows > 0 && `${(file.bytes / file.rows).toFixed(1)} bytes a row`}
        </Stat>
        <Stat name="Sequence number" value={count(file.sequenceNumber)}>
          added by {shortId(file.snapshotId)}
        </Stat>
        <Stat name="Delete files" value={count(file.deleteFiles)}>
          {file.deleteFiles === 0 ? 'nothing of it is deleted' : 'that can hold rows of it'}
        </Stat>
      </Stats>
      <p className="thread-path mono">
        <PlainText>{file.path}</PlainText>
      </p>
      <DataTable<TraceFile['columns'][number]>
        label="Bounds of the columns"
        rowKey={({ name }) => name}
        rows={file.columns}
        columns={[
          { name: 'Column', mono: true, cell: ({ name }) => name },
          { name: 'Least', cell: ({ lower }) => <Bound text={lower} /> },
          { name: 'Most', cell: ({ upper }) => <Bound text={upper} /> },
          { name: 'Nulls', numeric: true, cell: ({ nulls }) => (nulls === null ? <Null /> : count(nulls)) },
          { name: 'Size', numeric: true, cell: (one) => (one.bytes === null ? <Null /> : bytes(one.bytes)) },
        ]}
      />
    </>
  )
}

const STAMP = /^(\d{4}-\d{2}-\d{2})T(?=\d{2}:)/

function Bound({ text }: { text: string | null }) {
  if (text === null) return <span className="t3">not told</span>
  return (
    <span className="cut thread-bound" title={text}>
      <PlainText>{text.replace(STAMP, '$1 ')}</PlainText>
    </span>
  )
}

/** The manifest that lists the file. */
export function ManifestLevel(props: LevelProps) {
  const { view, heading } = props
  const manifest = chosenFile(props)?.manifest
  if (!manifest) return null
  const { path, snapshotId } = manifest
  const merged = snapshotId !== chosenFile(props)?.snapshotId
  return (
    <>
      <LevelBar
        title="Manifest"
        about={merged ? 'written anew by a later commit' : undefined}
        heading={heading}
      >
        <CopyButton text={path} label="Copy its path" />
        <a
          className="btn s"
          href={href(['tables', ...tablePath(view.table)], { tab: 'metadata', snapshot: view.snapshot?.id })}
        >
          <Icon name="tables" />
          Open the metadata
        </a>
      </LevelBar>
      <Stats label="Figures of the manifest">
        <Stat name="Live files" value={count(manifest.files)}>
          it lists this data file among them
        </Stat>
        <Stat name="Rows" value={count(manifest.rows)}>
          in {counted(manifest.files, 'file')}
        </Stat>
        <Stat name="Size" value={bytes(manifest.bytes)}>
          Avro
        </Stat>
        <Stat name="Written by" value={shortId(snapshotId)}>
          {merged ? 'which merged manifests' : 'the commit that added the file'}
        </Stat>
      </Stats>
      <p className="thread-path mono">
        <PlainText>{path}</PlainText>
      </p>
    </>
  )
}

import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { DestroyDialog, Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { Inspector, Section } from '../../ui/inspector.tsx'
import { Menu } from '../../ui/menu.tsx'
import { Popover } from '../../ui/popover.tsx'
import { Splitter } from '../../ui/splitter.tsx'
import { notify, notifyUndo } from '../../ui/toast.tsx'
import { Line, Specimen } from './specimen.tsx'

const GROUPS = [
  ['chrome', 'panel', 'work', 'raised', 'inset', 'hover', 'press', 'sel'],
  ['c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c-other'],
  ['seq-0', 'seq-1', 'seq-2', 'seq-3', 'seq-4', 'seq-5', 'seq-6', 'seq-7'],
  ['div-1', 'div-2', 'div-3', 'div-4', 'div-5', 'div-6', 'div-7'],
] as const

function Colours() {
  return (
    <Specimen name="Surfaces, categorical, sequential, diverging">
      {GROUPS.map((names) => (
        <div key={names[0]} className="swatches">
          {names.map((name) => (
            <span key={name}>
              <i style={{ background: `var(--${name})` }} />
              {name.replace(/^(seq|div)-/, '')}
            </span>
          ))}
        </div>
      ))}
      <p>
        Text for words and figures <span className="t2">text-2 for labels</span>{' '}
        <span className="t3">text-3 for asides</span>
      </p>
    </Specimen>
  )
}

function Type() {
  return (
    <Specimen name="Type" note="IBM Plex Sans and Mono">
      <p style={{ font: '500 var(--t-h1)/var(--lh-h1) var(--ui)' }}>Heading 20, medium</p>
      <p style={{ font: '600 var(--t-h2)/var(--lh-h2) var(--ui)' }}>Heading 15, semibold</p>
      <p>Body 13/18. Next commit in 4 s, 41.8 of 128 MiB.</p>
      <p className="dense">Dense 12/16 for trees, grids and labels: 1,111,111 and 8,888,888.</p>
      <p className="micro t2">Micro 11/16 for units under figures, axes and the status bar.</p>
      <p className="mono">Mono 12 for SQL, ids, offsets, paths: 6571107 Il1 O0</p>
    </Specimen>
  )
}

function Floating() {
  const [open, setOpen] = useState<'dialog' | 'destroy' | null>(null)
  const close = () => setOpen(null)
  return (
    <Specimen name="Menu, popover, dialog, toast" note="press one">
      <Line>
        <Menu
          align="start"
          trigger={<Button small>Menu</Button>}
          entries={[
            { name: 'Query here', icon: 'camera', chord: 'Enter', onChoose: () => {} },
            { name: 'Compare with newest', icon: 'compare', onChoose: () => {} },
            { name: 'Export', icon: 'download', off: 'no rows yet', onChoose: () => {} },
            { name: 'Roll back to here', icon: 'undo', danger: true, apart: true, onChoose: () => {} },
          ]}
        />
        <Popover trigger={<Button small>Popover</Button>} title="Where this comes from" align="start">
          <p className="dense t2">Read back from the table at 09:41:46.</p>
        </Popover>
        <Button small onClick={() => setOpen('dialog')}>
          Dialog
        </Button>
        <Button small kind="danger" onClick={() => setOpen('destroy')}>
          Expire 1,082
        </Button>
      </Line>
      <Line>
        <Button
          small
          onClick={() => notify('41,790 letters in snapshot 7219', { state: 'passed', word: 'Landed' })}
        >
          Notice
        </Button>
        <Button small onClick={() => notifyUndo('Query \u201cLate samples\u201d deleted', () => {})}>
          Notice with undo
        </Button>
      </Line>
      <Dialog
        open={open === 'dialog'}
        title="Name the query"
        onClose={close}
        footer={
          <>
            <Button onClick={close}>Cancel</Button>
            <Button kind="primary" onClick={close}>
              Save query
            </Button>
          </>
        }
      >
        <TextField label="Name" value="Late samples" onChange={() => {}} />
      </Dialog>
      <DestroyDialog
        open={open === 'destroy'}
        title="Expire 1,082 snapshots?"
        counts={[
          { name: 'Files deleted', value: '2,117' },
          { name: 'Space freed', value: '311.4 MiB' },
          { name: 'Rows lost', value: '0' },
        ]}
        keep="Keep them"
        destroy="Expire 1,082"
        typed="health_data_raw"
        onClose={close}
        onDestroy={close}
      >
        Keeps the newest 122 and everything since 7 May. Time travel before that ends.
      </DestroyDialog>
    </Specimen>
  )
}

function Panes() {
  return (
    <>
      <Specimen name="Panes" note="drag the line, or focus it and use the arrows">
        <div className="framed panes panes-demo">
          <div className="panel">List</div>
          <Splitter name="gallery-pane" label="Width of the first pane" least={80} most={260} usual={160} />
          <div>Work</div>
        </div>
      </Specimen>
      <Specimen name="Inspector">
        <div className="framed">
          <Inspector title="Partition" subject="gallery" onClose={() => {}}>
            <Section>
              <dl className="kv">
                <dt>Files</dt>
                <dd>38</dd>
                <dt>Snapshot</dt>
                <dd className="mono">7219440811360952471</dd>
                <dt>Last write</dt>
                <dd>2 h ago</dd>
              </dl>
            </Section>
            <Section title="Where it came from">
              <span className="dense t2">topic, partition and offset, one line each</span>
            </Section>
          </Inspector>
        </div>
      </Specimen>
    </>
  )
}

export function Surfaces() {
  return (
    <>
      <Colours />
      <Type />
      <Floating />
      <Panes />
    </>
  )
}

import { useState } from 'react'
import { Badge, Count } from '../../ui/badge.tsx'
import { Button, ButtonGroup, IconButton } from '../../ui/button.tsx'
import { Check, RadioChoice } from '../../ui/check.tsx'
import { TextField } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Key } from '../../ui/key.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Select } from '../../ui/select.tsx'
import { SubTabs } from '../../ui/tabs.tsx'
import { Tip } from '../../ui/tooltip.tsx'
import { Line, Specimen } from './specimen.tsx'

const STATES = ['', ' is-hover', ' is-active', ' is-focus', ' is-off'] as const
const KINDS = ['primary', '', 'quiet', 'danger'] as const

/** Buttons are drawn by class here: pressed and focused cannot be held otherwise. */
function Buttons() {
  return (
    <Specimen name="Buttons" note="rest, hover, active, focus, off">
      {KINDS.map((kind) => (
        <Line key={kind} name={kind || 'default'}>
          {STATES.map((state) => (
            <button
              key={state}
              type="button"
              className={`btn ${kind}${state}`}
              disabled={state === ' is-off'}
            >
              Replay
            </button>
          ))}
        </Line>
      ))}
      <Line name="small">
        <Button small kind="primary" icon="play">
          Run
        </Button>
        <Button small icon="download">
          Export
        </Button>
        <Button small kind="quiet">
          Format
        </Button>
        <IconButton icon="copy" label="Copy" />
      </Line>
      <Line name="busy">
        <Button busy="Checking, 2 s">Check</Button>
        <Button kind="quiet">Cancel</Button>
      </Line>
      <Line name="group">
        <ButtonGroup label="Run">
          <Button kind="primary" icon="play" command="sql.run">
            Run
          </Button>
          <button type="button" className="btn primary icon" aria-label="More ways to run">
            <Icon name="down" />
          </button>
        </ButtonGroup>
      </Line>
    </Specimen>
  )
}

function Inputs() {
  const [start, setStart] = useState<'earliest' | 'latest'>('earliest')
  const none = () => {}
  return (
    <Specimen name="Inputs">
      <div className="two">
        <TextField label="Brokers" value="localhost:9092" help="Comma between several" onChange={none} />
        <TextField label="Topic" value="" placeholder="health-data-raw" onChange={none} />
        <TextField
          label="Catalog address"
          value="localhost:8181"
          bad="Needs http:// or https://"
          onChange={none}
        />
        <TextField label="Region" value="us-east-1" help="Taken from the catalog" disabled onChange={none} />
        <div className="field">
          <span className="field-name" id="start-at">
            Start at
          </span>
          <Select
            label="Start at"
            value={start}
            choices={[
              { value: 'earliest', word: 'Earliest offset' },
              { value: 'latest', word: 'Latest offset' },
            ]}
            onChange={setStart}
          />
        </div>
        <TextField label="Commit every" value="10" unit="s" onChange={none} />
      </div>
    </Specimen>
  )
}

function Choices() {
  const [on, setOn] = useState(true)
  const [layout, setLayout] = useState<'specified' | 'compact'>('specified')
  const [gap, setGap] = useState<'go' | 'wait'>('go')
  const [span, setSpan] = useState<'day' | 'week' | 'month'>('day')
  return (
    <>
      <Specimen name="Choices">
        <Line>
          <Check label="Off" checked={!on} onChange={() => setOn(!on)} />
          <Check label="On" checked={on} onChange={setOn} />
          <Check label="Some" checked={false} some onChange={() => {}} />
          <Check label="Disabled" checked={false} disabled onChange={() => {}} />
        </Line>
        <Line>
          <RadioChoice
            label="Layout"
            value={layout}
            picks={[
              { value: 'specified', word: 'As specified' },
              { value: 'compact', word: 'Compact layout' },
            ]}
            onChange={setLayout}
          />
        </Line>
        <Line>
          <Segmented
            label="Span"
            value={span}
            choices={[
              { value: 'day', word: 'Day' },
              { value: 'week', word: 'Week' },
              { value: 'month', word: 'Month' },
            ]}
            onChange={setSpan}
          />
        </Line>
      </Specimen>
      <Specimen name="Choice with its consequence">
        <div className="framed">
          <RadioChoice
            label="After the gap"
            value={gap}
            picks={[
              {
                value: 'go',
                word: 'Go on after the gap',
                consequence: 'Records 14,108 messages as skipped by you.',
              },
              { value: 'wait', word: 'Wait', consequence: 'Nothing is read.' },
            ]}
            onChange={setGap}
          />
        </div>
      </Specimen>
    </>
  )
}

function TabsAndWords() {
  const [tab, setTab] = useState<'schema' | 'partitions' | 'files'>('partitions')
  return (
    <>
      <Specimen name="Tabs">
        <SubTabs
          label="Views of the table"
          value={tab}
          tabs={[
            { value: 'schema', word: 'Schema', count: '15' },
            { value: 'partitions', word: 'Partitions', count: '7,980' },
            { value: 'files', word: 'Files', count: '15,108' },
          ]}
          onChange={setTab}
        >
          <p className="t2 dense">The open tab is {tab}.</p>
        </SubTabs>
      </Specimen>
      <Specimen name="Badge, count, key, tip">
        <Line>
          <Badge solid>Sample</Badge>
          <Badge onRemove={() => {}} removeLabel="Remove the filter app 3.4.1">
            app 3.4.1
          </Badge>
          <Badge>Exact</Badge>
          <Badge>Approximate</Badge>
          <Count>7</Count>
          <Count plain>1,204</Count>
        </Line>
        <Line>
          <Key>Ctrl K</Key>
          <Key>?</Key>
          <Key>Esc</Key>
          <Tip text="2026-05-14 09:41:46 UTC">
            <button type="button" className="btn s quiet">
              6 s ago
            </button>
          </Tip>
          <span className="tip">2026-05-14 09:41:46 UTC</span>
        </Line>
      </Specimen>
    </>
  )
}

export function Controls() {
  return (
    <>
      <Buttons />
      <Inputs />
      <Choices />
      <TabsAndWords />
    </>
  )
}

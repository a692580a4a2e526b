import { useState } from 'react'
import { Balance } from '../../ui/balance.tsx'
import { Button } from '../../ui/button.tsx'
import { Empty, NoMatch } from '../../ui/empty.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Loading, Skeleton } from '../../ui/loading.tsx'
import { Meter, Progress } from '../../ui/meter.tsx'
import { Null } from '../../ui/null.tsx'
import { Stat, Stats } from '../../ui/stat.tsx'
import { type State, Status, StatusIcon } from '../../ui/status.tsx'
import { Tree, TreeRow } from '../../ui/tree.tsx'
import { Line, Specimen } from './specimen.tsx'

const SAID: readonly { readonly state: State; readonly word: string; readonly bare: string }[] = [
  { state: 'passed', word: 'Passed', bare: 'Balanced' },
  { state: 'attention', word: 'Attention', bare: 'Stale by 14 rows' },
  { state: 'failed', word: 'Failed', bare: 'Gap of 3' },
  { state: 'running', word: 'Running', bare: 'Checking' },
  { state: 'waiting', word: 'Waiting', bare: 'Waiting' },
]
const ROWS = [
  ['user-0412', '171.0', 'com.healthstack.watch'],
  ['user-0087', '168.0', null],
  ['user-1188', '166.5', 'com.healthstack.ring'],
] as const

function Grid({ density }: { density: 'compact' | 'comfortable' }) {
  return (
    <Specimen name={`Grid, ${density}`}>
      <div className="framed" data-density={density}>
        <table className="grid lines">
          <thead>
            <tr>
              <th className="idx">
                <span className="visually-hidden">Row</span>
              </th>
              <th>
                user_id<span className="ty">str</span>
              </th>
              <th className="num">
                value<span className="ty">dbl</span>
              </th>
              <th>
                source_bundle<span className="ty">str</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {ROWS.map(([user, value, bundle], index) => (
              <tr key={user} aria-selected={index === 1}>
                <td className="idx">{index + 1}</td>
                <td>{user}</td>
                <td className={index === 1 ? 'num is-cell' : 'num'}>{value}</td>
                <td>{bundle ?? <Null />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Specimen>
  )
}

function Trees() {
  const [open, setOpen] = useState(true)
  const [chosen, setChosen] = useState('raw')
  return (
    <Specimen name="Tree" note="selected, folded; arrow keys">
      <div className="framed panel">
        <Tree label="Catalog">
          <TreeRow icon="db" open={open} onOpen={setOpen} end="5">
            health_db
          </TreeRow>
          {open &&
            ['raw', 'errors', 'daily_agg'].map((name) => (
              <TreeRow
                key={name}
                depth={1}
                icon="tables"
                selected={chosen === name}
                end="412.1 M"
                onChoose={() => setChosen(name)}
              >
                health_data_{name}
              </TreeRow>
            ))}
          <TreeRow icon="db" open={false} end="12">
            research
          </TreeRow>
        </Tree>
      </div>
    </Specimen>
  )
}

function Sums() {
  const parts = [
    { name: 'Loaded', value: 220, color: 'var(--c1)' },
    { name: 'Missing', value: 29, kind: 'gone' as const },
    { name: 'Waiting', value: 51, kind: 'pending' as const },
  ]
  return (
    <>
      <Specimen name="Status" note="icon, word and colour, always the three">
        <Line>
          {SAID.map(({ state, word }) => (
            <Status key={state} state={state} word={word} />
          ))}
        </Line>
        <Line>
          {SAID.map(({ state, bare }) => (
            <Status key={state} state={state} word={bare} bare />
          ))}
        </Line>
        <Line>
          {SAID.map(({ state, word }) => (
            <StatusIcon key={state} state={state} word={word} />
          ))}
        </Line>
      </Specimen>
      <Specimen name="Balance, its hole, its gap" note="the parts sum, or the gap is named">
        <Balance title="Ledger" note="messages of this run" name="Produced" total={300} parts={parts} />
        <div style={{ height: 16 }} />
        <Balance
          title="Dry run"
          note="letters"
          name="Letters"
          total={100}
          parts={[
            { name: 'Would land', value: 90, color: 'var(--c1)' },
            { name: 'Refused again', value: 7, color: 'var(--c3)' },
          ]}
        />
      </Specimen>
      <Specimen name="Stat">
        <div className="framed">
          <Stats label="Figures">
            <Stat name="Lag" value="1,204" unit="messages">
              0.8 s
            </Stat>
            <Stat name="Buffered" value="41.8" unit="MiB">
              <Meter label="Buffered" value={41.8} of={512} />8 % of 512 MiB
            </Stat>
            <Stat name="Health" value={<Status state="attention" word="Small files" />}>
              1 remedy
            </Stat>
          </Stats>
        </div>
      </Specimen>
    </>
  )
}

function Waits() {
  return (
    <>
      <Specimen name="Progress" note="words first, then bytes, then time">
        <Progress
          what="Reading 402 files"
          amount="7.1 of 11.4 MiB, 4 s"
          done={7.1}
          of={11.4}
          rest="about 2 s more"
        >
          <Button small>Cancel</Button>
        </Progress>
        <div style={{ height: 12 }} />
        <Progress what="Joining the group" amount="3 s" done={0} of={null} />
      </Specimen>
      <Specimen name="Loading" note="300 ms nothing, 2 s time, 10 s bytes">
        <div className="framed">
          <Loading
            what="Reading manifests"
            amount={{ done: 7_444_890, of: 11_953_766, unit: 'bytes' }}
            shape={<Skeleton rows={3} columns={3} />}
            onCancel={() => {}}
          />
        </div>
      </Specimen>
    </>
  )
}

function Missing() {
  return (
    <>
      <Specimen name="Empty: no data, no match">
        <div className="framed">
          <Empty title="No dead letters" action={<Button small>See the rules</Button>}>
            Samples that fail a rule are kept here with their reason. This load has refused none of
            420,982,905.
          </Empty>
        </div>
        <div className="framed">
          <NoMatch onClear={() => {}}>
            No letter matches <span className="mono">partition = 14</span>. The topic has 12 partitions, 0 to
            11.
          </NoMatch>
        </div>
      </Specimen>
      <Specimen name="Fault: cause, evidence, remedy" note="whole and partial">
        <FaultBlock
          fault={{
            code: 'UNAUTHORIZED',
            title: 'The catalog refused the token',
            outcome: 'reject',
            likely: 'The token ran out at 09:40:12.',
            remedy: 'Sign in again. Loading waits; 41.8 MiB are kept in memory.',
            context: { request: 'POST /v1/health_db/tables/health_data_raw', status: '401' },
          }}
        >
          <Button small kind="primary">
            Sign in again
          </Button>
        </FaultBlock>
        <div className="fault attention" style={{ marginTop: 8, padding: '8px 12px' }}>
          <span className="row">
            <Status state="attention" word="3 of 41 files could not be read" bare />
            <span className="grow" />
            <Button small kind="quiet">
              Which
            </Button>
          </span>
        </div>
      </Specimen>
      <Specimen name="Icons">
        <Line>
          {(['load', 'letters', 'sql', 'tables', 'dash', 'setup', 'doctor', 'settings'] as const).map(
            (name) => (
              <Icon key={name} name={name} />
            ),
          )}
        </Line>
      </Specimen>
    </>
  )
}

export function Content() {
  return (
    <>
      <Sums />
      <Trees />
      <Grid density="compact" />
      <Grid density="comfortable" />
      <Waits />
      <Missing />
    </>
  )
}

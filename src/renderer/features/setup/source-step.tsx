import { useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import type { SampledMessage, SampleView } from '../../../shared/setup.ts'
import { answer, api } from '../../api/client.ts'
import { Awaiting } from '../../ui/awaiting.tsx'
import { Button } from '../../ui/button.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { counted, duration } from '../../ui/format.ts'
import { showPane } from '../../ui/pane.ts'
import { navigate } from '../../ui/route.ts'
import { Scroll } from '../../ui/scroll.tsx'
import { type State, Status } from '../../ui/status.tsx'
import { MessagePane } from './message-pane.tsx'
import { Sample } from './sample-table.tsx'
import { Start } from './start-position.tsx'
import { Foot } from './step-frame.tsx'
import { Topics } from './topic-table.tsx'
import { useAsked, type Wizard } from './wizard.ts'

export const useTopics = (enabled = true) =>
  useAsked('topics', (init) => answer(api.setup.topics.$post({ json: {} }, init)), enabled)

/** What the sample says of the topic's encoding. */
function encodingState(sample: SampleView): { state: State; word: string } {
  const of = (encoding: SampledMessage['encoding']) =>
    sample.messages.filter((one) => one.encoding === encoding).length
  const [json, avro] = [of('json'), of('avro')]
  if (sample.messages.length === 0) return { state: 'waiting', word: 'No message yet' }
  if (avro > json) return { state: 'attention', word: 'Avro recognised' }
  if (json === sample.messages.length) return { state: 'passed', word: 'JSON recognised' }
  if (json > 0) return { state: 'attention', word: `JSON in ${json} of ${sample.messages.length}` }
  return { state: 'failed', word: 'No JSON' }
}

/** Step 4: which topic, from where, and what its messages come to. Joins no group, moves no position. */
export function SourceStep({ wizard }: { wizard: Wizard }) {
  const topics = useTopics()
  const chosen = wizard.value('kafka.topic')
  const there = topics.data?.topics.find((one) => one.name === chosen) ?? null
  const sample = useAsked(
    'sample',
    (init) => answer(api.setup.sample.$post({ json: { count: 20 } }, init)),
    there !== null,
  )
  const [picked, setPicked] = useState(0)
  const messages = sample.data?.messages ?? []
  return (
    <>
      <main className="work" aria-label="Source">
        <div className="bar">
          <h2>Source</h2>
          {sample.data && <Status {...encodingState(sample.data)} />}
          <span className="t2 dense cut grow">
            {topics.data && `${counted(topics.data.topics.length, 'topic')} in ${duration(topics.data.ms)}`}
          </span>
          <Button small icon="refresh" onClick={() => void topics.refetch()}>
            List again
          </Button>
        </div>
        <Scroll label="Topics, start position and a sample">
          {topics.error ? (
            <FaultBlock fault={toFault(topics.error)}>
              <Button kind="primary" onClick={() => void topics.refetch()}>
                List again
              </Button>
              <Button onClick={() => navigate(['setup', 'connect'])}>Edit Kafka</Button>
            </FaultBlock>
          ) : null}
          {!topics.data && !topics.error && (
            <Awaiting of={topics} what="Listing topics" again="List topics" />
          )}
          {topics.data && <Topics topics={topics.data.topics} chosen={chosen} wizard={wizard} />}
          {topics.data && !there && (
            <p className="attention-note dense">
              <Status state="attention" word={`Topic ${chosen} is not there yet`} bare /> Pick one above, or
              go on: it is looked for again when loading starts.
            </p>
          )}
          {there && topics.data && <Start topic={there} topics={topics.data} wizard={wizard} />}
          {there && (
            <Sample
              read={sample}
              picked={picked}
              onPick={(index) => {
                setPicked(index)
                showPane('inspector')
              }}
            />
          )}
        </Scroll>
        <Foot
          step="source"
          wizard={wizard}
          note="Rejected samples become dead letters; their siblings are loaded"
          primary={there !== null}
        />
      </main>
      <MessagePane
        sample={sample.data ?? null}
        message={messages[picked] ?? null}
        registry={wizard.value('registry.url') !== ''}
        onMove={(by) => setPicked(Math.min(messages.length - 1, Math.max(0, picked + by)))}
      />
    </>
  )
}

import { useEffect } from 'react'
import { STEPS, type StepId } from '../../../shared/setup.ts'
import { useLive } from '../../api/live.ts'
import { Awaiting } from '../../ui/awaiting.tsx'
import { counted } from '../../ui/format.ts'
import { showPane } from '../../ui/pane.ts'
import { useRoute } from '../../ui/route.ts'
import { ConnectStep, connectState, isFolder } from './connect-step.tsx'
import { layoutOf } from './layout-table.tsx'
import { NamesStep, useNames } from './names-step.tsx'
import { holds, lastProof, ProveStep, proofState } from './prove-step.tsx'
import { ReviewStep } from './review-step.tsx'
import { useServices } from './services.ts'
import { SourceStep, useTopics } from './source-step.tsx'
import { startWords } from './start-position.tsx'
import { StepList, type StepState } from './step-frame.tsx'
import { TablesStep, tablesState, usePlannedTables } from './tables-step.tsx'
import { useForeignChanges, useRememberedStep, useWizard, type Wizard } from './wizard.ts'
import './setup.css'

const isStep = (text: string | undefined): text is StepId => STEPS.some((step) => step === text)

/** Six steps from an address to a lake that is proved to work. Closing keeps what was entered. */
export function SetupPage() {
  const { wizard, waits } = useWizard()
  useForeignChanges()
  const route = useRoute()
  useEffect(() => showPane('list'), [])
  if (!wizard)
    return (
      <main className="work" aria-label="Set-up">
        <Awaiting<unknown> of={waits} what="Reading the settings" again="Read the settings again" />
      </main>
    )
  const named = route.path[1]
  const step = isStep(named) ? named : wizard.draft.step
  return <Steps wizard={wizard} step={step} />
}

function Steps({ wizard, step }: { wizard: Wizard; step: StepId }) {
  useRememberedStep(step, wizard.draft.step)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each step begins with the steps in view
  useEffect(() => showPane('list'), [step])
  const steps = useSteps(wizard)
  return (
    <>
      <StepList name={wizard.value('catalog.name')} steps={steps} current={step} />
      {step === 'connect' && <ConnectStep wizard={wizard} />}
      {step === 'names' && <NamesStep wizard={wizard} />}
      {step === 'tables' && <TablesStep wizard={wizard} />}
      {step === 'source' && <SourceStep wizard={wizard} />}
      {step === 'review' && <ReviewStep wizard={wizard} />}
      {step === 'prove' && <ProveStep wizard={wizard} />}
    </>
  )
}

/** The state of each step in words. What a step asked is told from what was heard; nothing is asked for this list. */
function useSteps(wizard: Wizard): StepState[] {
  const { app } = useLive()
  const services = useServices()
  const folder = isFolder(wizard)
  const names = useNames(false).data
  const tables = usePlannedTables(false).data?.tables
  const topics = useTopics(false).data
  const connect = connectState(services, folder)
  const proof = lastProof(app?.jobs ?? [])
  const topic = topics?.topics.find((one) => one.name === wizard.value('kafka.topic'))
  const lakeAnswers = services.catalog.state === 'passed'
  const proved = wizard.saved && holds(proof, wizard.draft.mark) ? proofState(proof) : null
  return [
    { step: 'connect', state: connect.state, text: lower(connect.word) },
    {
      step: 'names',
      state: !names ? 'waiting' : names.faults.length > 0 ? 'failed' : 'passed',
      text: names
        ? `${names.namespace.name} in ${names.warehouse}`
        : lakeAnswers
          ? 'to be looked at'
          : 'needs the catalog and the storage',
    },
    {
      step: 'tables',
      ...(tables
        ? {
            state: tablesState(tables, layoutOf(wizard)).state === 'failed' ? 'failed' : 'passed',
            text: tablesState(tables, layoutOf(wizard)).word,
          }
        : { state: 'waiting', text: 'needs step 2' }),
    },
    {
      step: 'source',
      ...(topics
        ? topic
          ? {
              state: 'passed',
              text: `${topic.name}, ${counted(topic.partitions, 'partition')}, ${startWords(wizard)}`,
            }
          : { state: 'attention', text: `${wizard.value('kafka.topic')} is not there` }
        : { state: 'waiting', text: 'needs Kafka' }),
    },
    {
      step: 'review',
      state: wizard.saved && proof ? 'passed' : 'waiting',
      text: !wizard.saved ? 'not saved yet' : proof ? 'all is saved' : 'needs steps 2 to 4',
    },
    proved
      ? { step: 'prove', state: proved.state, text: lower(proved.word) }
      : {
          step: 'prove',
          state: 'waiting',
          text: proof && wizard.saved ? 'settings changed since' : 'needs step 5',
        },
  ]
}

/** Words of a status inside the list of steps. */
const lower = (word: string): string => word.charAt(0).toLowerCase() + word.slice(1)

import type { DoctorCheck, DoctorEffect, DoctorView } from '../../../shared/doctor.ts'
import type { LoadView } from '../../../shared/model.ts'
import { bytes, counted, instant } from '../../ui/format.ts'
import { Inspector, Section } from '../../ui/inspector.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { useView } from '../../ui/view.ts'
import { changesSince, numbers, STATES } from './results.ts'

const LOADING: Readonly<Record<LoadView['state'], string>> = {
  idle: 'not started',
  starting: 'starting',
  running: 'running',
  paused: 'paused',
  stopping: 'stopping',
  done: 'stopped in order',
  failed: 'stopped by a fault',
}

function stoppedBy(checks: readonly DoctorCheck[], effect: DoctorEffect): number[] {
  return checks
    .filter(({ state, stops }) => state === 'failed' && stops.includes(effect))
    .map(({ number }) => number)
}

/** What the results mean for loading and for queries at this moment. */
function Now({ view: { asked, checks }, load }: { view: DoctorView; load: LoadView }) {
  const loading = stoppedBy(checks, 'loading')
  const queries = stoppedBy(checks, 'queries')
  const active = load.state === 'running' || load.state === 'paused' || load.state === 'starting'
  return (
    <Section>
      <dl className="kv">
        <dt>Loading</dt>
        <dd>{LOADING[load.state]}</dd>
        {active && (
          <>
            <dt>Kept in memory</dt>
            <dd>
              {bytes(load.bufferedBytes)} of {bytes(load.budgetBytes)}
            </dd>
          </>
        )}
        {load.lag !== null && (
          <>
            <dt>Waiting in the source</dt>
            <dd>{counted(load.lag, 'message')}</dd>
          </>
        )}
        <dt>A load from now on</dt>
        <dd>
          {!asked ? 'not asked yet' : loading.length === 0 ? 'can go on' : `fails at ${numbers(loading)}`}
        </dd>
        <dt>Queries</dt>
        <dd>
          {!asked
            ? 'not asked yet'
            : queries.length === 0
              ? 'can be answered'
              : `fail at ${numbers(queries)}`}
        </dd>
      </dl>
      <p className="dense t2 dr-note">
        {!asked
          ? 'Checks name what would keep a load or a query from going on, with its cause and what to do.'
          : loading.length > 0
            ? `What was committed stays. A load reads on from there when ${numbers(loading)} pass${loading.length === 1 ? 'es' : ''}.`
            : 'Nothing found here keeps a load from going on.'}
      </p>
    </Section>
  )
}

function Runs({ view }: { view: DoctorView }) {
  const rows = view.runs.slice(0, 5)
  return (
    <Section title="Last runs">
      <table className="grid dr-runs">
        <thead>
          <tr>
            <th>Run</th>
            <th className="num">Passed</th>
            <th className="num">Attention</th>
            <th className="num">Failed</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((run) => (
            <tr key={run.at}>
              <td>
                <Time at={run.at} />
              </td>
              <td className="num">{run.waiting === 0 ? run.passed : `${run.passed}, ${run.waiting} wait`}</td>
              <td className="num">{run.attention}</td>
              <td className="num">{run.failed}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  )
}

/** What it means now, how it was before, and the report. */
export function Meaning({ view, load }: { view: DoctorView; load: LoadView }) {
  const { zone } = useView()
  const before = view.runs[1] ?? null
  const changes = view.asked && view.running === null ? changesSince(view.checks, before) : []
  const commands = [...new Set(view.checks.flatMap(({ fault }) => fault?.command ?? []))]
  return (
    <Inspector title="What this means now" subject="doctor">
      <Now view={view} load={load} />
      {view.runs.length > 0 && <Runs view={view} />}
      {before && view.asked && (
        <Section title={`Since the run of ${instant(before.at, zone).slice(11, 16)}`}>
          {changes.length === 0 ? (
            <p className="dense t2">No check stands otherwise.</p>
          ) : (
            <ul className="dr-changes">
              {changes.slice(0, 8).map(({ id, title, state }) => (
                <li key={id}>
                  <Status
                    state={STATES[state].state}
                    word={`${title}: ${STATES[state].word.toLowerCase()}`}
                    bare
                  />
                </li>
              ))}
            </ul>
          )}
        </Section>
      )}
      {commands.length > 0 && (
        <Section title="From a terminal">
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, and keys must reach that */}
          <pre className="env" tabIndex={0}>
            {commands.join('\n')}
          </pre>
        </Section>
      )}
      <Section title="Report">
        <p className="dense t2">
          {view.asked
            ? `${view.checks.length} results, the version, settings with their sources.`
            : 'Copied from the bar once there are results, with the version and settings with their sources.'}{' '}
          Keys, tokens, passwords and payloads are left out.
        </p>
      </Section>
    </Inspector>
  )
}

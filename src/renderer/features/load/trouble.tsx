import type { LoadView } from '../../../shared/model.ts'
import { CopyButton } from '../../ui/copy.tsx'
import { counted, instant } from '../../ui/format.ts'
import { Section } from '../../ui/inspector.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'

/** What went wrong last, in words, and what was done about it. */
export function LastTrouble({ load }: { load: LoadView }) {
  const last = load.troubles?.find(({ endedAt }) => endedAt === null) ?? load.troubles?.[0]
  if (!last) {
    return (
      <Section title="Last trouble">
        <p className="dense t2">None in this run: no commit was retried, no service was away.</p>
      </Section>
    )
  }
  const earlier = (load.troubles?.length ?? 1) - 1
  const details = (load.troubles ?? [])
    .map((one) =>
      [
        `${instant(one.at, 'utc')} UTC  ${one.title}`,
        one.text,
        ...(one.fault ? [one.fault.title] : []),
        ...Object.entries(one.fault?.context ?? {}).map(([key, value]) => `${key}: ${value}`),
      ].join('\n'),
    )
    .join('\n\n')
  return (
    <Section title="Last trouble">
      <div className="fault attention trouble">
        <div className="row between">
          {last.endedAt === null ? (
            <Status
              state="attention"
              word={last.kind === 'lag-high' ? 'Catching up' : 'Being tried again'}
              bare
            />
          ) : (
            <Status state="passed" word="Over" bare />
          )}
          <span className="t2 dense">
            <Time at={last.at} as="ago" />
          </span>
        </div>
        <b className="named dense">{last.title}</b>
        <p className="dense">{last.text}</p>
        {earlier > 0 && <p className="dense t2">{counted(earlier, 'trouble')} before it in this run.</p>}
        <div className="row">
          <CopyButton text={details} label="Copy details" />
        </div>
      </div>
    </Section>
  )
}

import { useState } from 'react'
import { toFault } from '../../../shared/errors.ts'
import type { ExportFormat } from '../../../shared/export.ts'
import type { LetterFilterView, LetterGroup, LetterGroups, LetterSample } from '../../../shared/letters.ts'
import { answer, api } from '../../api/client.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { FaultBlock } from '../../ui/fault.tsx'
import { count, counted } from '../../ui/format.ts'
import { Menu } from '../../ui/menu.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { navigate } from '../../ui/route.ts'
import { Select } from '../../ui/select.tsx'
import { Stat, Stats } from '../../ui/stat.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { ExportLine } from './export-line.tsx'
import { SnapshotLink } from './replay-list.tsx'

const FORMATS: readonly (readonly [ExportFormat, string])[] = [
  ['csv', 'CSV, safe for spreadsheets'],
  ['jsonl', 'JSON lines'],
  ['parquet', 'Parquet'],
]

/** Letters came within the last ten minutes, and lately more of them in a time than before. */
function isGrowing({ counts, lastSeen }: LetterGroup): boolean {
  const since = counts.slice(counts.findIndex((one) => one > 0))
  const third = Math.floor(since.length / 3)
  if (third < 2 || Date.now() - Date.parse(lastSeen) > 600_000) return false
  const sum = (part: readonly number[]) => part.reduce((a, b) => a + b, 0)
  // The last bucket is not over yet.
  return sum(since.slice(-third - 1, -1)) > sum(since.slice(-2 * third - 1, -third - 1)) * 1.2
}

/** Name of the group, its state, and what can be done with all of it. */
export function GroupBar({
  group,
  groups,
  filter,
  total,
}: {
  group: LetterGroup | null
  groups: readonly LetterGroup[]
  filter: LetterFilterView
  total: number | null
}) {
  const title = group?.title ?? 'All dead letters'
  const [job, setJob] = useState<string | null>(null)
  const [error, setError] = useState<Error | null>(null)
  const start = async (format: ExportFormat) => {
    setError(null)
    try {
      const name = `Dead letters ${title}`
      setJob((await answer(api['dead-letters'].exports.$post({ json: { filter, format, name } }))).id)
    } catch (failure) {
      setError(failure as Error)
    }
  }
  const growing = group !== null && group.open > 0 && isGrowing(group)
  return (
    <>
      <div className="bar">
        <h2 className={group && groups.length > 1 ? 'cut group-title' : 'cut'}>
          <PlainText>{title}</PlainText>
        </h2>
        {group && groups.length > 1 && (
          <span className="only-groups-narrow">
            <Select
              label="Reason"
              small
              width={300}
              value={group.key}
              choices={groups.map((one) => ({ value: one.key, word: one.title }))}
              onChange={(key) => navigate(['letters'], { group: key })}
            />
          </span>
        )}
        {growing && <Status state="attention" word="Growing" />}
        {group && group.open === 0 && <Status state="passed" word="Landed" />}
        {group && group.open > 0 && group.failed > 0 && (
          <Status state="attention" word={`${count(group.failed)} failed again`} />
        )}
        {group?.landedSnapshot && (
          <span className="dense t2 nw">
            {count(group.landed)} landed in <SnapshotLink table="raw" id={group.landedSnapshot} />
          </span>
        )}
        <span className="grow" />
        <Menu
          trigger={
            <Button small kind="quiet" icon="download" disabled={!total}>
              Export {total === null ? '' : count(total)}
            </Button>
          }
          entries={FORMATS.map(([format, name]) => ({
            name,
            onChoose: () => void start(format),
          }))}
        />
        <Menu
          trigger={<IconButton icon="more" label="More for these letters" />}
          entries={[
            {
              name: 'Show the letters of all reasons',
              ...(group ? {} : { off: 'shown now' }),
              onChoose: () => navigate(['letters'], { group: 'all' }),
            },
            {
              name: 'Copy the address of this view',
              onChoose: () => void navigator.clipboard.writeText(location.hash),
            },
          ]}
        />
      </div>
      {error && <FaultBlock fault={toFault(error)} plain />}
      {job && <ExportLine key={job} jobId={job} onClose={() => setJob(null)} />}
    </>
  )
}

/** How many, who, which version, since when. */
export function GroupStats({
  group,
  data,
  sample,
}: {
  group: LetterGroup | null
  data: LetterGroups
  sample: LetterSample | undefined
}) {
  const letters = group?.count ?? data.total
  const users = group?.users ?? data.users
  const first = group?.firstSeen ?? data.groups.map((one) => one.firstSeen).sort()[0]
  const last =
    group?.lastSeen ??
    data.groups
      .map((one) => one.lastSeen)
      .sort()
      .at(-1)
  const app = sample?.apps[0]
  return (
    <div className="letter-stats" style={{ flex: 'none' }}>
      <Stats label="The group in figures">
        <Stat name="Letters" value={count(letters)}>
          {group
            ? `${((letters / Math.max(1, data.total)) * 100).toFixed(1)} % of ${count(data.total)}`
            : `${counted(data.groups.length, 'reason')}`}
        </Stat>
        <Stat name="Users" value={count(users)}>
          of {count(data.users)} with letters
        </Stat>
        <Stat
          name="App version"
          value={
            <span className="cut">
              {app ? <PlainText>{app.name}</PlainText> : sample ? 'not known' : '\u2026'}
            </span>
          }
        >
          {app && sample
            ? `${Math.round((app.count / Math.max(1, sample.sampled)) * 100)} % of ${count(sample.sampled)} read`
            : sample
              ? 'no payload tells it'
              : 'reading payloads'}
        </Stat>
        <Stat name="First seen" value={first && <Time at={Date.parse(first)} as="ago" />}>
          {first && <Time at={Date.parse(first)} />}
        </Stat>
        <Stat name="Last seen" value={last && <Time at={Date.parse(last)} as="ago" />}>
          {last && <Time at={Date.parse(last)} />}
        </Stat>
      </Stats>
    </div>
  )
}

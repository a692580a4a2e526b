import type { RefusalView } from '../../../shared/monitor.ts'
import { count, counted } from '../../ui/format.ts'
import { type Again, acceptOf, sumRefusal } from './refusal.ts'

export type ChoiceId = 'accept' | 'again' | 'fill' | 'newest' | 'wait'

/** A way out of a refusal: what it costs, and what its button says and sends. */
export interface Choice {
  readonly value: ChoiceId
  readonly word: string
  readonly consequence: string
  readonly primary: string
  /** Without the path of a copy, which is asked for. */
  readonly again: Again
  readonly facts: readonly (readonly [string, string])[]
}

/** The ways out, the first one first. */
export function choicesOf(refusal: RefusalView): Choice[] {
  const { missing, waiting, partitions } = sumRefusal(refusal)
  const accept = acceptOf(refusal)
  const rest = restOf(refusal, waiting)
  const wait = (word: string, consequence: string): Choice => ({
    value: 'wait',
    word,
    consequence,
    primary: 'Ask again, accept nothing',
    again: { accept: {} },
    facts: [['Changed', 'nothing']],
  })
  switch (refusal.code) {
    case 'GAP':
      return [
        {
          value: 'accept',
          word: 'Go on after the gap',
          consequence: `Starts at the oldest kept offset of ${counted(partitions, 'partition')} and records ${counted(missing, 'message')} as skipped by you. They are in no table and no dead letter.`,
          primary: `Go on, record ${count(missing)} as skipped`,
          again: { accept },
          facts: [
            ['Recorded as skipped', counted(missing, 'message')],
            ['Then loaded', rest],
          ],
        },
        {
          value: 'fill',
          word: 'Fill the gap from a file',
          consequence: `Reads only the ${counted(missing, 'missing offset')} from a copy of the topic, as kcat -C -J prints it, and refuses one that lacks any of them. The ledger balances again.`,
          primary: `Fill ${counted(missing, 'message')} from the file`,
          again: { accept: {}, fill: '' },
          facts: [
            ['Loaded from the file', counted(missing, 'message')],
            ['Then loaded', rest],
          ],
        },
        newest(refusal, accept),
        wait(
          'Bring the messages back first',
          'Nothing is read or changed. Restore them into the topic, or lengthen its retention, and ask again; meanwhile more may be deleted.',
        ),
      ]
    case 'TABLE_ROLLED_BACK':
      return [
        {
          value: 'again',
          word: 'Load them again',
          consequence: `Positions go back to what the table still has. ${counted(missing, 'message')} are read again as far as the topic holds them, and their rows are added once.`,
          primary: `Load ${counted(missing, 'message')} again`,
          again: { accept },
          facts: [
            ['Loaded again', counted(missing, 'message')],
            ['Then loaded', rest],
          ],
        },
        {
          value: 'accept',
          word: 'Leave them out for good',
          consequence: `Goes on where loading stopped and records ${counted(missing, 'message')} as given up by you.`,
          primary: `Go on, record ${count(missing)} as skipped`,
          again: { accept: { gap: refusal.accept } },
          facts: [
            ['Recorded as skipped', counted(missing, 'message')],
            ['Then loaded', rest],
          ],
        },
        wait(
          'Bring the snapshot back first',
          'Nothing is read or changed. Set the table to the later snapshot again, with the tool that set it back, and ask again.',
        ),
      ]
    case 'TOPIC_REPLACED':
    case 'CLUSTER_REPLACED': {
      const what = refusal.code === 'TOPIC_REPLACED' ? 'topic' : 'cluster'
      return [
        {
          value: 'accept',
          word: `Load this ${what} from its beginning`,
          consequence: `Offsets begin anew: ${rest} are loaded. Rows of the former ${what} stay; a message that is in both is loaded twice.`,
          primary: refusal.endless
            ? `Load the new ${what} from its beginning`
            : `Load ${rest} of the new ${what}`,
          again: { accept },
          facts: replaced(refusal, rest),
        },
        ...(refusal.endless
          ? []
          : [{ ...newest(refusal, accept), facts: replaced(refusal, counted(0, 'message')) }]),
        wait(
          'Leave it, and look at the settings first',
          `Nothing is read or changed. To keep both, give this ${what} a pipeline name of its own.`,
        ),
      ]
    }
    case 'TABLE_REPLACED':
      return [
        {
          value: 'accept',
          word: 'Load everything into the new table',
          consequence: `The new table remembers nothing: ${rest} that are still kept are loaded into it, from the first on.`,
          primary: `Load ${rest} into the new table`,
          again: { accept },
          facts: replaced(refusal, rest),
        },
        wait(
          'Leave it, and bring the former table back',
          'Nothing is read or changed. Register the former table again and ask again.',
        ),
      ]
  }
}

function newest(refusal: RefusalView, accept: Record<string, string>): Choice {
  const { missing, waiting } = sumRefusal(refusal)
  return {
    value: 'newest',
    word: 'Start again at the newest',
    consequence: `Skips ${missing > 0n ? 'the gap and ' : ''}the ${counted(waiting, 'message')} waiting${missing > 0n ? ' too' : ''}. Nothing of them is loaded.`,
    primary: `Start at the newest, skip ${counted(missing + waiting, 'message')}`,
    again: { accept: { ...accept, newest: true } },
    facts: [
      ['Recorded as skipped', `about ${counted(missing + waiting, 'message')}`],
      ['Then loaded', 'what comes from now on'],
    ],
  }
}

/** What is loaded after the choice: a series that is made as it is read has no number. */
const restOf = ({ endless }: RefusalView, waiting: bigint): string =>
  endless ? 'messages without end' : counted(waiting, 'message')

function replaced({ was, now }: RefusalView, rest: string): Choice['facts'] {
  return [
    ['Was', was ?? 'not known'],
    ['Is now', now ?? 'not known'],
    ['Then loaded', rest],
  ]
}

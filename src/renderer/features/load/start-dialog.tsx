import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Check, RadioChoice } from '../../ui/check.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'

export type Kind = 'kafka' | 'file' | 'generator'

export interface StartRequest {
  readonly source: { readonly kind: 'kafka' | 'generator' } | { readonly kind: 'file'; readonly path: string }
  readonly untilCaughtUp: boolean
}

interface Desktop {
  chooseFile(filters: readonly { name: string; extensions: readonly string[] }[]): Promise<string | null>
}

const desktop = (): Desktop | null => (globalThis as { tarnDesktop?: Desktop }).tarnDesktop ?? null

/** Where to load from, and whether to end by itself. */
export function StartDialog({
  open,
  topic,
  brokers,
  sample,
  onClose,
  onStart,
}: {
  open: boolean
  topic: string
  brokers: readonly string[]
  sample: boolean
  onClose: () => void
  onStart: (request: StartRequest) => void
}) {
  const [kind, setKind] = useState<Kind>('kafka')
  const [path, setPath] = useState('')
  const [until, setUntil] = useState(false)
  const [tried, setTried] = useState(false)
  const missing = kind === 'file' && path.trim() === ''
  const start = () => {
    setTried(true)
    if (missing) return
    onStart({ source: kind === 'file' ? { kind, path: path.trim() } : { kind }, untilCaughtUp: until })
    onClose()
  }
  const choose = async () => {
    const chosen = await desktop()?.chooseFile([
      { name: 'Payloads', extensions: ['jsonl', 'json', 'txt', 'gz'] },
    ])
    if (chosen) setPath(chosen)
  }
  return (
    <Dialog
      open={open}
      title="Start loading"
      width={520}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" icon="play" onClick={start}>
            Start loading
          </Button>
        </>
      }
    >
      <RadioChoice<Kind>
        label="Source"
        value={kind}
        onChange={setKind}
        picks={[
          {
            value: 'kafka',
            word: sample ? 'The recorded topic of the sample' : `Kafka topic ${topic}`,
            consequence: sample
              ? 'Messages come like those of a live topic. No server is asked.'
              : `From ${brokers.join(', ')}, at the positions that the tables hold.`,
          },
          {
            value: 'file',
            word: 'A file',
            consequence:
              'One payload a line, .gz too. It is a log of its own: a loader that read another is refused first.',
          },
          {
            value: 'generator',
            word: 'The generator',
            consequence:
              'Made-up health data at 50 messages a second, one in 50 spoilt. Nothing outside is needed.',
          },
        ]}
      />
      {kind === 'file' && (
        <div className="row">
          <span className="grow">
            <TextField
              label="Path on the computer that runs Tarn"
              mono
              value={path}
              bad={tried && missing ? 'Name a file' : null}
              onChange={setPath}
            />
          </span>
          {desktop() && <Button onClick={() => void choose()}>Choose</Button>}
        </div>
      )}
      <Check
        label="End by itself once it has caught up with what is there now"
        checked={until}
        onChange={setUntil}
      />
    </Dialog>
  )
}

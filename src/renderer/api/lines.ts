import { type Fault, LakeError } from '../../shared/errors.ts'
import type { Line, TraceProgress } from '../../shared/trace.ts'
import { answer } from './client.ts'

/** The lines of a streamed answer as they come. A fault among them is thrown, as is a refusal before the first. */
export async function* linesOf<T extends { readonly kind: string }>(
  asked: Promise<Response>,
  onProgress: (progress: TraceProgress) => void = () => {},
): AsyncGenerator<T> {
  const response = await asked
  if (!response.ok || response.body === null) {
    await answer(Promise.resolve(response))
    return
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) break
      const lines = (rest + value).split('\n')
      rest = lines.pop() ?? ''
      for (const text of lines) {
        const line = JSON.parse(text) as Line<T>
        if (isProgress(line)) onProgress(line.progress)
        else if (isFault(line)) throw faultError(line.fault)
        else yield line as T
      }
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
  if (rest !== '') throw new LakeError('BAD_RESPONSE', 'the answer ends in the middle of a line')
}

const isProgress = (line: {
  readonly kind: string
}): line is { readonly kind: 'progress'; readonly progress: TraceProgress } => line.kind === 'progress'

const isFault = (line: {
  readonly kind: string
}): line is { readonly kind: 'fault'; readonly fault: Fault } => line.kind === 'fault'

function faultError({ code, title, outcome, context, likely, remedy }: Fault): LakeError {
  return new LakeError(code, title, {
    outcome,
    context,
    ...(likely === undefined ? {} : { likely }),
    ...(remedy === undefined ? {} : { remedy }),
  })
}

/** How far a streamed answer has come, for `Loading`. */
export function amountOf(progress: TraceProgress | null) {
  return progress === null ? null : { done: progress.done, of: progress.of, unit: progress.unit }
}

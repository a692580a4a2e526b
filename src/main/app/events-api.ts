import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { App } from './app.ts'

/** Ms between two comments that keep the connection known as alive. */
const HEARTBEAT = 15_000

/**
 * `GET /events`: server-sent events named as in `AppEvents`. First the present state, then each change. A page that does
 * not read gets only the newest of each event once it reads again.
 */
export function eventRoutes(app: App) {
  return new Hono().get('/events', (context) =>
    streamSSE(context, async (stream) => {
      const waiting = new Map<string, { event: string; data: unknown }>()
      let wake = () => {}
      const put = (key: string, event: string, data: unknown) => {
        waiting.set(key, { event, data })
        wake()
      }
      const unsubscribe = app.events.subscribe((name, data) => {
        put(
          name === 'job'
            ? `job ${(data as { id: string }).id}`
            : name === 'table'
              ? `table ${(data as { role: string }).role}`
              : name,
          name,
          data,
        )
      })
      stream.onAbort(() => {
        unsubscribe()
        wake()
      })
      put('load', 'load', app.load.view())
      for (const job of app.jobs.list().filter((one) => one.state === 'running'))
        put(`job ${job.id}`, 'job', job)
      while (!stream.aborted && !stream.closed) {
        for (const [key, { event, data }] of [...waiting]) {
          waiting.delete(key)
          await stream.writeSSE({ event, data: JSON.stringify(data) })
        }
        if (waiting.size > 0 || stream.aborted) continue
        const beat = await new Promise<boolean>((resolve) => {
          const timer = setTimeout(() => resolve(true), HEARTBEAT)
          wake = () => {
            clearTimeout(timer)
            resolve(false)
          }
        })
        if (beat) await stream.write(': alive\n\n')
      }
      unsubscribe()
    }),
  )
}

import type { Field, RecordBatch } from 'apache-arrow'
import { Cancelled } from '../../../src/renderer/query/errors.ts'
import { cellJson } from '../../../src/renderer/query/json-lines.ts'
import type { QueryResult } from '../../../src/renderer/query/result.ts'
import type { RunOptions } from '../../../src/renderer/query/session.ts'
import { startEngine } from '../../../src/renderer/query/start.ts'
import type { EnginePage } from '../engine-page.ts'

/** The page's engine with its workers, without the page: tests call it by `window.engine`. */

// Nothing is kept, so that every statement tells what it reads.
const engine = startEngine(0)
const running = new Map<string, AbortController>()

function cells(result: QueryResult): string[][] {
  return Array.from({ length: result.rows }, (_, shown) => {
    const { batch, row } = result.placeOf(shown)
    const { children } = (result.batches[batch] as RecordBatch).data
    return children.map((data, i) => cellJson(result.schema.fields[i] as Field, data, row))
  })
}

const page: EnginePage = {
  async run(tab, sql, options = {}) {
    const controller = new AbortController()
    running.set(tab, controller)
    const stages: string[] = []
    const onProgress: RunOptions['onProgress'] = ({ stage }) => {
      if (stages.at(-1) !== stage) stages.push(stage)
    }
    const started = performance.now()
    try {
      const session = engine.session(tab)
      const outcome = await session.run(sql, { ...options, signal: controller.signal, onProgress })
      const { result, forecast, read } = outcome
      return {
        state: 'done',
        rows: result.rows > 10_000 ? [] : cells(result),
        count: result.rows,
        forecast,
        read,
        stages,
      }
    } catch (error) {
      const ms = performance.now() - started
      const state = error instanceof Cancelled ? 'cancelled' : 'failed'
      return { state, message: String(error), ms, stages }
    } finally {
      running.delete(tab)
    }
  },
  cancel(tab) {
    running.get(tab)?.abort()
  },
  async export(tab, sql, options) {
    let calls = 0
    const file = await engine.session(tab).export(sql, { ...options, onProgress: () => void calls++ })
    return { ...file, calls }
  },
  async crash() {
    ;(await engine.duck()).host.kill()
  },
}
Object.assign(window, { engine: page })

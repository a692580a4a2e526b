import type { Desk } from './desk.ts'
import type { OpenDuck } from './engine.ts'
import { heldColumns, heldPieces } from './held.ts'
import type { QueryResult } from './result.ts'

/** Keeps the answer that was asked about last as a table of the session's catalog. */
export class Answers {
  readonly #desk: Desk
  #held: { readonly result: QueryResult; readonly duck: OpenDuck; readonly name: string } | null = null

  constructor(desk: Desk) {
    this.#desk = desk
  }

  /** The table that holds the answer: its rows in order, columns `c0`, `c1` and so on. The desk is ready. */
  async hold(result: QueryResult, signal: AbortSignal): Promise<string> {
    const { duck, connection } = this.#desk.place as NonNullable<Desk['place']>
    if (this.#held?.result === result && this.#held.duck === duck) return `tarn.${this.#held.name}`
    if (this.#held?.duck === duck) await connection.run(`DROP TABLE IF EXISTS tarn.${this.#held.name}`)
    this.#held = null
    const name = this.#desk.name('answer')
    const columns = heldColumns(result.schema.fields).map((column) => `${column.name} ${column.type}`)
    await connection.run(`CREATE TABLE tarn.${name} (${columns.join(', ')})`)
    try {
      for (const piece of heldPieces(result)) {
        signal.throwIfAborted()
        await connection.insert('tarn', name, piece)
      }
    } catch (error) {
      await connection.run(`DROP TABLE IF EXISTS tarn.${name}`).catch(() => undefined)
      throw error
    }
    this.#held = { result, duck, name }
    return `tarn.${name}`
  }
}

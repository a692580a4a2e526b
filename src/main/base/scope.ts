import { assert } from '../../shared/assert.ts'

export interface Closable {
  close(): Promise<void> | void
}

const open = new Set<Scope>()

/** Names of the scopes not yet closed: a test that ends with one left has a leak. */
export function openScopes(): string[] {
  return Array.from(open, (scope) => scope.name)
}

/**
 * Owns things with a life and closes them in reverse order of their coming. One failure does not keep the rest open:
 * all are closed, then the failure is thrown (several as an AggregateError).
 */
export class Scope {
  readonly name: string
  readonly #closers: (() => Promise<void> | void)[] = []
  #closing: Promise<void> | null = null

  constructor(name = 'scope') {
    this.name = name
    open.add(this)
  }

  own<T extends Closable>(thing: T): T {
    this.defer(() => thing.close())
    return thing
  }

  /** Runs `close` when the scope closes. */
  defer(close: () => Promise<void> | void): void {
    assert(this.#closing === null, `scope ${this.name} is closed already`)
    this.#closers.push(close)
  }

  /** Every call after the first waits for the first. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll()
    return this.#closing
  }

  async #closeAll(): Promise<void> {
    const failures: unknown[] = []
    for (const close of this.#closers.reverse()) {
      try {
        await close()
      } catch (error) {
        failures.push(error)
      }
    }
    open.delete(this)
    if (failures.length === 1) throw failures[0]
    if (failures.length > 1)
      throw new AggregateError(failures, `${failures.length} failures closing ${this.name}`)
  }
}

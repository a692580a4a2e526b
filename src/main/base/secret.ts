import { inspect } from 'node:util'

const shown = '[secret]'

/**
 * A value that must not reach a log, an error or an answer: every way of printing it gives `[secret]`. Only `reveal`
 * tells it, and is called where the value is sent.
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return shown
  }

  toJSON(): string {
    return shown
  }

  [inspect.custom](): string {
    return shown
  }
}

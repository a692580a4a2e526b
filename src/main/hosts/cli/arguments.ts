import { parseArgs } from 'node:util'
import { LakeError } from '../../../shared/errors.ts'
import { SETTINGS } from '../../../shared/settings.ts'
import { closest } from '../../app/settings/setting-values.ts'
import type { Command, CommandOption } from './command.ts'

export interface Arguments {
  /** Null where none was named. */
  readonly command: Command | null
  readonly help: boolean
  readonly version: boolean
  readonly json: boolean
  readonly config: string | undefined
  /** Settings given as flags, by flag name. */
  readonly flags: ReadonlyMap<string, string>
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>
  readonly argument: string | undefined
}

export const COMMON: Readonly<Record<string, CommandOption>> = {
  config: { type: 'string', value: 'FILE', help: 'read this settings file instead of the one in TARN_HOME' },
  json: { type: 'boolean', help: 'print one JSON object at the end; progress goes to stderr' },
  help: { type: 'boolean', help: 'print this help' },
  version: { type: 'boolean', help: 'print the version' },
}

/** The command line as data. Anything unknown, missing or superfluous is a USAGE error that names it. */
export function parseArguments(argv: readonly string[], commands: readonly Command[]): Arguments {
  const name = argv.find((word) => !word.startsWith('-'))
  const command = commands.find((one) => one.name === name && argv.indexOf(one.name) === 0) ?? null
  const own = command?.options ?? {}
  const settings = new Map(SETTINGS.flatMap((one) => (one.flag === null ? [] : [[one.flag, one]])))
  const known: Record<string, { type: 'string' | 'boolean'; multiple: true }> = {}
  for (const flag of settings.keys()) known[flag] = { type: 'string', multiple: true }
  for (const [flag, option] of Object.entries({ ...COMMON, ...own }))
    known[flag] = { type: option.type, multiple: true }
  const { tokens } = parseArgs({
    args: [...argv],
    options: known,
    strict: false,
    allowPositionals: true,
    allowNegative: true,
    tokens: true,
  })

  const flags = new Map<string, string>()
  const options: Record<string, string | boolean | readonly string[]> = Object.create(null)
  let argument: string | undefined
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (token.index === 0 && command) continue
      if (token.index === 0) throw unknownCommand(token.value, commands)
      if (command?.argument && argument === undefined) {
        argument = token.value
        continue
      }
      throw new LakeError('USAGE', `${JSON.stringify(token.value)} is superfluous`, {
        remedy: 'Options start with two dashes.',
      })
    }
    if (token.kind !== 'option') continue
    const setting = settings.get(token.name)
    const option = { ...COMMON, ...own }[token.name] ?? { ...COMMON, ...own }[token.name.replace(/^no-/, '')]
    if (setting) {
      const text = token.value ?? (setting.kind === 'boolean' ? 'true' : undefined)
      if (text === undefined) throw needsValue(token.rawName)
      flags.set(token.name, text)
    } else if (option === undefined) throw unknownOption(token.rawName, [...Object.keys(known)])
    else if (option.type === 'boolean') {
      if (token.value !== undefined) throw new LakeError('USAGE', `${token.rawName} takes no value`)
      options[token.name.replace(/^no-/, '')] = !token.rawName.startsWith('--no-')
    } else if (token.value === undefined) throw needsValue(token.rawName)
    else if (option.multiple)
      options[token.name] = [...((options[token.name] as readonly string[] | undefined) ?? []), token.value]
    else options[token.name] = token.value
  }
  if (command?.argument && argument === undefined && options.help !== true) {
    throw new LakeError('USAGE', `${command.name} needs ${command.argument.value}`, {
      remedy: `${command.argument.value}: ${command.argument.help}.`,
    })
  }
  const config = options.config
  return {
    command,
    help: options.help === true,
    version: options.version === true,
    json: options.json === true,
    config: typeof config === 'string' ? config : undefined,
    flags,
    options,
    argument,
  }
}

const needsValue = (flag: string) =>
  new LakeError('USAGE', `${flag} needs a value`, { context: { setting: flag, origin: 'the command line' } })

function unknownCommand(name: string, commands: readonly Command[]): LakeError {
  const near = closest(
    name,
    commands.map((one) => one.name),
  )
  return new LakeError('USAGE', `there is no command ${JSON.stringify(name)}`, {
    remedy: near
      ? `Did you mean ${near}?`
      : `The commands are ${commands.map((one) => one.name).join(', ')}.`,
  })
}

function unknownOption(flag: string, known: readonly string[]): LakeError {
  const secret = SETTINGS.find(
    (one) =>
      one.secret &&
      one.env
        .toLowerCase()
        .replaceAll('_', '-')
        .replace(/^tarn-/, '') === flag.slice(2),
  )
  const near = closest(
    flag,
    known.map((one) => `--${one}`),
  )
  return new LakeError('USAGE', `unknown option ${flag} on the command line`, {
    context: { setting: flag, origin: 'the command line' },
    remedy: secret
      ? `Secrets are not taken from the command line, where other users see them: set ${secret.env} instead.`
      : near
        ? `Did you mean ${near}?`
        : 'See `tarn --help`.',
  })
}

import { SETTINGS } from '../../../shared/settings.ts'
import { COMMON } from './arguments.ts'
import type { Command, CommandOption } from './command.ts'

/** The help of one command, or of all. */
export function helpText(commands: readonly Command[], command: Command | null): string {
  const lines: string[] = []
  if (command)
    lines.push(`tarn ${command.name}: ${command.summary}`, '', `Usage: tarn ${nameOf(command)} [options]`, '')
  else {
    lines.push('Tarn loads health data from Kafka into an Apache Iceberg lake and lets you explore it.', '')
    lines.push('Usage: tarn COMMAND [options]', '', 'Commands')
    lines.push(...table(commands.map((one) => [nameOf(one), one.summary])), '')
  }
  if (command?.argument) lines.push(...table([[command.argument.value, command.argument.help]]), '')
  const own = Object.entries(command?.options ?? {})
  if (own.length > 0) lines.push('Options of this command', ...table(own.map(optionLine)), '')
  lines.push('Options', ...table(Object.entries(COMMON).map(optionLine)), '')
  lines.push('Settings: flag, then environment, then settings.json in TARN_HOME, then default')
  lines.push(
    ...table(
      SETTINGS.map((one) => [
        `${one.env}${one.flag === null ? '' : `, --${one.flag}`}`,
        `${one.help}${one.choices ? ` (${one.choices.join(', ')})` : ''}${one.default !== null && !one.secret ? ` [${one.default}]` : ''}`,
      ]),
    ),
    '',
  )
  lines.push(
    'Exit codes: 0 success; 1 a check or comparison failed; 2 usage or settings; 3 refused, because going on',
  )
  lines.push('would lose or repeat data; 4 a service could not be reached')

  return `${lines.join('\n').trimEnd()}\n`
}

const nameOf = ({ name, argument }: Command): string =>
  argument === undefined ? name : `${name} ${argument.value}`

function optionLine([name, option]: [string, CommandOption]): [string, string] {
  return [`--${name}${option.type === 'string' ? ` ${option.value ?? 'VALUE'}` : ''}`, option.help]
}

function table(rows: readonly (readonly [string, string] | string[])[]): string[] {
  const width = Math.min(44, Math.max(...rows.map(([name = '']) => name.length)))
  return rows.map(([name = '', text = '']) =>
    name.length > width ? `  ${name}\n  ${' '.repeat(width)}  ${text}` : `  ${name.padEnd(width)}  ${text}`,
  )
}

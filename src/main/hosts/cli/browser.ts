import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

type Env = Readonly<Record<string, string | undefined>>

/** What opens a URL on this machine, or null where there is no desktop to open it on. */
export function browserCommand(
  env: Env,
  platform: NodeJS.Platform = process.platform,
): readonly string[] | null {
  if (platform === 'darwin') return ['open']
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler']
  if (!env.DISPLAY && !env.WAYLAND_DISPLAY) return null
  const found = (env.PATH ?? '')
    .split(delimiter)
    .some((folder) => folder !== '' && executable(join(folder, 'xdg-open')))
  return found ? ['xdg-open'] : null
}

/** Opens `url`; a browser that does not start is no failure, for the URL is printed too. */
export function openBrowser(url: string, env: Env): boolean {
  const [program, ...rest] = browserCommand(env) ?? []
  if (program === undefined) return false
  const child = spawn(program, [...rest, url], { stdio: 'ignore', detached: true })
  child.on('error', () => {})
  child.unref()
  return true
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

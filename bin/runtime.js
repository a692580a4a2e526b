import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOT = new URL('../', import.meta.url)

/**
 * Runs `start` if this Node has node:sqlite (22.13 or later); otherwise runs the same script with the Node that the
 * package brings along, passing signals and the exit code through.
 */
export async function withModernNode(start) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 13)) {
    if (process.env.TARN_REEXEC) adopt()
    await start()
    return
  }
  const own = fileURLToPath(
    new URL(`node_modules/.bin/node${process.platform === 'win32' ? '.cmd' : ''}`, ROOT),
  )
  if (process.env.TARN_REEXEC || !existsSync(own)) {
    console.error(
      `Tarn needs Node 22.13 or later; this is ${process.version}. Run \`npm ci\` without --omit=optional, or install a newer Node.`,
    )
    process.exit(2)
  }
  // Of a group of its own, so that a signal to our group reaches it once, through us.
  const child = spawn(own, process.argv.slice(1), {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    detached: process.platform !== 'win32',
    shell: process.platform === 'win32',
    env: { ...process.env, TARN_REEXEC: '1' },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(`${own} does not start: ${error.message}`)
    process.exit(2)
  })
  child.on('exit', (code, signal) =>
    process.exit(code ?? (signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : 137)),
  )
}

/** As the inner process: end when the outer one is gone without having been able to say so. */
function adopt() {
  delete process.env.TARN_REEXEC
  if (!process.channel) return
  process.channel.unref()
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  process.channel.unref()
}

/** The built module at `path`, or a word on how to build it. */
export async function importBuilt(path) {
  const url = new URL(path, ROOT)
  if (!existsSync(url)) {
    console.error('Tarn is not built yet: run `npm run build` once.')
    process.exit(2)
  }
  await import(url.href)
}

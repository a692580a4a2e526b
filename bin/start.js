#!/usr/bin/env node
// The app in its own window where Electron's binary is there, else in a browser.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { importBuilt, withModernNode } from './runtime.js'

const root = fileURLToPath(new URL('../', import.meta.url))
const electron = electronBinary()
const desktop = process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)

if (electron !== null && desktop) {
  const child = spawn(electron, [root, ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code) => process.exit(code ?? 1))
} else {
  await withModernNode(() => {
    process.argv.splice(2, 0, 'serve', '--open')
    return importBuilt('out/main/hosts/cli/tarn.js')
  })
}

/** Path of Electron's binary, or null where the package or what it downloads is missing. */
function electronBinary() {
  try {
    const folder = createRequire(import.meta.url)
      .resolve('electron/package.json')
      .replace(/package\.json$/, '')
    const name =
      { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }[process.platform] ??
      'electron'
    const path = `${folder}dist/${name}`
    return existsSync(path) ? path : null
  } catch {
    return null
  }
}

/**
 * What `npm test` needs and does not bring by npm: Chromium, and what the real servers are made with. Each is looked
 * for, else installed from Debian's packages where this user may, else named in one line with what to do.
 */
import { spawnSync } from 'node:child_process'
import { missingTools } from '../services/install.ts'
import { findChromium } from './chromium.ts'

const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  Chromium: ['chromium'],
  'Java 17': ['openjdk-17-jdk-headless'],
  Maven: ['maven'],
  'Go 1.21': ['golang-go'],
  'Python 3 with venv': ['python3-venv'],
}

const missing = () => [...(findChromium() === null ? ['Chromium'] : []), ...missingTools()]

const wanted = missing()
if (wanted.length > 0) {
  const packages = wanted.flatMap((name) => PACKAGES[name] ?? [])
  const mayInstall = process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0
  if (mayInstall) {
    console.error(`Installing ${packages.join(', ')}, which the tests need.`)
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit', env })
    for (const name of packages)
      spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], {
        stdio: 'inherit',
        env,
      })
  }
  const still = missing()
  if (still.length > 0) {
    const names = still.flatMap((name) => PACKAGES[name] ?? [])
    console.error(`The tests need ${still.join(', ')}. Install: sudo apt-get install ${names.join(' ')}`)
    process.exit(1)
  }
}

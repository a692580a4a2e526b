import { dirname } from 'node:path'
import { LakeError } from '../../../shared/errors.ts'
import { localPath } from '../../catalog/trust.ts'
import { type CheckDefinition, type Finding, failed, passed, unset } from './finding.ts'
import { existing } from './machine.ts'
import type { HttpService, Patient } from './patient.ts'
import { size, span } from './words.ts'

const NODE_MAJOR = 24
const MIB = 2 ** 20
const FULL = 64 * MIB
const LOW = 1024 * MIB
/** Kinds of file systems over a network: no atomic rename or lock can be relied on. */
const NETWORK =
  /^(nfs\d?|cifs|smb\d?|smbfs|9p|fuse\.sshfs|fuse\.s3fs|fuse\.rclone|afs|ceph|glusterfs|davfs2?|ncpfs)$/
const SKEW_MS = 15 * 60_000
const DRIFT_MS = 60_000

export const COMPUTER_CHECKS: readonly CheckDefinition[] = [
  {
    id: 'computer.runtime',
    group: 'computer',
    title: 'Node version',
    needs: [],
    stops: [],
    async run({ machine: { node, electron } }) {
      const major = Number(node.split('.')[0])
      const found = `Node ${node}${electron === null ? '' : ` in Electron ${electron}`}`
      if (major >= NODE_MAJOR) return passed(found)
      const fault = new LakeError('UNSUPPORTED', `Tarn runs on ${found}, older than what it is tested on`, {
        context: { node, tested: `${NODE_MAJOR} and later` },
        remedy: `Start Tarn with Node ${NODE_MAJOR}: npm install brings it where it is not.`,
      })
      return failed(fault, { state: 'attention', command: 'node --version' })
    },
  },
  {
    id: 'computer.memory',
    group: 'computer',
    title: 'Memory',
    needs: [],
    stops: [],
    async run({ machine, settings: { memoryBytes } }) {
      const all = machine.memory()
      const found = `budget ${size(memoryBytes)} of ${size(all)}`
      if (memoryBytes <= all / 2) return passed(found)
      const fault = new LakeError('MEMORY', 'The memory budget is more than half of this computer’s memory', {
        context: { budget: size(memoryBytes), memory: size(all) },
        likely: 'A load with full buffers would push other programs, and itself, out of memory.',
        remedy: `Set TARN_MEMORY_BYTES to ${size(all / 4)} or less.`,
      })
      return failed(fault, { state: 'attention', text: found })
    },
  },
  {
    id: 'computer.home',
    group: 'computer',
    title: 'Home folder is writable',
    needs: [],
    stops: ['loading'],
    run: home,
  },
  {
    id: 'computer.disk',
    group: 'computer',
    title: 'Local disk',
    needs: ['computer.home'],
    stops: ['loading'],
    run: localDisk,
  },
  {
    id: 'computer.space',
    group: 'computer',
    title: 'Free space',
    needs: ['computer.home'],
    stops: ['loading'],
    run: space,
  },
  { id: 'computer.clock', group: 'computer', title: 'Clock', needs: [], stops: [], run: clock },
  {
    id: 'computer.settings',
    group: 'computer',
    title: 'Settings file is private',
    needs: [],
    stops: [],
    async run({ machine, settingsFile }) {
      const mode = await machine.mode(settingsFile)
      if (mode === null) return passed('no file: environment and defaults rule')
      const bits = mode.bits.toString(8).padStart(3, '0')
      if ((mode.bits & 0o077) === 0 || machine.uid === null) return passed(`mode ${bits}`)
      const fault = new LakeError('SETTING', 'Other users of this computer can read the settings file', {
        context: { file: settingsFile, mode: bits },
        likely: 'Tarn writes it with mode 600: another program, or a copy, has changed that.',
        remedy: 'Take the rights of others away. If secrets stood in it, renew them.',
      })
      return failed(fault, {
        state: 'attention',
        text: `mode ${bits}`,
        command: `chmod 600 ${quoted(settingsFile)}`,
      })
    },
  },
]

const quoted = (path: string): string =>
  /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`

async function home({ machine, settings }: Patient): Promise<Finding> {
  let at = settings.home
  try {
    at = await existing(settings.home)
    await machine.writable(at)
    return passed(at === settings.home ? at : `${settings.home}, to be created`)
  } catch (cause) {
    const errno = String((cause as NodeJS.ErrnoException).code ?? cause)
    const WHY: Readonly<Record<string, string>> = {
      EACCES: `${at} belongs to another user, or its rights leave this user out.`,
      EROFS: `The file system of ${at} is mounted read-only.`,
      ENOTDIR: 'A file stands where a folder is needed.',
    }
    return failed(
      new LakeError('DISK', `The home folder ${settings.home} cannot be written`, {
        context: { folder: settings.home, tried: at, errno },
        likely: WHY[errno],
        remedy: 'Mend the rights of the folder, or set TARN_HOME to another one.',
        cause,
      }),
      { command: `ls -ld ${quoted(at)}`, cause: `folder ${settings.home}` },
    )
  }
}

/** Folders of this computer that Tarn writes into. */
function folders({ settings }: Patient): readonly { name: string; path: string; setting: string }[] {
  const warehouse = localPath(settings.catalog.warehouse)
  return [
    { name: 'home', path: settings.home, setting: 'TARN_HOME' },
    ...(warehouse === null ? [] : [{ name: 'warehouse', path: warehouse, setting: 'ICEBERG_WAREHOUSE' }]),
  ]
}

async function localDisk(patient: Patient): Promise<Finding> {
  const kinds: string[] = []
  for (const { name, path, setting } of folders(patient)) {
    const kind = await patient.machine.fileSystem(path)
    if (kind === null) return unset('This system does not tell what a folder lies on')
    kinds.push(kind)
    if (!NETWORK.test(kind)) continue
    const fault = new LakeError('DISK', `The ${name} folder lies on a network share`, {
      context: { folder: path, fileSystem: kind },
      likely: `${kind} is a file system over a network: locks and renames there are not safe between computers.`,
      remedy: `Set ${setting} to a folder of a local disk.`,
    })
    return failed(fault, {
      state: 'attention',
      text: `${name} on ${kind}`,
      command: `findmnt -T ${quoted(path)}`,
    })
  }
  return passed([...new Set(kinds)].join(', '))
}

async function space(patient: Patient): Promise<Finding> {
  const found: string[] = []
  for (const { name, path, setting } of folders(patient)) {
    const { free, whole } = await patient.machine.space(path)
    found.push(`${size(free)} of ${size(whole)}${name === 'home' ? '' : ` for the ${name}`}`)
    if (free >= LOW) continue
    const full = free < FULL
    const fault = new LakeError(
      'DISK',
      `The disk of the ${name} folder is ${full ? 'full' : 'nearly full'}`,
      {
        context: { folder: path, free: size(free), whole: size(whole) },
        likely: full
          ? `Less than ${size(FULL)} are left: a commit could not be written.`
          : `Less than ${size(LOW)} are left.`,
        remedy: `Free space on that disk, or set ${setting} to a folder on another one.`,
      },
    )
    return failed(fault, {
      state: full ? 'failed' : 'attention',
      text: found.join(', '),
      command: `df -h ${quoted(dirname(path))}`,
      cause: `disk ${whole} ${free}`,
    })
  }
  return passed([...new Set(found)].join(', '))
}

/** This computer's clock beside those of the services that tell the time. */
async function clock(patient: Patient): Promise<Finding> {
  const services: readonly HttpService[] = ['catalog', 'storage', 'registry']
  const answers = await Promise.all(
    services.map(async (name) => {
      if (patient.url(name) === null) return null
      const time = (await patient.first(name).catch(() => null))?.time ?? null
      return time === null ? null : { name, off: time.ours - time.theirs, theirs: time.theirs }
    }),
  )
  const told = answers.filter((one) => one !== null)
  if (told.length === 0) return unset('No service that answers tells the time')
  // of services that agree the first is named
  const worst = told.reduce((a, b) => (Math.abs(b.off) > Math.abs(a.off) + DRIFT_MS ? b : a))
  const off = Math.abs(worst.off)
  const words = `${span(off)} ${worst.off > 0 ? 'ahead of' : 'behind'} the ${worst.name}`
  if (off < DRIFT_MS)
    return passed(off < 2_000 ? `agrees with the ${told.map(({ name }) => name).join(' and the ')}` : words)
  const near = told.find((one) => Math.abs(one.off) < DRIFT_MS)
  const agree = told.filter((one) => Math.abs(one.off - worst.off) < DRIFT_MS)
  const likely =
    near !== undefined
      ? `The ${near.name} agrees with this computer: the clock of the ${worst.name} is wrong.`
      : agree.length > 1
        ? `The ${agree.map(({ name }) => name).join(' and the ')} agree with each other: the clock of this computer is wrong.`
        : `Only the ${worst.name} tells the time: which of the two clocks is wrong cannot be told from here.`
  const fault = new LakeError('CLOCK_SKEW', `This computer’s clock is ${words}`, {
    likely,
    remedy: 'Switch on network time where the clock is wrong. Tarn cannot set a clock.',
  })
  return failed(fault, {
    state: off >= SKEW_MS ? 'failed' : 'attention',
    text: words,
    evidence: told.map(
      ({ name, off: by, theirs }) =>
        `${name} says ${new Date(theirs).toISOString()}, ${span(Math.abs(by))} ${by < 0 ? 'ahead' : 'behind'}`,
    ),
    command: 'timedatectl set-ntp true',
  })
}

/** What the doctor asks of this computer. */
import { lookup } from 'node:dns/promises'
import { access, constants, readFile, stat, statfs } from 'node:fs/promises'
import { connect } from 'node:net'
import { totalmem } from 'node:os'
import { dirname } from 'node:path'

export interface Machine {
  readonly node: string
  readonly electron: string | null
  readonly uid: number | null
  /** Bytes. */
  memory(): number
  /** Addresses of a host name; throws what the resolver says. */
  addresses(host: string): Promise<string[]>
  /** Resolves when a connection stood; throws what the system says. */
  connect(host: string, port: number, signal: AbortSignal): Promise<void>
  /** Free and whole bytes of the disk that holds `path`. */
  space(path: string): Promise<{ readonly free: number; readonly whole: number }>
  /** Kind of the file system that holds `path`; null where this system does not tell. */
  fileSystem(path: string): Promise<string | null>
  /** Throws where `path` is not writable for this user. */
  writable(path: string): Promise<void>
  /** Permission bits and owner; null where there is no such file. */
  mode(path: string): Promise<{ readonly bits: number; readonly owner: number } | null>
}

const CONNECT_MS = 3_000

export const thisMachine: Machine = {
  node: process.versions.node,
  electron: (process.versions as Record<string, string | undefined>).electron ?? null,
  uid: process.getuid?.() ?? null,
  memory: totalmem,
  async addresses(host) {
    return (await lookup(host, { all: true })).map(({ address }) => address)
  },
  connect(host, port, signal) {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, signal })
      socket.setTimeout(CONNECT_MS, () =>
        socket.destroy(Object.assign(new Error(`no answer in ${CONNECT_MS} ms`), { code: 'ETIMEDOUT' })),
      )
      socket.once('connect', () => {
        socket.destroy()
        resolve()
      })
      socket.once('error', reject)
    })
  },
  async space(path) {
    const { bavail, blocks, bsize } = await statfs(await existing(path))
    return { free: bavail * bsize, whole: blocks * bsize }
  },
  async fileSystem(path) {
    if (process.platform !== 'linux') return null
    const at = await existing(path)
    const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').flatMap((line) => {
      const [, point = '', kind = ''] = line.split(' ')
      const folder = point.replace(/\\([0-7]{3})/g, (_, code) =>
        String.fromCharCode(Number.parseInt(code, 8)),
      )
      return folder === '/' || at === folder || at.startsWith(`${folder}/`) ? [{ folder, kind }] : []
    })
    // of two mounts at one place the later one is seen
    return mounts.reduce((best, one) => (one.folder.length >= best.folder.length ? one : best), {
      folder: '',
      kind: '',
    }).kind
  },
  writable: (path) => access(path, constants.W_OK | constants.X_OK),
  async mode(path) {
    try {
      const { mode, uid } = await stat(path)
      return { bits: mode & 0o777, owner: uid }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    }
  },
}

/** `path`, or its nearest folder that is there. */
export async function existing(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    try {
      await stat(at)
      return at
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ENOENT' || dirname(at) === at) throw error
    }
  }
}

import { LakeError, type Outcome } from '../../shared/errors.ts'

interface Explanation {
  readonly title: string
  readonly outcome: Outcome
  readonly likely?: string
  readonly remedy?: string
}

const explanations: Readonly<Record<string, Explanation>> = {
  ENOSPC: { title: 'The disk is full', outcome: 'retry', remedy: 'Free space on the disk of the warehouse.' },
  EDQUOT: {
    title: 'The disk quota is used up',
    outcome: 'retry',
    remedy: 'Free space, or ask for a larger quota.',
  },
  EFBIG: {
    title: 'The file is larger than allowed',
    outcome: 'reject',
    likely: 'A limit of the file system or of the user.',
    remedy: 'Raise the limit on file size.',
  },
  EACCES: {
    title: 'Access was denied',
    outcome: 'reject',
    likely: 'File or folder belongs to another user.',
    remedy: 'Give this user rights on the folder of the warehouse.',
  },
  EPERM: {
    title: 'The operation is not permitted',
    outcome: 'reject',
    likely: 'Another user owns the file, or the file system has no hard links.',
    remedy: 'Choose a folder of your own on a local disk.',
  },
  EROFS: {
    title: 'The file system is read-only',
    outcome: 'reject',
    remedy: 'Mount it for writing, or choose another folder for the warehouse.',
  },
  EIO: {
    title: 'The disk failed',
    outcome: 'retry',
    likely: 'The disk or its connection is broken.',
    remedy: 'Look into the log of the system, and save the data.',
  },
  EMFILE: {
    title: 'Too many files are open',
    outcome: 'retry',
    remedy: 'Raise the limit on open files (ulimit -n).',
  },
  ENFILE: { title: 'Too many files are open', outcome: 'retry', remedy: 'Close other programs.' },
  ENAMETOOLONG: {
    title: 'The file name is too long',
    outcome: 'reject',
    remedy: 'Choose a shorter folder for the warehouse.',
  },
  ELOOP: { title: 'The path has a symlink where none is followed', outcome: 'reject' },
  ENOTDIR: { title: 'A file stands where a folder is needed', outcome: 'reject' },
  EISDIR: { title: 'A folder stands where a file is needed', outcome: 'reject' },
  EBUSY: { title: 'The file is in use', outcome: 'retry', remedy: 'Close the program that holds it.' },
}

/** What the file system threw, as LakeError DISK. `outcome` stands where the error itself does not tell. */
export function fileError(error: unknown, location: string, outcome: Outcome = 'reject'): LakeError {
  if (error instanceof LakeError) return error
  const code = codeOf(error)
  const explanation = explanations[code]
  const title = explanation?.title ?? (error instanceof Error ? error.message : String(error))
  return new LakeError('DISK', `${title}: ${location}`, {
    outcome: explanation?.outcome ?? outcome,
    context: { location, errno: code },
    cause: error,
    ...(explanation?.likely === undefined ? {} : { likely: explanation.likely }),
    ...(explanation?.remedy === undefined ? {} : { remedy: explanation.remedy }),
  })
}

/** Whether nothing has the name that was looked for. */
export function isMissing(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'ENOENT' || code === 'ENOTDIR'
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

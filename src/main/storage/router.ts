import { LakeError } from '../../shared/errors.ts'
import { schemeOf } from './location.ts'
import type { Storage } from './storage.ts'

export interface Storages {
  /** For s3, s3a and s3n. */
  readonly s3?: Storage
  /** For file and for bare absolute paths. */
  readonly local?: Storage
  readonly memory?: Storage
}

/** The storage for each location by its scheme; UNSUPPORTED for every other scheme and for one not given. */
export function createStorage(storages: Storages): Storage {
  function storageFor(location: string): Storage {
    const scheme = schemeOf(location)
    const found = byScheme(storages, scheme)
    if (found !== undefined) return found
    throw new LakeError('UNSUPPORTED', `No storage is set up for ${scheme}: (${location})`, {
      context: { location, scheme },
      remedy:
        'Use a location of s3, s3a, s3n or file, and set S3_ENDPOINT with its keys for the first three.',
    })
  }

  return {
    read: async (location, options) => storageFor(location).read(location, options),
    write: async (location, bytes, options) => storageFor(location).write(location, bytes, options),
    stat: async (location, options) => storageFor(location).stat(location, options),
    async *list(prefix, options) {
      yield* storageFor(prefix).list(prefix, options)
    },
    delete: async (location, options) => storageFor(location).delete(location, options),
    async close() {
      await storages.s3?.close()
      await storages.local?.close()
      await storages.memory?.close()
    },
  }
}

function byScheme({ s3, local, memory }: Storages, scheme: string): Storage | undefined {
  switch (scheme) {
    case 's3':
    case 's3a':
    case 's3n':
      return s3
    case 'file':
      return local
    case 'memory':
      return memory
    default:
      return undefined
  }
}

import type { Logger } from '../base/log.ts'
import type { Storage } from '../storage/storage.ts'

/** Deletes files that nothing refers to; what fails is logged and left for the orphan search. */
export async function deleteUnused(
  io: { readonly storage: Storage; readonly log: Logger },
  paths: Iterable<string>,
): Promise<void> {
  for (const path of paths) {
    try {
      await io.storage.delete(path)
    } catch (error) {
      io.log.warn({ file: path, error }, 'An unused file could not be deleted')
    }
  }
}

/**
 * Where a worker thread's entry lies: `workerUrl(import.meta.url, './worker')` ends in `.ts` when Tarn runs from its
 * sources and in `.js` when it runs from the build, which keeps one file per module.
 */
export function workerUrl(importMetaUrl: string, path: string): URL {
  const extension = new URL(importMetaUrl).pathname.endsWith('.ts') ? '.ts' : '.js'
  return new URL(path + extension, importMetaUrl)
}

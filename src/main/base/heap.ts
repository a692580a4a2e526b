import { PerformanceObserver } from 'node:perf_hooks'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/** Beyond this V8's young generation is not let grow, bytes. */
const YOUNG_BYTES = 32 * 1024 * 1024

/**
 * Stops the growth of the young generation at 32 MiB: V8 would take up to 64 MiB for garbage that lives for
 * milliseconds, and give nothing back. Holds for the whole process.
 */
export function boundYoungGeneration(): void {
  const observer = new PerformanceObserver(() => {
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')
    if ((young?.space_size ?? 0) < YOUNG_BYTES) return
    setFlagsFromString('--semi-space-growth-factor=1')
    observer.disconnect()
  })
  observer.observe({ entryTypes: ['gc'] })
}

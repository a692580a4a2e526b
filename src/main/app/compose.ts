import { LakeError } from '../../shared/errors.ts'
import { openLake } from './lake.ts'
import type { Parts } from './parts.ts'

const later = (what: string) => new LakeError('UNSUPPORTED', `${what} is not there yet`)

/** The real work behind the app. */
export const parts: Parts = {
  openLake,
  begin: async () => {
    throw later('load')
  },
  check: async () => {
    throw later('check')
  },
  rollup: async () => {
    throw later('rollup')
  },
  verify: async () => {
    throw later('verify')
  },
  probe: async () => {
    throw later('probe')
  },
}

import { localStorage } from '../../../src/main/storage/local.ts'
import { toFault } from '../../../src/shared/errors.ts'

/** Writes one object of a given number of bytes and prints the fault, or null. */
const [location = '', bytes = '0'] = process.argv.slice(2)
let fault: unknown = null
try {
  await localStorage().write(location, new Uint8Array(Number(bytes)).fill(66))
} catch (error) {
  fault = toFault(error)
}
process.stdout.write(JSON.stringify(fault))

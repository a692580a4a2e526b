import { localStorage } from '../../../src/main/storage/local.ts'

/** Replaces one object over and over, whole values of one letter each, until it is killed. Says so after every one. */
const [root = ''] = process.argv.slice(2)
const storage = localStorage({ root })
for (let letter = 0; ; letter = (letter + 1) % 26) {
  await storage.write(`file://${root}/deep/pointer`, new Uint8Array(2_000_000).fill(65 + letter))
  process.stdout.write('.')
}

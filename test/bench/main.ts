/** `npm run bench -- NAME`: one measurement, printed as ratios of things measured side by side in this run. */
import { benchGrid } from './grid.ts'
import { benchInteractions } from './interactions.ts'
import { benchLoad } from './load.ts'

const BENCHES: Readonly<Record<string, (argument: string | undefined) => Promise<void>>> = {
  grid: (rows) => benchGrid(Number(rows ?? 1_000_000)),
  interactions: benchInteractions,
  load: (rows) => benchLoad(Number(rows ?? 1_000_000)),
}

const [name = '', argument] = process.argv.slice(2)
const bench = BENCHES[name]
if (!bench) {
  console.error(`usage: npm run bench -- ${Object.keys(BENCHES).join(' | ')}`)
  process.exit(2)
}
await bench(argument)

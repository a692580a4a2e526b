import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SAMPLE_TOPIC } from '../../app/paths.ts'
import { ruledBySample, SAMPLE_ENVIRONMENT } from '../../app/sample/sample.ts'
import { removeFolder } from '../../base/remove.ts'
import { runCheck } from './check.ts'
import type { Command } from './command.ts'
import { follow } from './job.ts'
import { printLoad, runLoad } from './load.ts'
import { printSample } from './sample.ts'
import { runServer, SERVE_OPTIONS } from './serve.ts'
import { printVerify } from './verify.ts'

const SAMPLE = { ...SAMPLE_ENVIRONMENT, TARN_PIPELINE: 'demo' }

export const demo: Command = {
  name: 'demo',
  summary: 'the whole job on a recorded topic in a throw-away folder, then the app over it',
  options: { ...SERVE_OPTIONS, exit: { type: 'boolean', help: 'stop before serving the app' } },
  async run(context) {
    const home = await mkdtemp(join(tmpdir(), 'tarn-demo-'))
    const remove = () => rmSync(home, { recursive: true, force: true })
    // For the second interrupt too, which ends the process at once.
    process.once('exit', remove)
    try {
      const resolve = () => ruledBySample({ ...SAMPLE, TARN_HOME: home })
      const app = context.openApp({ sample: true, resolve })
      try {
        const check = await runCheck(context, app)
        if (!check.passed) return { code: 1, result: { check } }
        context.print('\nLoading the recorded topic')
        const load = await runLoad(context, app, {
          source: { kind: 'file', path: SAMPLE_TOPIC },
          untilCaughtUp: true,
          accept: {},
        })
        printLoad(context, load)
        context.print('\nRolling up')
        const { kind: _r, ...rollup } = await follow(
          context,
          app,
          app.startRollup({ rebuild: false }),
          'rollup',
        )
        context.print('✓ Daily, weekly and monthly statistics follow the raw table')
        context.print('\nVerifying')
        const { kind: _v, ...verify } = await follow(context, app, app.startVerify(), 'verify')
        printVerify(context, verify)
        const aggregates = await printSample(context, await app.lake())
        const result = { check, load, rollup, verify, aggregates }
        if (context.options.exit === true || !verify.clean) return { code: verify.clean ? 0 : 1, result }
        context.print('')
        await runServer(context, app)
        return { code: 0, result }
      } finally {
        await app.close()
      }
    } finally {
      await removeFolder(home, (files) =>
        context.progress.show(`deleting the throw-away folder: ${files} files`, null),
      )
      context.progress.clear()
      process.off('exit', remove)
    }
  },
}

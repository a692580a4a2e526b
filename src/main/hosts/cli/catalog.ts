import { LakeError } from '../../../shared/errors.ts'
import type { Command } from './command.ts'

export const catalog: Command = {
  name: 'catalog',
  summary: 'expose the embedded catalog on a loopback port for other engines',
  options: {
    port: {
      type: 'string',
      value: 'N',
      help: 'port on 127.0.0.1; 0 takes any free one, the default is 8181',
    },
  },
  async run() {
    throw new LakeError('UNSUPPORTED', 'not yet')
  },
}

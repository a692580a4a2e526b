import { LakeError } from '../../../shared/errors.ts'
import { type CheckDefinition, passed } from './finding.ts'
import { httpChecks } from './network.ts'

export const REGISTRY_CHECKS: readonly CheckDefinition[] = [
  ...httpChecks('registry', []),
  {
    id: 'registry.answers',
    group: 'registry',
    title: 'Answers as a schema registry',
    needs: ['registry.tls'],
    stops: [],
    async run(patient) {
      const { status, type } = await patient.first('registry')
      if (status === 200 && type.includes('json')) return passed('lists its subjects')
      const url = `${patient.url('registry')}/subjects`
      throw new LakeError(
        'BAD_RESPONSE',
        `What SCHEMA_REGISTRY_URL names is no schema registry that can be used`,
        {
          context: { method: 'GET', url, status, contentType: type },
          likely:
            status === 401 || status === 403
              ? 'It asks for a login, which Tarn cannot give to a registry.'
              : type.includes('html')
                ? 'A web page answered: the address is that of a user interface or a proxy.'
                : status === 404
                  ? 'The server there has no such path: it is another service.'
                  : undefined,
          remedy:
            'Set SCHEMA_REGISTRY_URL to the address whose path /subjects answers a JSON list, or unset it if no message is Avro.',
        },
      )
    },
  },
]

import { existsSync } from 'node:fs'
import { isLakeError, LakeError } from '../../../shared/errors.ts'
import { plural } from '../../base/plural.ts'
import { lockOwner } from '../../catalog/lock.ts'
import { type CheckDefinition, type Finding, failed, passed, unset } from './finding.ts'
import { httpChecks } from './network.ts'
import type { Patient } from './patient.ts'

const STOPS = ['loading', 'queries'] as const
const isEmbedded = ({ settings }: Patient): boolean => settings.catalog.type === 'embedded'

export const CATALOG_CHECKS: readonly CheckDefinition[] = [
  ...httpChecks('catalog', STOPS),
  {
    id: 'catalog.answers',
    group: 'catalog',
    title: 'Answers as an Iceberg REST catalog',
    needs: ['catalog.tls'],
    stops: STOPS,
    async run(patient) {
      const url = `${patient.url('catalog')}/v1/config`
      try {
        await (await patient.catalog()).config(patient.signal)
        return passed('JSON at /v1/config')
      } catch (error) {
        if (isLakeError(error, 'UNAUTHORIZED', 'FORBIDDEN')) return passed('asks for a login')
        return failed(error, { command: `curl -i ${url}` })
      }
    },
  },
  {
    id: 'catalog.login',
    group: 'catalog',
    title: 'Login is accepted',
    needs: ['catalog.answers'],
    stops: STOPS,
    async run(patient) {
      const { token, credential } = patient.settings.catalog
      const catalog = await patient.catalog()
      await catalog.config(patient.signal)
      try {
        await catalog.listNamespaces(undefined, patient.signal)
      } catch (error) {
        if (isLakeError(error, 'UNAUTHORIZED')) throw error
      }
      return passed(token ? 'token' : credential ? 'OAuth2 client' : 'none is set and none is asked for')
    },
  },
  {
    id: 'catalog.namespaces',
    group: 'catalog',
    title: 'Namespaces can be listed',
    needs: ['catalog.login'],
    stops: STOPS,
    async run(patient) {
      const catalog = await patient.catalog()
      try {
        const found = await catalog.listNamespaces(undefined, patient.signal)
        return passed(plural(found.length, 'namespace'))
      } catch (error) {
        if (!isLakeError(error, 'NOT_FOUND')) throw error
        const { prefix } = await catalog.config(patient.signal)
        throw new LakeError(
          'NOT_FOUND',
          'The catalog has no namespaces where its own configuration sends us',
          {
            context: { ...error.context, prefix: prefix ?? 'none' },
            likely:
              prefix === undefined
                ? '/v1/config answers and names no prefix, and there is nothing under /v1: a proxy passes on the one path only.'
                : `/v1/config answers and names the prefix ${prefix}, and there is nothing under it.`,
            remedy:
              'Correct the prefix in the configuration of the catalog server, or ICEBERG_WAREHOUSE if it is chosen by that.',
          },
        )
      }
    },
  },
  {
    id: 'catalog.folder',
    group: 'catalog',
    title: 'Folder of the catalog',
    needs: ['computer.home'],
    stops: STOPS,
    async run(patient) {
      if (!isEmbedded(patient)) return unset('The catalog is a server')
      if (!existsSync(patient.catalogFolder)) return passed('not made yet: Set-up makes it')
      const lake = await patient.lake()
      if (lake.embedded?.readOnly() !== true) return passed(`${patient.catalogFolder}, open for writing`)
      return failed(locked(patient.catalogFolder), { state: 'attention' })
    },
  },
  {
    id: 'catalog.database',
    group: 'catalog',
    title: 'Namespace exists',
    needs: ['catalog.namespaces', 'catalog.folder'],
    eitherNeed: true,
    stops: STOPS,
    run: database,
  },
]

function locked(folder: string): LakeError {
  const owner = lockOwner(folder)
  return new LakeError('LOCKED', 'Another instance of Tarn has this warehouse open', {
    context: { folder, owner },
    likely: `The lock is held by ${owner}. Here the lake can be read, not changed.`,
    remedy: 'Close the other instance, or use that one.',
  })
}

async function database(patient: Patient): Promise<Finding> {
  const { database: name } = patient.settings.catalog
  const missing = (context: Readonly<Record<string, string>>) =>
    new LakeError('NO_NAMESPACE', `The namespace ${name} does not exist`, {
      context,
      likely: 'Set-up was not run against this catalog yet, or ICEBERG_DATABASE names another namespace.',
      remedy: 'Run the set-up, which creates it, or correct ICEBERG_DATABASE.',
    })
  if (!patient.hasLake) throw missing({ folder: `${patient.catalogFolder} is not there yet` })
  const catalog = await patient.catalog()
  if ((await catalog.loadNamespace([name], patient.signal)) !== null) return passed(name)
  const others = (await catalog.listNamespaces(undefined, patient.signal)).map((one) => one.join('.'))
  throw missing({ asked: name, there: others.length === 0 ? 'none' : others.slice(0, 10).join(', ') })
}

/** The checks that every service reached by HTTP begins with: its name, its port, its certificate. */

import { isIP } from 'node:net'
import type { DoctorEffect } from '../../../shared/doctor.ts'
import { isLakeError, LakeError } from '../../../shared/errors.ts'
import { discardBody } from '../../base/http-body.ts'
import { plural } from '../../base/plural.ts'
import { type CheckDefinition, failed, passed, unset } from './finding.ts'
import type { HttpService, Patient } from './patient.ts'

const SETTING = {
  catalog: 'ICEBERG_CATALOG_URI',
  storage: 'S3_ENDPOINT',
  registry: 'SCHEMA_REGISTRY_URL',
} as const
const NONE = {
  catalog: 'The catalog is a folder of this computer',
  storage: 'The warehouse is a folder of this computer',
  registry: 'No schema registry is set',
} as const

/** Brackets of an IPv6 address are no part of it. */
const bare = (host: string): string => host.replace(/^\[|\]$/g, '')

export async function resolveName(patient: Patient, host: string, setting: string): Promise<string> {
  const name = bare(host)
  if (isIP(name) > 0) return `${name}, an address`
  try {
    const [first = '', ...more] = await patient.machine.addresses(name)
    return `${name}, ${first}${more.length === 0 ? '' : ` and ${plural(more.length, 'other')}`}`
  } catch (cause) {
    const code = String((cause as NodeJS.ErrnoException).code ?? cause)
    throw new LakeError('DNS', `The host name ${name} cannot be resolved`, {
      context: { host: name, resolver: code },
      likely:
        code === 'EAI_AGAIN'
          ? 'The name server does not answer: no network, or no VPN.'
          : name.includes('.')
            ? `This computer knows no host ${name}.`
            : `This computer knows no host ${name}. Names without a dot are often those of containers, known only inside their own network.`,
      remedy: `Write a name or an address that this computer knows into ${setting}.`,
      cause,
    })
  }
}

export function httpChecks(service: HttpService, stops: readonly DoctorEffect[]): CheckDefinition[] {
  const id = (name: string): string => `${service}.${name}`
  return [
    {
      id: id('name'),
      group: service,
      title: 'Name resolves',
      needs: [],
      stops,
      async run(patient) {
        const url = patient.url(service)
        if (url === null) return unset(NONE[service])
        const { hostname } = new URL(url)
        try {
          return passed(await resolveName(patient, hostname, SETTING[service]))
        } catch (error) {
          return failed(error, { command: `getent hosts ${bare(hostname)}` })
        }
      },
    },
    {
      id: id('port'),
      group: service,
      title: 'Port answers',
      needs: [id('name')],
      stops,
      async run(patient) {
        const { host, port, protocol } = new URL(patient.url(service) ?? '')
        try {
          const { server } = await patient.first(service)
          return passed(
            `${port || (protocol === 'https:' ? '443' : '80')}${server === '' ? '' : `, ${server}`}`,
          )
        } catch (error) {
          // what came later than the connection belongs to the checks after this one
          const late = isLakeError(error, 'TLS', 'BAD_RESPONSE', 'NETWORK')
          if (late || (isLakeError(error, 'TIMEOUT') && isSilence(error)))
            return passed(`${host} takes connections`)
          return failed(error, { command: `nc -vz ${bare(host.replace(/:\d+$/, ''))} ${port}` })
        }
      },
    },
    {
      id: id('tls'),
      group: service,
      title: 'Certificate',
      needs: [id('port')],
      stops,
      async run(patient) {
        const url = patient.url(service) ?? ''
        const secure = url.startsWith('https:')
        try {
          await patient.first(service)
        } catch (error) {
          if (isLakeError(error, 'TLS')) {
            const clock = error.context.reason === 'CERT_NOT_YET_VALID' ? { cause: 'clock' } : {}
            return failed(error, { command: `openssl s_client -connect ${new URL(url).host}`, ...clock })
          }
        }
        if (!secure && (await expectsTls(patient, service))) {
          const { host } = new URL(url)
          throw new LakeError('TLS', `${host} expects TLS`, {
            context: { url, plain: 'cut', tls: 'answered' },
            likely: 'It cut a plain request off and answered a TLS handshake.',
            remedy: `Write https:// instead of http:// into ${SETTING[service]}.`,
          })
        }
        return passed(secure ? 'trusted' : 'no TLS, as set')
      },
    },
  ]
}

/** Whether a server that does not take plain requests takes TLS. */
async function expectsTls(patient: Patient, service: HttpService): Promise<boolean> {
  const plain = await patient.first(service).then(
    () => null,
    (error: unknown) => error,
  )
  if (!isLakeError(plain, 'NETWORK', 'BAD_RESPONSE')) return false
  const url = (patient.url(service) ?? '').replace(/^http:/, 'https:')
  try {
    const answer = await patient.http().fetch(url, { method: 'HEAD', headers: {}, signal: patient.signal })
    await discardBody(answer)
    return true
  } catch (error) {
    return isLakeError(error, 'TLS') && !/does not speak TLS/.test(error.message)
  }
}

const isSilence = (error: LakeError): boolean => error.context.reason !== 'UND_ERR_CONNECT_TIMEOUT'

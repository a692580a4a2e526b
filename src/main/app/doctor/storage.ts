import { isIP } from 'node:net'
import { isLakeError, LakeError } from '../../../shared/errors.ts'
import { type CheckDefinition, type Finding, failed, passed } from './finding.ts'
import { httpChecks } from './network.ts'
import type { Patient } from './patient.ts'
import { span } from './words.ts'

const STOPS = ['loading', 'queries'] as const
/** MinIO and S3 refuse signatures that are further off. */
const SKEW_MS = 15 * 60_000

export const STORAGE_CHECKS: readonly CheckDefinition[] = [
  ...httpChecks('storage', STOPS),
  {
    id: 'storage.answers',
    group: 'storage',
    title: 'Answers as S3',
    needs: ['storage.tls'],
    stops: STOPS,
    async run(patient) {
      const { status, type, server } = await patient.first('storage')
      if (type.includes('xml') || /minio/i.test(server)) return passed(server === '' ? 'S3' : server)
      const url = patient.url('storage') ?? ''
      throw new LakeError('BAD_RESPONSE', 'What S3_ENDPOINT names is no object storage', {
        context: { method: 'GET', url, status, contentType: type, server },
        likely: type.includes('html')
          ? 'A web page answered: the console of MinIO has a port of its own.'
          : type.includes('json')
            ? 'A service that speaks JSON answered, such as a catalog; S3 speaks XML.'
            : undefined,
        remedy: "Set S3_ENDPOINT to the address of the S3 API (MinIO's default port is 9000).",
      })
    },
  },
  {
    id: 'storage.addressing',
    group: 'storage',
    title: 'Addressing of the bucket',
    needs: ['storage.answers'],
    stops: STOPS,
    run: addressing,
  },
  {
    id: 'storage.region',
    group: 'storage',
    title: 'Region',
    needs: ['storage.addressing'],
    stops: STOPS,
    async run(patient) {
      const error = await refusal(patient)
      if (isLakeError(error, 'SETTING')) throw error
      return passed(`${patient.settings.s3.region}, as signed`)
    },
  },
  {
    id: 'storage.signed',
    group: 'storage',
    title: 'A signed request is accepted',
    needs: ['storage.region'],
    stops: STOPS,
    async run(patient) {
      const error = await refusal(patient)
      if (error === null || isLakeError(error, 'FORBIDDEN')) return passed('signature accepted')
      if (isLakeError(error, 'CLOCK_SKEW')) return skewed(patient, error)
      throw error
    },
  },
  {
    id: 'storage.bucket',
    group: 'storage',
    title: 'Bucket exists',
    needs: ['storage.signed'],
    stops: STOPS,
    async run(patient) {
      const error = await refusal(patient)
      if (error !== null) return passed(`${patient.bucket}, not to be listed`)
      if (await patient.listing()) return passed(patient.bucket ?? '')
      const { bucket } = patient
      const from = patient.settings.catalog.warehouse.startsWith('s3') ? 'ICEBERG_WAREHOUSE' : 'S3_BUCKET'
      throw new LakeError('NO_BUCKET', `The bucket ${bucket} does not exist`, {
        context: {
          url: `${patient.url('storage')}/${bucket}`,
          method: 'GET',
          status: 404,
          s3Code: 'NoSuchBucket',
        },
        likely: `No bucket has the name that ${from} gives.`,
        remedy: `Run the set-up, which creates it, or correct ${from}.`,
      })
    },
  },
  {
    id: 'storage.rights',
    group: 'storage',
    title: 'Right to list',
    needs: ['storage.bucket'],
    stops: STOPS,
    async run(patient) {
      await patient.listing()
      return passed('granted; writing is tried in Set-up only')
    },
  },
]

/** Why the signed listing failed; null where it did not. */
async function refusal(patient: Patient): Promise<unknown> {
  try {
    await patient.listing()
    return null
  } catch (error) {
    return error
  }
}

async function addressing(patient: Patient): Promise<Finding> {
  const { settings, bucket } = patient
  if (settings.s3.pathStyle) return passed('path style, as MinIO expects')
  const { hostname, host } = new URL(settings.s3.endpoint)
  const off = 'S3_PATH_STYLE_ACCESS is false, which puts the bucket in front of the host name'
  const remedy = 'Set S3_PATH_STYLE_ACCESS=true, which MinIO needs.'
  if (isIP(hostname.replace(/^\[|\]$/g, '')) > 0) {
    throw new LakeError('SETTING', `The bucket ${bucket} cannot stand in front of the address ${hostname}`, {
      context: { endpoint: settings.s3.endpoint, pathStyle: false },
      likely: `${off}; an IP address takes no name in front.`,
      remedy,
    })
  }
  const name = `${bucket}.${hostname}`
  try {
    await patient.machine.addresses(name)
    return passed(`${name}, the bucket in the host name`)
  } catch (cause) {
    const code = String((cause as NodeJS.ErrnoException).code ?? cause)
    throw new LakeError('SETTING', `The host name ${name} cannot be resolved, ${hostname} can`, {
      context: { endpoint: settings.s3.endpoint, pathStyle: false, resolver: code },
      likely: `${off}; ${host} itself answers.`,
      remedy,
      cause,
    })
  }
}

/** Which of the two clocks is wrong, by what the other services say. */
async function skewed(patient: Patient, error: LakeError): Promise<Finding> {
  const storage = await patient.first('storage').catch(() => null)
  const other = patient.url('catalog') === null ? null : await patient.first('catalog').catch(() => null)
  const off = storage?.time ? storage.time.ours - storage.time.theirs : null
  const catalogOff = other?.time ? other.time.ours - other.time.theirs : null
  const words = (ms: number) => `${span(Math.abs(ms))} ${ms > 0 ? 'ahead of' : 'behind'}`
  const evidence = [
    ...(storage?.time
      ? [
          `storage says ${new Date(storage.time.theirs).toISOString()}`,
          `this computer says ${new Date(storage.time.ours).toISOString()}`,
        ]
      : []),
    ...(other?.time ? [`catalog says ${new Date(other.time.theirs).toISOString()}`] : []),
  ]
  const verdict =
    off === null
      ? 'The clocks of this computer and of the storage differ by more than 15 minutes.'
      : Math.abs(off) < SKEW_MS / 2
        ? 'The time in its own answers agrees with this computer: what checked the signature has another clock than what answered.'
        : catalogOff === null
          ? `This computer is ${words(off)} the storage; no third clock tells which of them is wrong.`
          : Math.abs(catalogOff) < SKEW_MS
            ? `This computer is ${words(off)} the storage, and the catalog agrees with this computer: the clock of the storage is wrong.`
            : `This computer is ${words(off)} the storage, and the catalog agrees with the storage: the clock of this computer is wrong.`
  return failed(
    new LakeError('CLOCK_SKEW', 'S3 refused a signature for the time in it', {
      context: error.context,
      likely: `${verdict} S3 takes 15 minutes at most.`,
      remedy: 'Switch on network time where the clock is wrong. Tarn cannot set a clock.',
    }),
    {
      evidence: [`GET ${patient.url('storage')}/${patient.bucket} 403 RequestTimeTooSkewed`, ...evidence],
      command: 'timedatectl set-ntp true',
    },
  )
}

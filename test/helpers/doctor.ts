import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { examine } from '../../src/main/app/doctor/doctor.ts'
import { type Machine, thisMachine } from '../../src/main/app/doctor/machine.ts'
import { openPatient } from '../../src/main/app/doctor/patient.ts'
import { type Lake, openLake } from '../../src/main/app/lake.ts'
import { resolveSettings } from '../../src/main/app/settings/settings.ts'
import { systemClock } from '../../src/main/base/clock.ts'
import { silentLog } from '../../src/main/base/log.ts'
import type { DoctorCheck } from '../../src/shared/doctor.ts'

/** Values no text may ever hold, in any form; with characters that encodings change. */
export const CANARIES: Readonly<Record<string, string>> = {
  S3_ACCESS_KEY: 'canary/access+key',
  S3_SECRET_KEY: 'canary/secret+key "quoted"',
  ICEBERG_CATALOG_TOKEN: 'canary.token/with+signs==',
  KAFKA_SASL_PASSWORD: 'canary password',
}

/** Surroundings in which a fault is provoked. Everything in it is closed with it. */
export interface Surroundings {
  readonly home: string
  env: Record<string, string>
  machine: Partial<Machine>
  now: () => number
  limits: { connectMs: number; silenceMs: number; kafkaMs: number }
  caFile: string | undefined
  /** Places of this run, to be read as `{name}` in expected texts. */
  readonly names: Map<string, string>
  lake(): Promise<Lake>
  /** Runs `close` at the end, the last first. */
  defer(close: () => Promise<unknown> | unknown): void
  run(only?: ReadonlySet<string>, known?: readonly DoctorCheck[]): Promise<DoctorCheck[]>
  close(): Promise<void>
}

export function surroundings(env: Readonly<Record<string, string>> = {}): Surroundings {
  const home = mkdtempSync(join(tmpdir(), 'tarn-doctor-'))
  const closers: (() => Promise<unknown> | unknown)[] = [() => rmSync(home, { recursive: true, force: true })]
  let opened: Promise<Lake> | null = null
  const settings = () => resolveSettings({ flags: new Map(), env: { TARN_HOME: home, ...one.env } })
  const one: Surroundings = {
    home,
    env: { KAFKA_BROKERS: '127.0.0.1:1', S3_ENDPOINT: 'http://127.0.0.1:1', ...CANARIES, ...env },
    machine: {},
    now: systemClock,
    limits: { connectMs: 2_000, silenceMs: 2_000, kafkaMs: 2_000 },
    caFile: undefined,
    names: new Map([['home', home]]),
    lake() {
      opened ??= openLake(settings().settings, silentLog, systemClock)
      return opened
    },
    defer: (close) => void closers.push(close),
    async run(only, known = []) {
      const resolved = settings()
      const patient = openPatient({
        settings: resolved.settings,
        settingsFile: resolved.file,
        lake: one.lake,
        machine: { ...thisMachine, ...one.machine },
        clock: () => one.now(),
        signal: new AbortController().signal,
        limits: one.limits,
        ...(one.caFile === undefined ? {} : { caFile: one.caFile }),
      })
      try {
        return await examine(patient, () => {}, known, only ?? null)
      } finally {
        await patient.close()
      }
    },
    async close() {
      const lake = opened === null ? null : await (opened as Promise<Lake>).catch(() => null)
      await lake?.close()
      for (const close of closers.reverse()) await close()
    },
  }
  return one
}

/** `text` with the places of this run in it. */
export function placed(text: string | null, names: ReadonlyMap<string, string>): string | null {
  return text === null ? null : text.replace(/\{(\w+)\}/g, (whole, name) => names.get(name) ?? whole)
}

import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { createLogger } from '../../../src/main/base/log.ts'
import { createScrubber } from '../../../src/main/base/scrub.ts'
import { Secret } from '../../../src/main/base/secret.ts'
import { LakeError } from '../../../src/shared/errors.ts'

function logged(secrets: Secret[] = []) {
  const lines: string[] = []
  const log = createLogger({
    level: 'info',
    destination: { write: (line) => void lines.push(line) },
    scrubber: createScrubber(secrets),
  })
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') }
}

test('writes one line of JSON per call, from its level up', () => {
  const { log, lines, last } = logged()
  log.debug({}, 'unseen')
  log.warn({ offset: 2n ** 60n, bytes: new Uint8Array(7), map: new Map([['a', 1]]) }, 'line\nfeed')
  expect(lines).toHaveLength(1)
  expect(lines[0]?.indexOf('\n')).toBe((lines[0]?.length ?? 0) - 1)
  expect(last()).toMatchObject({
    level: 40,
    msg: 'line\nfeed',
    offset: '1152921504606846976',
    bytes: '[7 bytes]',
    map: [['a', 1]],
  })
})

test('hides secrets by name, by type, by value and by shape', () => {
  const { log, lines } = logged([new Secret('canary"1'), new Secret('canary/2')])
  log.info(
    {
      password: 'canary-a',
      headers: { Authorization: 'canary-b', 'x-api-token': ['canary-c'] },
      settings: { s3: { accessKey: new Secret('canary-d'), secretKey: 'canary-e' } },
      any: new Secret('canary-f'),
      text: 'value canary"1 here',
      url: 'http://user:canary-g@host/?X-Amz-Credential=canary-h&X-Amz-Signature=canary-i&k=canary%2F2',
      error: new LakeError('FORBIDDEN', 'Bearer canary-jjjjjjjj', {
        context: { token: 'canary-k' },
        cause: new Error('canary/2'),
      }),
    },
    'sent canary"1',
  )
  expect(lines.join('')).not.toContain('canary')
  expect(lines.join('')).toContain('FORBIDDEN')
})

test('does not lose its way in deep or circular contexts', () => {
  const { log, last } = logged()
  const circle: Record<string, unknown> = { name: 'circle' }
  circle.self = circle
  log.info({ circle }, 'round')
  expect(last().msg).toBe('round')
})

test('a secret shows itself to nobody', () => {
  const secret = new Secret('canary')
  const shown = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ secret }),
    inspect(secret, { showHidden: true }),
  ]
  expect(shown.join(' ')).not.toContain('canary')
  expect(
    Object.values(structuredClone({ secret }))
      .map((value) => JSON.stringify(value))
      .join(''),
  ).not.toContain('canary')
  expect(secret.reveal()).toBe('canary')
})

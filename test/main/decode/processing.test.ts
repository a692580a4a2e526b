import { expect, test, vi } from 'vitest'
import { decodeOne } from '../../helpers/decode.ts'
import { payloadOf, sampleOf } from '../../helpers/payloads.ts'

vi.mock('../../../src/main/decode/validate.ts', async (original) => {
  const real = await original<typeof import('../../../src/main/decode/validate.ts')>()
  const checkSample: typeof real.checkSample = (value, index, ...rest) => {
    if (index === 1) throw new TypeError('boom')
    return real.checkSample(value, index, ...rest)
  }
  return { ...real, checkSample }
})

test('what our own code throws on one sample is a PROCESSING_ERROR, and its siblings go on', () => {
  const { accepted, errors } = decodeOne(payloadOf([sampleOf(), sampleOf({ id: 'broken' }), sampleOf()]))
  expect(accepted).toBe(2)
  expect(errors).toHaveLength(1)
  expect(errors[0]).toMatchObject({ errorType: 'PROCESSING_ERROR', sampleId: 'broken', userId: 'user-1' })
  expect(errors[0]!.errorMessage).toMatch(
    /^\$\.samples\[1\]: \{"id":"broken",.*: Tarn failed on this sample: boom$/,
  )
  expect(JSON.parse(errors[0]!.rawPayload!)).toEqual(payloadOf([sampleOf({ id: 'broken' })]))
})

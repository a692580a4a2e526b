import { expect, test } from 'vitest'
import { openScopes, Scope } from '../../../src/main/base/scope.ts'
import { workerUrl } from '../../../src/main/base/worker-url.ts'

test('closes in reverse order, each thing once', async () => {
  const closed: string[] = []
  const scope = new Scope('app')
  expect(openScopes()).toContain('app')
  const first = { close: () => void closed.push('first') }
  expect(scope.own(first)).toBe(first)
  scope.own({ close: async () => void closed.push('second') })
  scope.defer(() => void closed.push('third'))
  await Promise.all([scope.close(), scope.close()])
  expect(closed).toEqual(['third', 'second', 'first'])
  expect(openScopes()).not.toContain('app')
  expect(() => scope.own(first)).toThrow('closed already')
})

test('closes all the rest when one fails, and tells every failure', async () => {
  const closed: string[] = []
  const scope = new Scope()
  scope.defer(() => void closed.push('last'))
  scope.defer(() => Promise.reject(new Error('one')))
  await expect(scope.close()).rejects.toThrow('one')
  const other = new Scope()
  other.defer(() => {
    throw new Error('one')
  })
  other.defer(() => Promise.reject(new Error('two')))
  await expect(other.close()).rejects.toMatchObject({ errors: [{ message: 'two' }, { message: 'one' }] })
  expect([closed, openScopes()]).toEqual([['last'], []])
})

test('finds a worker beside its client, in the sources and in the build', () => {
  expect(workerUrl('file:///app/src/main/ingest/encoder.ts', './worker').href).toBe(
    'file:///app/src/main/ingest/worker.ts',
  )
  expect(workerUrl('file:///app/out/main/ingest/encoder.js', './worker').href).toBe(
    'file:///app/out/main/ingest/worker.js',
  )
})

import { afterEach, expect, test, vi } from 'vitest'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

/** The module as it is in a window that was opened at `hash`. */
async function openedAt(hash: string) {
  vi.stubGlobal('location', { hash })
  return import('../../../src/renderer/ui/route.ts')
}

test('an address gives back what it was made of', async () => {
  const { href, here } = await openedAt('')
  const path = ['tables', 'a/b%', '..', '\u202e']
  const query = { user: 'x?y&z=1#%', none: undefined }
  Object.assign(location, { hash: href(path, query) })
  expect(here()).toEqual({ path, query: { user: 'x?y&z=1#%' } })
})

test('an address that is not encoded opens all the same', async () => {
  const { here } = await openedAt('#/tables/100%/%zz?user=%')
  expect(here()).toEqual({ path: ['tables', '100%', '%zz'], query: { user: '%' } })
})

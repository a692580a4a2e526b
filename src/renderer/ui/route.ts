import { useSyncExternalStore } from 'react'

/**
 * Where the window is: `#/tables/health_data_raw?tab=files`. The hash is the whole state of navigation, so that every
 * view can be linked, reloaded and gone back to, under http and under the app's own scheme alike.
 */
export interface Route {
  /** Path segments, decoded: `['tables', 'health_data_raw']`. */
  readonly path: readonly string[]
  readonly query: Readonly<Record<string, string>>
}

function parse(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  return {
    path: path.split('/').filter(Boolean).map(decoded),
    query: Object.fromEntries(new URLSearchParams(query)),
  }
}

/** What is no encoded text, as in an address typed by hand, stands for itself. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

let hash = location.hash
let current = parse(hash)

/** Where the window is now. Parsed anew only when the address changed, by whatever means: not every change is an event. */
export function here(): Route {
  if (location.hash !== hash) {
    hash = location.hash
    current = parse(hash)
  }
  return current
}

export function useRoute(): Route {
  return useSyncExternalStore((listener) => {
    addEventListener('hashchange', listener)
    return () => removeEventListener('hashchange', listener)
  }, here)
}

/** The address of a view, for links and for `navigate`. Empty query values are left out. */
export function href(
  path: readonly string[],
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const set = Object.entries(query).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
  )
  const text = new URLSearchParams(set).toString()
  return `#/${path.map(encodeURIComponent).join('/')}${text ? `?${text}` : ''}`
}

export function navigate(
  path: readonly string[],
  query: Readonly<Record<string, string | undefined>> = {},
): void {
  location.hash = href(path, query)
}

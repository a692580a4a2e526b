import { isAbsolute, resolve, sep } from 'node:path'
import { LakeError, type Outcome } from '../../shared/errors.ts'

/** `s3://bucket/key` and its sisters, as given. */
export interface S3Location {
  readonly scheme: string
  readonly bucket: string
  readonly key: string
}

/** The scheme in lower case; `file` for an absolute path without one, as other writers leave it. */
export function schemeOf(location: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(location)?.[1]
  // a single letter is a drive of Windows
  if (scheme !== undefined && scheme.length > 1) return scheme.toLowerCase()
  if (isAbsolute(location)) return 'file'
  throw invalid(location, 'it has no scheme')
}

/** INVALID for a key that a URL would fold (`.` and `..` segments) or cannot carry. The key may be empty: a bucket. */
export function parseS3Location(location: string): S3Location {
  const parts = /^(s3[an]?):\/\/([^/]+)(?:\/(.*))?$/is.exec(location)
  if (parts === null) throw invalid(location, 'it is not s3://bucket/key')
  const [, scheme = '', bucket = '', key = ''] = parts
  if (!/^[a-z0-9][a-z0-9._-]{1,62}$/i.test(bucket)) throw invalid(location, `"${bucket}" is no bucket name`)
  if (key.split('/').some((segment) => segment === '.' || segment === '..'))
    throw invalid(location, 'it holds . or ..')
  if (!key.isWellFormed()) throw invalid(location, 'it is not valid Unicode')
  return { scheme, bucket, key }
}

/** The path of `file:/a`, `file:///a` or `/a`. Nothing is decoded: a `%2F` is part of the name, as Iceberg writes it. */
export function parseFileLocation(location: string): string {
  const path = /^file:/i.test(location)
    ? /^file:(?:\/\/(?:localhost)?(?=\/))?(\/.*)$/is.exec(location)?.[1]
    : isAbsolute(location)
      ? location
      : undefined
  if (path === undefined) throw invalid(location, 'it is not file:///path')
  if (path.includes('\0')) throw invalid(location, 'it holds a NUL')
  if (path.split(/[/\\]/).some((segment) => segment === '..')) throw invalid(location, 'it holds ..')
  return resolve(/^\/[a-z]:/i.test(path) && sep === '\\' ? path.slice(1) : path)
}

function invalid(location: string, why: string): LakeError {
  return new LakeError('INVALID', `The location ${location} cannot be used: ${why}`, {
    context: { location },
  })
}

/** The error for an absent object, the same from every storage. */
export function notFound(location: string): LakeError {
  return new LakeError('NOT_FOUND', `${location} does not exist`, { context: { location } })
}

/** The error for a lost conditional write, the same from every storage. */
export function preconditionFailed(
  location: string,
  only: 'absent' | { readonly etag: string },
  outcome: Outcome = 'reject',
): LakeError {
  const state = only === 'absent' ? 'exists already' : 'was changed by another writer'
  return new LakeError('PRECONDITION_FAILED', `${location} ${state}`, { outcome, context: { location } })
}

/** [start, end) cut to an object of `size` bytes; INVALID unless 0 <= start <= end. */
export function cutRange(
  range: { readonly start: number; readonly end: number },
  size: number,
): [number, number] {
  const { start, end } = range
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start) {
    throw new LakeError('INVALID', `The byte range [${start}, ${end}) cannot be read`)
  }
  return [Math.min(start, size), Math.min(end, size)]
}

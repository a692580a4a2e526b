import { LakeError } from '../../shared/errors.ts'
import type { S3Location } from './location.ts'
import type { S3Client } from './s3-client.ts'
import type { ObjectInfo } from './storage.ts'
import { childrenOf, childText, parseXml, type XmlElement } from './xml.ts'

/** Objects below a prefix, a page of up to 1,000 per request (ListObjectsV2). */
export async function* listObjects(
  client: S3Client,
  prefix: S3Location,
  signal: AbortSignal | undefined,
): AsyncGenerator<ObjectInfo> {
  const root: S3Location = { ...prefix, key: '' }
  let token: string | null = null
  do {
    const query: Record<string, string> = { 'list-type': '2', prefix: prefix.key, 'encoding-type': 'url' }
    if (token !== null) query['continuation-token'] = token
    const page = parseAnswer(
      (await client.call({ method: 'GET', target: root, query, signal })).bytes,
      'ListBucketResult',
    )
    const encoded = childText(page, 'EncodingType') === 'url'
    for (const entry of childrenOf(page, 'Contents')) yield objectOf(entry, prefix, encoded)
    const next =
      childText(page, 'IsTruncated') === 'true' ? (childText(page, 'NextContinuationToken') ?? '') : null
    if (next === '' || (next !== null && next === token)) {
      throw new LakeError('BAD_RESPONSE', `S3 does not tell where the listing of ${prefix.bucket} goes on`)
    }
    token = next
  } while (token !== null)
}

/** The XML of a successful answer; BAD_RESPONSE unless its root is `name`. */
export function parseAnswer(bytes: Uint8Array, name: string): XmlElement {
  const root = parseXml(new TextDecoder().decode(bytes))
  if (root.name === name) return root
  throw new LakeError('BAD_RESPONSE', `S3 answered <${root.name}> instead of <${name}>`, {
    context: { s3Code: childText(root, 'Code') ?? '' },
  })
}

function objectOf(entry: XmlElement, { scheme, bucket }: S3Location, encoded: boolean): ObjectInfo {
  const key = childText(entry, 'Key')
  const size = Number(childText(entry, 'Size') ?? Number.NaN)
  const modified = Date.parse(childText(entry, 'LastModified') ?? '')
  if (key === null || !Number.isSafeInteger(size) || Number.isNaN(modified)) {
    throw new LakeError('BAD_RESPONSE', `S3 listed an object of ${bucket} without key, size or time`)
  }
  return {
    location: `${scheme}://${bucket}/${encoded ? decodeKey(key) : key}`,
    size,
    modified,
    etag: (childText(entry, 'ETag') ?? '').replace(/^"|"$/g, ''),
  }
}

function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '))
  } catch (cause) {
    throw new LakeError('BAD_RESPONSE', 'S3 listed a key that is not valid UTF-8', { cause })
  }
}

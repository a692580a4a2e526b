/**
 * Objects of a lake, whatever holds them. A location is a full URI whose scheme is kept as the catalog gave it
 * (`s3://`, `s3a://`, `s3n://`, `file:///`, `memory://`); paths inside a URI are as Iceberg writes them, decoded.
 *
 * Errors are `LakeError`: NOT_FOUND for an absent object, PRECONDITION_FAILED for a lost conditional write,
 * outcome `unknown` where a write may have happened.
 */
export interface Storage {
  /** The object's bytes, or those of the half-open byte range [start, end). A range past the end is cut there. */
  read(location: string, options?: ReadOptions): Promise<Uint8Array>
  /** Stores `bytes` whole or not at all, checked by length and checksum where the store can. */
  write(location: string, bytes: Uint8Array, options?: WriteOptions): Promise<ObjectInfo>
  /** Null where the object does not exist. */
  stat(location: string, options?: CallOptions): Promise<ObjectInfo | null>
  /** Objects whose location starts with `prefix`, in the store's order, page by page. */
  list(prefix: string, options?: CallOptions): AsyncIterable<ObjectInfo>
  /** Absent objects are no error. */
  delete(location: string, options?: CallOptions): Promise<void>
  close(): Promise<void>
}

export interface CallOptions {
  readonly signal?: AbortSignal
}

export interface ReadOptions extends CallOptions {
  /** Half-open byte range [start, end). */
  readonly range?: { readonly start: number; readonly end: number }
}

export interface WriteOptions extends CallOptions {
  /** `absent`: fail with PRECONDITION_FAILED if the object exists. An etag: fail unless it still has this one. */
  readonly only?: 'absent' | { readonly etag: string }
}

export interface ObjectInfo {
  readonly location: string
  /** Bytes. */
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly modified: number
  readonly etag: string
}

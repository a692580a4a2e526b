/** What the SQL page and main say to each other about answers that go into files. Sizes are bytes. */

export const EXPORT_FORMATS = ['csv', 'jsonl', 'parquet'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** Largest chunk that is taken at once. */
export const EXPORT_CHUNK_BYTES = 4_000_000

export interface ExportRequest {
  /** What the file is to be called, without ending; main makes a file name of it. */
  readonly name: string
  readonly format: ExportFormat
}

/** An export that takes chunks: of text as they stand in the file, of Parquet complete Arrow IPC streams of one schema. */
export interface OpenExport {
  readonly id: string
}

export interface FinishedExport {
  readonly id: string
  readonly format: ExportFormat
  /** The file's name in the folder of exports. */
  readonly name: string
  /** The whole path on the computer that Tarn runs on. */
  readonly path: string
  readonly bytes: number
  readonly rows: number
  /** Milliseconds since the epoch. */
  readonly at: number
}

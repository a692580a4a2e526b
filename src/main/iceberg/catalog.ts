import type { PartitionSpec, Requirement, Schema, SortOrder, TableMetadata, Update } from './types.ts'

/** Levels of a namespace, outermost first: `['health_db']`. */
export type Namespace = readonly string[]

export interface TableIdentifier {
  readonly namespace: Namespace
  readonly name: string
}

/** A table as the catalog last answered it. */
export interface LoadedTable {
  readonly identifier: TableIdentifier
  readonly metadata: TableMetadata
  /** Null for a staged creation. */
  readonly metadataLocation: string | null
  /** Per-table configuration of the catalog; secrets in it stay in main. */
  readonly config: Readonly<Record<string, string>>
}

export interface CreateTable {
  readonly name: string
  readonly schema: Schema
  readonly spec: PartitionSpec
  readonly order?: SortOrder
  readonly location?: string
  readonly properties: Readonly<Record<string, string>>
}

export interface TableCommit {
  readonly identifier: TableIdentifier
  readonly requirements: readonly Requirement[]
  readonly updates: readonly Update[]
}

/**
 * An Iceberg catalog (REST spec). Errors are `LakeError`: NO_NAMESPACE, NO_TABLE, ALREADY_EXISTS, CONFLICT with outcome
 * `retry` for a failed requirement (409), COMMIT_UNKNOWN with outcome `unknown` for 5xx, timeouts and lost answers of a
 * commit (spec: CommitStateUnknownException).
 */
export interface Catalog {
  /** Merged configuration: defaults, then ours, then overrides. Secrets removed. */
  config(signal?: AbortSignal): Promise<Readonly<Record<string, string>>>
  listNamespaces(parent?: Namespace, signal?: AbortSignal): Promise<Namespace[]>
  /** Null where the namespace does not exist. */
  loadNamespace(namespace: Namespace, signal?: AbortSignal): Promise<Readonly<Record<string, string>> | null>
  createNamespace(
    namespace: Namespace,
    properties: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<void>
  dropNamespace(namespace: Namespace, signal?: AbortSignal): Promise<void>
  listTables(namespace: Namespace, signal?: AbortSignal): Promise<TableIdentifier[]>
  /** Views by name; none where the server does not offer to list them. */
  listViews(namespace: Namespace, signal?: AbortSignal): Promise<TableIdentifier[]>
  createTable(namespace: Namespace, request: CreateTable, signal?: AbortSignal): Promise<LoadedTable>
  loadTable(identifier: TableIdentifier, signal?: AbortSignal): Promise<LoadedTable>
  tableExists(identifier: TableIdentifier, signal?: AbortSignal): Promise<boolean>
  commitTable(commit: TableCommit, signal?: AbortSignal): Promise<LoadedTable>
  /** All tables or none. UNSUPPORTED where the server does not offer it. */
  commitTables(commits: readonly TableCommit[], signal?: AbortSignal): Promise<void>
  dropTable(
    identifier: TableIdentifier,
    options: { readonly purge: boolean },
    signal?: AbortSignal,
  ): Promise<void>
  renameTable(from: TableIdentifier, to: TableIdentifier, signal?: AbortSignal): Promise<void>
  registerTable(
    identifier: TableIdentifier,
    metadataLocation: string,
    signal?: AbortSignal,
  ): Promise<LoadedTable>
  close(): Promise<void>
}

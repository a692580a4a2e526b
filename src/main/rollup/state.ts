import { mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { LakeError } from '../../shared/errors.ts'
import { daysOf, type Key, periodOf, ROLES, type Role } from './period.ts'
import { mergeStats, packStats, type Stats, unpackStats } from './stats.ts'

/** Raised when the tables below change; a state of another version is thrown away. */
const VERSION = 1

/** Days of statistics by user, type and day number. */
export type DayStats = Map<string, Map<string, Map<number, Stats>>>

/** What of a publishing is kept per row: `row` as packed by period.ts, empty where the row is to be removed. */
export interface Planned extends Key {
  readonly row: Uint8Array
  /** Microseconds since the epoch. */
  readonly updatedAt: number
}

/**
 * The rollup's cache: mergeable statistics per user, type and day of everything up to raw's snapshot `watermark`, what was
 * published of it, and which rows are still to be published. It may be lost at any time: then it is rebuilt.
 */
export interface RollupState {
  get(name: string): string | null
  set(name: string, value: string | null): void
  /** Runs `work` in one transaction; nothing of it stays if it throws. */
  transaction<T>(work: () => Promise<T>): Promise<T>
  /** Forgets everything. */
  clear(): void
  /** Merges statistics in and marks the periods that hold them as pending. */
  mergeDays(days: DayStats): void
  /** Removes the days [from, to) of all keys and marks the periods that hold them as pending. */
  removeDays(from: number, to: number): void
  /** Statistics of a key's days that have data, in day order. */
  daysOf(role: Role, key: Key): Stats[]
  /** Keys whose rows are still to be published, in order, at most `limit`, those behind `after`. */
  pending(role: Role, limit: number, after?: Key): Key[]
  pendingCount(role: Role): number
  dropPending(role: Role, keys: readonly Key[]): void
  /** The first period at or after `from` with a row that is still to be published. */
  nextPending(role: Role, from: number): number | null
  /** Keys still to be published whose periods are in [from, to). */
  pendingIn(role: Role, from: number, to: number): Iterable<Key>
  dropPendingIn(role: Role, from: number, to: number): void
  /** Every key with data whose period is in [from, to), by user and type, with the statistics of its days. */
  keysIn(role: Role, from: number, to: number): Iterable<{ readonly key: Key; readonly days: Stats[] }>
  /** What was last published for a key. */
  published(role: Role, key: Key): { readonly row: Uint8Array; readonly updatedAt: number } | null
  /** Replaces what is known to be published by `rows`; then everything known is pending. */
  startReconciling(role: Role): void
  addPublished(role: Role, rows: readonly Planned[]): void
  endReconciling(role: Role): void
  /** Notes before a commit what it will publish, so that a crash between the two can be settled. */
  plan(role: Role, commitId: string, rows: readonly Planned[]): void
  plannedCommit(role: Role): string | null
  /** The planned commit took place as snapshot `snapshotId`. */
  settle(role: Role, snapshotId: string): void
  /** The planned commit did not take place. */
  abandon(role: Role): void
  close(): void
}

/**
 * Opens the state, creating it (and its folder) where it is absent, unreadable or of another version. Throws LOCKED where
 * another process has it open.
 */
export function openState(path: string): RollupState {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
  try {
    return openAt(path)
  } catch (error) {
    if (isBusy(error)) throw locked(path, error)
    if (path === ':memory:') throw error
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true })
    return openAt(path)
  }
}

function openAt(path: string): RollupState {
  const db = new DatabaseSync(path)
  try {
    // Exclusive: two rollups of one state would publish each other's rows.
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    db.exec('BEGIN EXCLUSIVE; COMMIT')
    const version = db.prepare('PRAGMA user_version').get()?.user_version
    if (version !== VERSION) {
      const found = db.prepare("SELECT count(*) AS n FROM sqlite_master WHERE type = 'table'").get()?.n
      if (found !== 0) throw new Error(`state of version ${version}`)
      db.exec(`BEGIN; ${TABLES}; PRAGMA user_version = ${VERSION}; COMMIT`)
    }
    return bind(db)
  } catch (error) {
    db.close()
    throw error
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && /database is locked|SQLITE_BUSY/.test(error.message)
}

function locked(path: string, cause: unknown): LakeError {
  return new LakeError('LOCKED', 'another rollup is running on this state', {
    outcome: 'retry',
    context: { path },
    remedy: 'Wait until the other Tarn has ended its rollup, or stop it.',
    cause,
  })
}

const KEY = 'role TEXT NOT NULL, user TEXT NOT NULL, type TEXT NOT NULL, period INTEGER NOT NULL'
const TABLES = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE day (
    user TEXT NOT NULL, type TEXT NOT NULL, day INTEGER NOT NULL,
    n INTEGER NOT NULL, stats BLOB NOT NULL, first_id TEXT NOT NULL, last_id TEXT NOT NULL,
    PRIMARY KEY (user, type, day)
  ) WITHOUT ROWID;
  CREATE INDEX day_by_day ON day (day);
  CREATE TABLE pending (${KEY}, PRIMARY KEY (role, user, type, period)) WITHOUT ROWID;
  CREATE TABLE published (
    ${KEY}, row BLOB NOT NULL, updated_at INTEGER NOT NULL, PRIMARY KEY (role, user, type, period)
  ) WITHOUT ROWID;
  CREATE TABLE planned (
    ${KEY}, row BLOB NOT NULL, updated_at INTEGER NOT NULL, PRIMARY KEY (role, user, type, period)
  ) WITHOUT ROWID`

const WHERE_KEY = 'role = ? AND user = ? AND type = ? AND period = ?'

function bind(db: DatabaseSync): RollupState {
  const prepared = new Map<string, StatementSync>()
  const sql = (text: string): StatementSync => {
    let statement = prepared.get(text)
    if (statement === undefined) {
      statement = db.prepare(text)
      prepared.set(text, statement)
    }
    return statement
  }
  db.function('period_of', { deterministic: true }, (role, day) => periodOf(role as Role, Number(day)))
  let open = false
  const atomically = (work: () => void): void => {
    if (open) {
      work()
      return
    }
    db.exec('BEGIN')
    try {
      work()
      db.exec('COMMIT')
    } catch (error) {
      db.exec('ROLLBACK')
      throw error
    }
  }
  const addPending = (role: Role, user: string, type: string, period: number): void => {
    sql('INSERT OR IGNORE INTO pending VALUES (?, ?, ?, ?)').run(role, user, type, period)
  }
  const set = (name: string, value: string | null): void => {
    if (value === null) sql('DELETE FROM meta WHERE name = ?').run(name)
    else sql('INSERT OR REPLACE INTO meta VALUES (?, ?)').run(name, value)
  }
  const get = (name: string): string | null => {
    const row = sql('SELECT value FROM meta WHERE name = ?').get(name)
    return row === undefined ? null : String(row.value)
  }
  const insertRows = (table: 'published' | 'planned', role: Role, rows: readonly Planned[]): void => {
    const insert = sql(`INSERT OR REPLACE INTO ${table} VALUES (?, ?, ?, ?, ?, ?)`)
    for (const { user, type, period, row, updatedAt } of rows) {
      insert.run(role, user, type, period, row, updatedAt)
    }
  }

  return {
    get,
    set,
    async transaction(work) {
      db.exec('BEGIN')
      open = true
      try {
        const result = await work()
        db.exec('COMMIT')
        return result
      } catch (error) {
        db.exec('ROLLBACK')
        throw error
      } finally {
        open = false
      }
    },
    clear: () =>
      atomically(() => {
        for (const table of ['meta', 'day', 'pending', 'published', 'planned'])
          db.exec(`DELETE FROM ${table}`)
      }),
    mergeDays: (days) =>
      atomically(() => {
        const find = sql(
          'SELECT n, stats, first_id, last_id FROM day WHERE user = ? AND type = ? AND day = ?',
        )
        const put = sql('INSERT OR REPLACE INTO day VALUES (?, ?, ?, ?, ?, ?, ?)')
        for (const [user, types] of days) {
          for (const [type, byDay] of types) {
            for (const [day, stats] of byDay) {
              const known = find.get(user, type, day)
              const merged = known === undefined ? stats : readStats(known)
              if (merged !== stats) mergeStats(merged, stats)
              put.run(user, type, day, merged.n, packStats(merged), merged.firstId, merged.lastId)
              for (const role of ROLES) addPending(role, user, type, periodOf(role, day))
            }
          }
        }
      }),
    removeDays: (from, to) =>
      atomically(() => {
        const keys = sql('SELECT user, type, day FROM day WHERE day >= ? AND day < ?').all(from, to)
        for (const { user, type, day } of keys) {
          for (const role of ROLES) addPending(role, String(user), String(type), periodOf(role, Number(day)))
        }
        sql('DELETE FROM day WHERE day >= ? AND day < ?').run(from, to)
      }),
    daysOf: (role, key) => {
      const { from, to } = daysOf(role, key.period)
      return sql(
        'SELECT n, stats, first_id, last_id FROM day WHERE user = ? AND type = ? AND day >= ? AND day < ? ORDER BY day',
      )
        .all(key.user, key.type, from, to)
        .map(readStats)
    },
    pending: (role, limit, after = { user: '', type: '', period: Number.MIN_SAFE_INTEGER }) =>
      sql(
        'SELECT user, type, period FROM pending WHERE role = ? AND (user, type, period) > (?, ?, ?) ORDER BY user, type, period LIMIT ?',
      )
        .all(role, after.user, after.type, after.period, limit)
        .map(({ user, type, period }) => ({
          user: String(user),
          type: String(type),
          period: Number(period),
        })),
    pendingCount: (role) => Number(sql('SELECT count(*) AS n FROM pending WHERE role = ?').get(role)?.n),
    dropPending: (role, keys) =>
      atomically(() => {
        for (const { user, type, period } of keys) {
          sql(`DELETE FROM pending WHERE ${WHERE_KEY}`).run(role, user, type, period)
        }
      }),
    nextPending: (role, from) => {
      const found = sql('SELECT min(period) AS period FROM pending WHERE role = ? AND period >= ?').get(
        role,
        from,
      )
      return typeof found?.period === 'number' ? found.period : null
    },
    *pendingIn(role, from, to) {
      const rows = sql('SELECT user, type, period FROM pending WHERE role = ? AND period >= ? AND period < ?')
      for (const row of rows.iterate(role, from, to))
        yield { user: String(row.user), type: String(row.type), period: Number(row.period) }
    },
    dropPendingIn: (role, from, to) =>
      atomically(() => {
        sql('DELETE FROM pending WHERE role = ? AND period >= ? AND period < ?').run(role, from, to)
      }),
    *keysIn(role, from, to) {
      const rows = sql(
        'SELECT user, type, day, n, stats, first_id, last_id FROM day WHERE day >= ? AND day < ? ORDER BY user, type, day',
      )
      let open: { key: Key; days: Stats[] } | null = null
      for (const row of rows.iterate(daysOf(role, from).from, daysOf(role, to).from)) {
        const key = {
          user: String(row.user),
          type: String(row.type),
          period: periodOf(role, Number(row.day)),
        }
        const same =
          open !== null &&
          open.key.user === key.user &&
          open.key.type === key.type &&
          open.key.period === key.period
        if (!same) {
          if (open !== null) yield open
          open = { key, days: [] }
        }
        open?.days.push(readStats(row))
      }
      if (open !== null) yield open
    },
    published: (role, { user, type, period }) => {
      const found = sql(`SELECT row, updated_at FROM published WHERE ${WHERE_KEY}`).get(
        role,
        user,
        type,
        period,
      )
      if (found === undefined) return null
      return { row: found.row as Uint8Array, updatedAt: Number(found.updated_at) }
    },
    startReconciling: (role) =>
      atomically(() => {
        for (const table of ['published', 'planned', 'pending'])
          sql(`DELETE FROM ${table} WHERE role = ?`).run(role)
        set(`commit.${role}`, null)
      }),
    addPublished: (role, rows) => atomically(() => insertRows('published', role, rows)),
    endReconciling: (role) =>
      atomically(() => {
        sql(
          'INSERT OR IGNORE INTO pending SELECT role, user, type, period FROM published WHERE role = ?',
        ).run(role)
        sql('INSERT OR IGNORE INTO pending SELECT DISTINCT ?1, user, type, period_of(?1, day) FROM day').run(
          role,
        )
      }),
    plan: (role, commitId, rows) =>
      atomically(() => {
        sql('DELETE FROM planned WHERE role = ?').run(role)
        insertRows('planned', role, rows)
        set(`commit.${role}`, commitId)
      }),
    plannedCommit: (role) => get(`commit.${role}`),
    settle: (role, snapshotId) =>
      atomically(() => {
        const same =
          'p.role = ? AND EXISTS (SELECT 1 FROM planned q WHERE q.role = p.role AND q.user = p.user AND q.type = p.type AND q.period = p.period)'
        sql(`DELETE FROM pending AS p WHERE ${same}`).run(role)
        sql('INSERT OR REPLACE INTO published SELECT * FROM planned WHERE role = ?').run(role)
        sql('DELETE FROM published WHERE role = ? AND length(row) = 0').run(role)
        sql('DELETE FROM planned WHERE role = ?').run(role)
        set(`commit.${role}`, null)
        set(`head.${role}`, snapshotId)
      }),
    abandon: (role) =>
      atomically(() => {
        sql('DELETE FROM planned WHERE role = ?').run(role)
        set(`commit.${role}`, null)
      }),
    close: () => db.close(),
  }
}

function readStats(row: Record<string, unknown>): Stats {
  return unpackStats(Number(row.n), row.stats as Uint8Array, String(row.first_id), String(row.last_id))
}

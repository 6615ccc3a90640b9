/** What the outbox keeps in its object's SQLite: writes that wait, ids of what was written, and when it may write again. */
import { z } from 'zod'

const CheckRunJson = z.object({
  name: z.string(),
  head: z.string(),
  status: z.enum(['in_progress', 'completed']),
  conclusion: z.enum(['success', 'neutral', 'failure']).nullable(),
  title: z.string(),
  summary: z.string(),
  text: z.string().nullable(),
  annotations: z.array(
    z.object({
      path: z.string(),
      startLine: z.int(),
      endLine: z.int(),
      level: z.enum(['notice', 'warning', 'failure']),
      title: z.string(),
      message: z.string(),
    }),
  ),
  detailsUrl: z.string(),
  actions: z
    .array(z.object({ label: z.string(), description: z.string(), identifier: z.string() }))
    .readonly()
    .optional(),
})

export const Write = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('check'),
    repository: z.string(),
    run: CheckRunJson,
    /** A new run beside the present one, as after "Re-run". */
    isNew: z.boolean(),
  }),
  z.object({
    kind: z.literal('comment'),
    repository: z.string(),
    number: z.int().positive(),
    marker: z.string(),
    body: z.string(),
  }),
])
export type Write = Readonly<z.infer<typeof Write>>

/** When a write is due that was given up: the last time that a Date knows. */
export const NEVER = 8_640_000_000_000_000

/** Of writes that were given up so many are kept, the newest, for people to look at. */
const MAX_GIVEN_UP = 100

export interface WaitingWrite {
  readonly key: string
  /** Rises with each newer body of the same key. */
  readonly version: number
  readonly write: Write
  /** Of this row alone, kept when its body is replaced: what is created for it bears it. */
  readonly mark: string
  /** Whether a write for this row was begun: then GitHub may hold what we were not told of. */
  readonly isTried: boolean
  readonly attempts: number
  /** Milliseconds since 1970. */
  readonly dueAt: number
  readonly error: string | null
}

/** What GitHub holds under a key. */
export interface Target {
  readonly id: number
  /** Hex SHA-256 of what was written last. */
  readonly digest: string
  /** Digests of the annotations that were written: updates add to them, and nothing takes one away. */
  readonly annotations: readonly string[]
}

export interface OutboxStorage {
  /**
   * The newest body replaces one that waits, and is due at once even where that had failed. The wish for a new run
   * outlives the body that came with it.
   */
  readonly put: (key: string, write: Write, fresh: { readonly now: number; readonly mark: string }) => void
  /** The one that is due first; null where nothing waits, or what does is given up. */
  readonly next: () => WaitingWrite | null
  readonly all: () => readonly WaitingWrite[]
  /** Before the request leaves. */
  readonly begin: (waiting: WaitingWrite) => void
  /** Unless a newer body came in between. */
  readonly settle: (written: WaitingWrite, target: Target) => void
  readonly postpone: (failed: WaitingWrite, next: { readonly dueAt: number; readonly error: string }) => void
  readonly target: (key: string) => Target | null
  /** Of a repository, whose name stands in keys (`check NAME …`, `comment NAME#…`) and in bodies. */
  readonly rename: (former: string, present: string) => void
  /** No write before this time; milliseconds since 1970. */
  readonly pausedUntil: () => number
  readonly pause: (until: number) => void
}

type Row = [string, number, string, string, number, number, number, string | null]

export function openOutboxStorage(storage: DurableObjectStorage): OutboxStorage {
  const { sql } = storage
  // An earlier form only told whether a run had annotations; what it knew is found again at the forge.
  const columns = [...sql.exec("SELECT name FROM pragma_table_info('target')").raw<[string]>()].flat()
  if (columns.includes('is_annotated')) sql.exec('DROP TABLE target')
  sql.exec(`
    CREATE TABLE IF NOT EXISTS waiting (key TEXT PRIMARY KEY, version INTEGER NOT NULL, body TEXT NOT NULL, mark TEXT NOT NULL, is_tried INTEGER NOT NULL, attempts INTEGER NOT NULL, due_at INTEGER NOT NULL, error TEXT);
    CREATE TABLE IF NOT EXISTS target (key TEXT PRIMARY KEY, id INTEGER NOT NULL, digest TEXT NOT NULL, annotations TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS pause (only INTEGER PRIMARY KEY CHECK (only = 1), until INTEGER NOT NULL);
  `)
  const select = (rest: string, ...bindings: readonly string[]): WaitingWrite[] =>
    [
      ...sql
        .exec(`SELECT key, version, body, mark, is_tried, attempts, due_at, error FROM waiting ${rest}`, ...bindings)
        .raw<Row>(),
    ].map(([key, version, body, mark, isTried, attempts, dueAt, error]) => ({
      key,
      version,
      write: Write.parse(JSON.parse(body)),
      mark,
      isTried: isTried === 1,
      attempts,
      dueAt,
      error,
    }))
  return {
    put: (key, write, { now, mark }) => {
      const [present] = select('WHERE key = ?', key)
      const isStillNew = present?.write.kind === 'check' && present.write.isNew
      const kept: Write = write.kind === 'check' && isStillNew ? { ...write, isNew: true } : write
      sql.exec(
        `INSERT INTO waiting VALUES (?, 1, ?, ?, 0, 0, ?, NULL)
         ON CONFLICT (key) DO UPDATE SET version = version + 1, body = excluded.body, attempts = 0,
           due_at = excluded.due_at, error = NULL`,
        key,
        JSON.stringify(kept),
        mark,
        now,
      )
    },
    next: () => select(`WHERE due_at < ${NEVER} ORDER BY due_at, rowid LIMIT 1`)[0] ?? null,
    all: () => select('ORDER BY due_at, rowid'),
    begin: ({ key }) => {
      sql.exec('UPDATE waiting SET is_tried = 1 WHERE key = ?', key)
    },
    settle: ({ key, version, mark }, { id, digest, annotations }) => {
      storage.transactionSync(() => {
        sql.exec('INSERT OR REPLACE INTO target VALUES (?, ?, ?, ?)', key, id, digest, JSON.stringify(annotations))
        sql.exec('DELETE FROM waiting WHERE key = ? AND version = ?', key, version)
        // For a newer body what was begun is done: it stands in `target`, and a wish for a new run has been met.
        const rest =
          "is_tried = 0, mark = ?, body = iif(json_extract(body, '$.isNew'), json_set(body, '$.isNew', json('false')), body)"
        sql.exec(`UPDATE waiting SET ${rest} WHERE key = ?`, `${mark}+`, key)
      })
    },
    postpone: ({ key, version }, { dueAt, error }) => {
      const query = 'UPDATE waiting SET attempts = attempts + 1, due_at = ?, error = ? WHERE key = ? AND version = ?'
      sql.exec(query, dueAt, error, key, version)
      const oldest = `SELECT rowid FROM waiting WHERE due_at = ${NEVER} ORDER BY rowid DESC LIMIT -1 OFFSET ${MAX_GIVEN_UP}`
      if (dueAt === NEVER) sql.exec(`DELETE FROM waiting WHERE rowid IN (${oldest})`)
    },
    target: (key) => {
      const [row] = sql
        .exec('SELECT id, digest, annotations FROM target WHERE key = ?', key)
        .raw<[number, string, string]>()
      return row === undefined ? null : { id: row[0], digest: row[1], annotations: JSON.parse(row[2]) as string[] }
    },
    rename: (former, present) => {
      storage.transactionSync(() => {
        for (const [before, after] of [
          [`check ${former} `, `check ${present} `],
          [`comment ${former}#`, `comment ${present}#`],
        ] as const) {
          const renamed = '? || substr(key, length(?) + 1)'
          const isOf = 'substr(key, 1, length(?)) = ?'
          sql.exec(`UPDATE OR REPLACE target SET key = ${renamed} WHERE ${isOf}`, after, before, before, before)
          const body = "body = json_set(body, '$.repository', ?)"
          const query = `UPDATE OR REPLACE waiting SET key = ${renamed}, ${body} WHERE ${isOf}`
          sql.exec(query, after, before, present, before, before)
        }
      })
    },
    pausedUntil: () => [...sql.exec('SELECT until FROM pause').raw<[number]>()][0]?.[0] ?? 0,
    pause: (until) => {
      sql.exec('INSERT OR REPLACE INTO pause VALUES (1, ?)', until)
    },
  }
}

/** The database as the store reads it; everything else holds it without looking inside. */
import type { SQL } from 'drizzle-orm'
import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1'

export type Database = DrizzleD1Database

export function openDatabase(binding: D1Database): Database {
  const database = drizzle(binding)
  // A batch binds the parameters of a written-out statement only where it carries one prepared by D1, which drizzle
  // 0.45 leaves out for `run` and `all`.
  for (const method of ['run', 'all'] as const) {
    const make = database[method].bind(database) as (...query: unknown[]) => { getQuery(): { readonly sql: string } }
    const prepared = (...query: unknown[]) => {
      const statement = make(...query)
      return Object.assign(statement, { stmt: binding.prepare(statement.getQuery().sql) })
    }
    Object.assign(database, { [method]: prepared })
  }
  return database
}

/** All or nothing: D1 runs a batch as one transaction. */
export async function transact(database: Database, statements: readonly SQL[]): Promise<void> {
  const [first, ...rest] = statements.map((statement) => database.run(statement))
  if (first === undefined) return
  await database.batch([first, ...rest])
}

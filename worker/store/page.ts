/** Pages by key: a cursor names the last row that was seen, so that rows which arrive in between shift nothing. */
import { z } from 'zod'
import { fromBase64, readUtf8, toBase64, utf8 } from '#core/evidence/bytes.ts'
import { Fault } from '#core/fault.ts'

export interface PageRequest {
  readonly cursor: string | null
  readonly limit: number
}

/** Time and id of the last row. */
export type Position = readonly [at: string, id: string]

const Position = z.tuple([z.string(), z.string()])

function writeCursor(position: Position): string {
  return toBase64(utf8(JSON.stringify(position)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

/** null for the first page. Throws request-malformed for a text that no page gave out. */
export function readCursor(cursor: string | null): Position | null {
  if (cursor === null) return null
  const text = readUtf8(fromBase64(cursor) ?? utf8(''))
  try {
    return Position.parse(JSON.parse(text ?? ''))
  } catch (cause) {
    throw new Fault('request-malformed', {
      message: 'The cursor is not one that a page gave out.',
      hint: 'Pass the `next` of the page before unchanged, or leave `cursor` out for the first page.',
      cause,
    })
  }
}

/** `rows` holds one more than `limit` where a further page exists. */
export function pageOf<Row>(
  rows: readonly Row[],
  limit: number,
  positionOf: (row: Row) => Position,
): { readonly items: readonly Row[]; readonly next: string | null } {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, next: rows.length > limit && last !== undefined ? writeCursor(positionOf(last)) : null }
}

/** By which a call and its result find each other; a call without an id has that of its record. */
import type { TranscriptRecord } from './records.ts'

export function callIdOf(id: string | null, record: TranscriptRecord): string {
  return id === null || id === '' ? `call:${record.id}` : id.slice(0, 200).toWellFormed()
}

/** What stands in the cause of a Fault with which a forge refused: for the outbox and for retries, never for people. */
import { isFault } from './fault.ts'

export interface ForgeRefusal {
  /** null where there was no answer. */
  readonly status: number | null
  /** Milliseconds after which the forge wants to be asked again; null where it does not say. */
  readonly waitMs: number | null
  /** Id of the repository that the address once named, where the forge says that it bears another name. */
  readonly movedTo?: number
  readonly cause?: unknown
}

/** How long the forge asked to wait, null where it did not. */
export function waitOf(error: unknown): number | null {
  return refusalOf(error)?.waitMs ?? null
}

/** Status with which the forge refused, null where there was none. */
export function statusOf(error: unknown): number | null {
  return refusalOf(error)?.status ?? null
}

/** Id of the repository that bears another name by now; null where the refusal is about something else. */
export function movedTo(error: unknown): number | null {
  return refusalOf(error)?.movedTo ?? null
}

function refusalOf(error: unknown): ForgeRefusal | null {
  if (!isFault(error)) return null
  const { cause } = error
  return typeof cause === 'object' && cause !== null && 'waitMs' in cause ? (cause as ForgeRefusal) : null
}

/** Waivers in the words of terminal and dashboard. Imports nothing at run time. */
import type { Waiver, WaiverScope } from './waiver.ts'

/** How a waiver stands at a time; a state does not change by itself when its time is over, and people must see that it is. */
export type WaiverStanding = 'waits for approval' | 'in force' | 'expired' | 'revoked'

export function standingOf({ state, expiresAt }: Pick<Waiver, 'state' | 'expiresAt'>, now: string): WaiverStanding {
  if (state === 'revoked') return 'revoked'
  if (expiresAt <= now) return 'expired'
  return state === 'approved' ? 'in force' : 'waits for approval'
}

/** `owner/name`, `owner/name#7` or the session's id. */
export function scopeWords(scope: WaiverScope): string {
  if (scope.kind === 'session') return scope.session
  return scope.kind === 'repository' ? scope.repository : `${scope.repository}#${scope.number}`
}

/** What a verdict is worth when the events were not sent: nothing passes because nobody could look. */
import type { Session } from '../session/session.ts'
import type { Policy, Verdict } from './policy.ts'
import { policies } from './registry.ts'

const NOT_SENT = 'Cannot tell: the session was sent without its transcript.'

/** Leaves verdicts alone where all events are there, and those of policies that read the signed header only. */
export function withheldEvents(
  session: Session,
  verdicts: readonly Verdict[],
  {
    registry = policies,
    why = NOT_SENT,
  }: { readonly registry?: readonly Policy[]; readonly why?: string | undefined } = {},
): readonly Verdict[] {
  if (session.events.length >= session.eventCount) return verdicts
  const readsHeader = new Set(registry.filter(({ reads }) => reads === 'header').map(({ id }) => id))
  return verdicts.map((verdict) =>
    (verdict.result === 'pass' || verdict.result === 'skipped') && !readsHeader.has(verdict.policy)
      ? { ...verdict, result: 'error', reason: why }
      : verdict,
  )
}

/** The check while there is no report: when a head has just appeared, and when no report can be made. */
import type { FaultCode } from '../fault.ts'
import type { Contract } from '../policy/contract.ts'
import { defaultContract } from '../policy/contract.ts'
import type { CheckRun } from '../ports.ts'

/** Rulesets require the check by this name. */
export const CHECK_NAME = 'Stemma'

interface PendingCheck {
  readonly head: string
  readonly detailsUrl: string
}

export function openingCheck({ head, detailsUrl }: PendingCheck): CheckRun {
  return {
    name: CHECK_NAME,
    head,
    status: 'in_progress',
    conclusion: null,
    title: 'Looking for evidence',
    summary: 'Stemma reads the commits of this pull request and the evidence of the sessions that made them.',
    text: null,
    annotations: [],
    detailsUrl,
  }
}

/**
 * A required check never hangs and never passes by accident: what cannot be decided is treated as an error of every
 * policy, as in the table of core/policy/conclusion.ts. `contract` null = not known, which counts as the default one.
 */
export function failedCheck(
  { head, detailsUrl }: PendingCheck,
  { code, contract }: { readonly code: FaultCode; readonly contract: Contract | null },
): CheckRun {
  const { policies, missingSession } = contract ?? defaultContract
  const isBlocking = missingSession === 'failure' || policies.some(({ gate }) => gate)
  return {
    name: CHECK_NAME,
    head,
    status: 'completed',
    conclusion: isBlocking ? 'failure' : 'neutral',
    title: 'No report could be made yet',
    summary: [
      `Stemma could not read what it needs for its report (\`${code}\`). It keeps trying and replaces this result by itself.`,
      '',
      'This says nothing about the changes. To ask again at once, click "Re-run" on this check.',
    ].join('\n'),
    text: null,
    annotations: [],
    detailsUrl,
  }
}

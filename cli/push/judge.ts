/** `--strict policy`: the check in the cloud, run here on the same sessions by the same code. */
import type { AgentConfiguration } from '#core/configuration/configuration.ts'
import type { ExitCode } from '#core/fault.ts'
import { conclude } from '#core/policy/conclusion.ts'
import type { Contract } from '#core/policy/contract.ts'
import { evaluate } from '#core/policy/evaluate.ts'
import type { Verdict } from '#core/policy/policy.ts'
import { plain, type Terminal } from '../io/terminal.ts'
import type { Described } from './prepare.ts'

export interface LocalRules {
  readonly contract: Contract
  /** Of each agent that was looked for. */
  readonly configurations: readonly AgentConfiguration[]
}

/** 1 where a policy that the contract gates fails or cannot tell. The words go to stderr, beside the push's own. */
export function judge(
  { contributions }: Described,
  { contract, configurations }: LocalRules,
  terminal: Terminal,
): ExitCode {
  if (contributions.length === 0) return 0
  const verdicts = contributions.flatMap(({ session, attribution }) =>
    evaluate(contract, {
      session,
      commits: attribution,
      configuration: configurations.find(({ agent }) => agent === session.agent.id) ?? null,
    }).map((verdict) => ({ session: session.id, verdict })),
  )
  for (const { session, verdict } of verdicts) sayVerdict(verdict, session, terminal)
  const conclusion = conclude({
    verdicts: verdicts.map(({ verdict }) => verdict),
    sessions: contributions.length,
    unobservedCommits: 0,
    missingSession: contract.missingSession,
  })
  return conclusion === 'failure' ? 1 : 0
}

/** A violation, or that nobody can tell, with what to do about it; nothing else is worth a line. */
export function sayVerdict(
  { policy, result, gate, findings, reason }: Verdict,
  session: string,
  terminal: Terminal,
): void {
  if (result !== 'fail' && result !== 'error') return
  const said = findings[0]?.message ?? reason ?? result
  terminal.say(`${terminal.mark(gate ? 'failed' : 'warning')} ${result} ${policy}  ${plain(said)}  ${plain(session)}`)
  const fix = findings[0]?.fix
  if (fix !== undefined) terminal.say(`  hint: ${plain(fix)}`)
}

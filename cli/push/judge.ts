/** `--strict policy`: the check in the cloud, run here on the same sessions by the same code. */
import type { AgentConfiguration } from '#core/configuration/configuration.ts'
import type { ExitCode } from '#core/fault.ts'
import { conclude } from '#core/policy/conclusion.ts'
import type { Contract } from '#core/policy/contract.ts'
import { evaluate } from '#core/policy/evaluate.ts'
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
  for (const { session, verdict } of verdicts) {
    if (verdict.result !== 'fail' && verdict.result !== 'error') continue
    const said = verdict.findings[0]?.message ?? verdict.reason ?? verdict.result
    const state = verdict.gate ? 'failed' : 'warning'
    terminal.say(`${terminal.mark(state)} ${verdict.result} ${verdict.policy}  ${plain(said)}  ${plain(session)}`)
    const fix = verdict.findings[0]?.fix
    if (fix !== undefined) terminal.say(`  hint: ${plain(fix)}`)
  }
  const conclusion = conclude({
    verdicts: verdicts.map(({ verdict }) => verdict),
    sessions: contributions.length,
    unobservedCommits: 0,
    missingSession: contract.missingSession,
  })
  return conclusion === 'failure' ? 1 : 0
}

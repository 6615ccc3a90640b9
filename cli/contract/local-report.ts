/** The report that a pull request of these commits would get, made here by the same code, of what this machine knows. */
import type { AgentConfiguration } from '#core/configuration/configuration.ts'
import type { Contract } from '#core/policy/contract.ts'
import { judge } from '#core/policy/judge.ts'
import { buildReport } from '#core/report/build.ts'
import type { Report } from '#core/report/report.ts'
import { readCommits } from '../io/commits.ts'
import type { Repository } from '../io/repository.ts'
import type { Contributions } from '../push/contributions.ts'

export interface LocalSubject {
  readonly repository: Repository
  /** `owner/name`; null where no remote names it. */
  readonly name: string | null
  readonly commits: readonly string[]
  readonly found: Contributions
  readonly contract: Contract
  /** Of each agent that was looked for. */
  readonly configurations: readonly AgentConfiguration[]
}

/** Nothing is signed yet, so the report counts no signature and no log. */
export async function localReport(subject: LocalSubject): Promise<Report> {
  const { repository, name, commits, found, contract, configurations } = subject
  const information = await readCommits(repository, commits)
  const report = buildReport({
    repository: name ?? 'this repository',
    number: 1,
    head: commits.at(-1) ?? '',
    commits: information.map(({ commit, parents, subject }) => {
      return { sha: commit, parents, message: subject, authorLogin: null }
    }),
    sessions: found.contributions.map(({ session, attribution }, at) => {
      const { events: _, ...header } = session
      const configuration = configurations.find(({ agent }) => agent === session.agent.id) ?? null
      const verdicts = judge(contract, { session, commits: attribution, configuration })
      return { header, person: '', evidenceId: '', logIndex: at, attribution, verdicts, isVerified: true }
    }),
    observations: [{ attribution: found.observed, isVerified: true }],
    contract,
    checkpoint: null,
    publicUrl: '',
  })
  return { ...report, signatures: { verified: 0, total: 0 }, dashboardUrl: 'checked on this machine; nothing was sent' }
}

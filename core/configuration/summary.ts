/** What people are shown of configurations: risky settings with their reasons, and a line for each agent. */
import type { AgentSummary, RiskView } from '../api/configurations.ts'
import type { AgentConfiguration } from './configuration.ts'
import { riskById, risksOf } from './risks.ts'

/** The gravest first. */
export function risksIn(agents: readonly AgentConfiguration[]): readonly RiskView[] {
  const rank = ['critical', 'high', 'medium', 'low']
  return agents
    .flatMap((configuration) =>
      risksOf(configuration).map(({ risk, message, file, line, layer }): RiskView => {
        const { severity, why, fix } = riskById(risk)
        return { agent: configuration.agent, risk, severity, message, why, fix, file, line, layer }
      }),
    )
    .toSorted((left, right) => rank.indexOf(left.severity) - rank.indexOf(right.severity))
}

/** Agents without any file are left out: that somebody does not use them is nothing to show. */
export function summaries(agents: readonly AgentConfiguration[]): readonly AgentSummary[] {
  return agents.filter(isUsed).map((configuration): AgentSummary => {
    const { agent, files, mcpServers, hooks, permissionMode, settings } = configuration
    const risks = settings === null ? null : risksIn([configuration])
    const grave = risks?.filter(({ severity }) => severity !== 'low').length ?? null
    return {
      agent,
      files: files.length,
      servers: mcpServers?.length ?? null,
      hooks: hooks?.length ?? null,
      permissionMode,
      risks: grave,
      notes: risks === null || grave === null ? null : risks.length - grave,
    }
  })
}

export function isUsed({ files, unread }: AgentConfiguration): boolean {
  return files.length > 0 || unread.length > 0
}

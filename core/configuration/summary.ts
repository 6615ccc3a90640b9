/** What people are shown of configurations: risky settings with their reasons, and a line for each agent. */
import type { AgentSummary, RiskView } from '../api/configurations.ts'
import type { AgentConfiguration } from './configuration.ts'
import { riskById, riskSeverities, risksOf } from './risks.ts'

/** The gravest first; one that several agents share is named once. */
export function risksIn(agents: readonly AgentConfiguration[]): readonly RiskView[] {
  const found = new Map<string, RiskView & { agents: string[] }>()
  for (const configuration of agents) {
    for (const { risk, message, file, line, layer } of risksOf(configuration)) {
      const { severity, why, fix } = riskById(risk)
      // Several agents read one file; of the configuration as a whole each has its own.
      const key = JSON.stringify([risk, message, file ?? configuration.agent, line])
      const known = found.get(key)
      if (known === undefined) {
        found.set(key, { agents: [configuration.agent], risk, severity, message, why, fix, file, line, layer })
      } else known.agents.push(configuration.agent)
    }
  }
  const rank = ({ severity }: RiskView) => riskSeverities.indexOf(severity)
  return [...found.values()].toSorted((left, right) => rank(left) - rank(right))
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

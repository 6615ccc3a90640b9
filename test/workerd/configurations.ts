/** Configurations of agents as a machine sends them. */

import type { EvidenceAccepted } from '#core/api/evidence.ts'
import { configurationHash, listed } from '#core/configuration/assemble.ts'
import type { AgentConfiguration } from '#core/configuration/configuration.ts'
import { writeEnvelope } from '#core/evidence/envelope.ts'
import type { Signer } from '#core/evidence/key.ts'
import { signStatement } from '#core/evidence/sign.ts'
import { type AiConfig, aiConfigStatement } from '#core/evidence/statement.ts'
import { exampleConfiguration } from '#core/policy/subject.ts'
import { acceptedBy, type Machine } from './organisation.ts'

/** Collected in full, and nothing there but what is given. */
export function collected(parts: Partial<AgentConfiguration> = {}): AgentConfiguration {
  const nothing = { permissions: [], mcpServers: [], skills: [], hooks: [], settings: [], trustsEveryMcpServer: false }
  return exampleConfiguration({ ...nothing, ...parts })
}

export async function signConfiguration(
  signer: Signer,
  agents: readonly AgentConfiguration[],
  predicate: Partial<AiConfig> = {},
): Promise<string> {
  const statement = aiConfigStatement({
    repository: 'acme/parser',
    commit: 'a'.repeat(40),
    hash: await configurationHash(agents),
    previous: null,
    tier: 'full',
    agents: listed(agents),
    redaction: { rules: 'stemma-redaction/1', redacted: {}, withheld: 0 },
    producer: { name: 'stemma', version: '0.1.0' },
    createdAt: '2026-11-20T10:00:05Z',
    ...predicate,
  })
  return writeEnvelope(await signStatement(statement, signer))
}

export async function pushConfiguration(
  machine: Machine,
  agents: readonly AgentConfiguration[],
  predicate: Partial<AiConfig> = {},
): Promise<EvidenceAccepted> {
  return acceptedBy(machine, await signConfiguration(machine.signer, agents, predicate))
}

/** The configuration under which a session ran, as far as its machine sent one before. */
import type { AgentConfiguration } from '#core/configuration/configuration.ts'
import { readEnvelope } from '#core/evidence/envelope.ts'
import { AI_CONFIG_PREDICATE, type AiConfig, readStatement } from '#core/evidence/statement.ts'
import type { Env } from '#worker/env.ts'
import { envelopesOf } from '#worker/store/blobs.ts'
import type { MachineConfiguration } from '#worker/store/state-of-evidence.ts'

export interface ConfigurationSubject {
  readonly organisation: string
  /** `owner/name`; null where no remote names it. */
  readonly repository: string | null
  /** Of the session. */
  readonly agent: string
  /** The newest of each repository that the key sent before the session's evidence. */
  readonly configurations: readonly MachineConfiguration[]
}

/** null: none was sent, or it did not look for this agent. Policies then say that it is not recorded. */
export async function loadConfiguration(env: Env, subject: ConfigurationSubject): Promise<AgentConfiguration | null> {
  const { organisation, repository, agent, configurations } = subject
  const found = configurations.find((one) => one.repository === (repository ?? ''))
  if (found === undefined) return null
  const { agents } = await readConfigurationEvidence(env, organisation, found.evidenceId)
  return agents.find((one) => one.agent === agent) ?? null
}

export async function readConfigurationEvidence(env: Env, organisation: string, id: string): Promise<AiConfig> {
  const statement = readStatement(readEnvelope(await envelopesOf(organisation, env.BLOBS).get(id)).payload)
  if (statement.predicateType === AI_CONFIG_PREDICATE) return statement.predicate
  throw new TypeError(`evidence ${id} has a row as configuration and is about something else`)
}

/** Configuration -> what would leave the machine, and whether it says anything that was not said before. */
import { configurationHash, digestOf, digestsOnly, listed } from '#core/configuration/assemble.ts'
import type { AgentConfiguration } from '#core/configuration/configuration.ts'
import { readEnvelope } from '#core/evidence/envelope.ts'
import {
  AI_CONFIG_PREDICATE,
  type AiConfig,
  aiConfigStatement,
  readStatement,
  writeStatement,
} from '#core/evidence/statement.ts'
import { Fault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { resolveCommit } from '../io/commits.ts'
import { type EvidenceNotes, readOutgoing } from '../io/outgoing.ts'
import { readSentEnvelope } from '../io/receipts.ts'
import { knownSecrets } from '../io/secrets.ts'
import { MAX_PAYLOAD_BYTES, type Unsigned } from '../push/evidence.ts'
import { privacyOf } from '../push/privacy.ts'
import type { Privacy } from '../push/redact.ts'
import type { Workspace } from '../workspace.ts'
import { collectConfiguration } from './collect.ts'
import { redactConfiguration } from './redact.ts'

export interface PresentConfiguration {
  /** Redacted, in normal form, as it would be sent. */
  readonly agents: AgentConfiguration[]
  readonly hash: string
  readonly tier: AiConfig['tier']
  readonly redaction: AiConfig['redaction']
}

export async function presentConfiguration(
  { repository }: Workspace,
  context: Context,
  privacy: Privacy,
): Promise<PresentConfiguration> {
  const found = await collectConfiguration(repository, context)
  // Files of settings hold no binaries: between `redacted` and `full` there is no difference to them.
  const tier = privacy.tier === 'metadata' ? 'metadata' : 'full'
  const sent = tier === 'full' ? found : listed(found.map(digestsOnly))
  const { agents, redaction } = await redactConfiguration(sent, privacy)
  return { agents, hash: await configurationHash(agents), tier, redaction }
}

/** By the usual remote's tier; where nothing may leave for it, everything may be looked at here. */
export async function privacyHere(workspace: Workspace, context: Context): Promise<Privacy> {
  const present = await privacyOf(null, { workspace, context })
  return present ?? { tier: 'full', knownSecrets: await knownSecrets(workspace.roots, context.environment) }
}

/** For judging here: what a push would send, with nothing for an agent that it did not look for. */
export async function configurationsHere(
  workspace: Workspace,
  context: Context,
): Promise<readonly AgentConfiguration[]> {
  return (await presentConfiguration(workspace, context, await privacyHere(workspace, context))).agents
}

/** What this clone sent last, or has on its spool; null where there is nothing, or it is no longer here. */
export async function lastConfiguration(
  stateDirectory: string,
  known: readonly EvidenceNotes[],
): Promise<AiConfig | null> {
  const last = newest(known)
  if (last === null) return null
  const envelope =
    (await readSentEnvelope(stateDirectory, last.id)) ?? (await readOutgoing(stateDirectory, last.id))?.envelope
  if (envelope === undefined) return null
  const statement = readStatement(readEnvelope(envelope).payload)
  return statement.predicateType === AI_CONFIG_PREDICATE ? statement.predicate : null
}

interface ConfigurationRequest {
  /** `owner/name` */
  readonly repository: string | null
  readonly privacy: Privacy
  readonly now: Date
  readonly known: readonly EvidenceNotes[]
  readonly producer: AiConfig['producer']
}

/** null: the evidence that was made last says the same. Throws secret-remains and body-too-large. */
export async function describeConfiguration(
  workspace: Workspace,
  context: Context,
  { repository, privacy, now, known, producer }: ConfigurationRequest,
): Promise<Unsigned | null> {
  const present = await presentConfiguration(workspace, context, privacy)
  // Where the default branch moved, drift is another although nothing moved here.
  const content = await digestOf([repository, present.hash, present.agents.map(({ accepted }) => accepted)])
  const last = newest(known)
  if (last?.content === content) return null
  const previous = await lastConfiguration(workspace.repository.stateDirectory, known)
  const commit = await resolveCommit(workspace.repository, 'HEAD')
  const createdAt = now.toISOString()
  const statementOf = async (agents: readonly AgentConfiguration[], tier: AiConfig['tier']) =>
    aiConfigStatement({
      repository,
      commit,
      hash: await configurationHash(agents),
      previous: previous?.hash ?? null,
      tier,
      agents: listed(agents),
      redaction: present.redaction,
      producer,
      createdAt,
    })
  const whole = await statementOf(present.agents, present.tier)
  const fits = writeStatement(whole).length <= MAX_PAYLOAD_BYTES
  const statement = fits ? whole : await statementOf(present.agents.map(digestsOnly), 'metadata')
  if (!fits && writeStatement(statement).length > MAX_PAYLOAD_BYTES) {
    throw new Fault('body-too-large', {
      message: 'The configuration of the agents names more files than one statement can hold.',
      hint: 'It is not sent. See what is found with `stemma config`.',
    })
  }
  const { predicateType } = statement
  const notes = { session: null, predicateType, commits: [], events: 0, content, transcript: null, createdAt }
  return { notes, statement, transcript: null }
}

function newest(known: readonly EvidenceNotes[]): EvidenceNotes | null {
  const own = known.filter(({ predicateType }) => predicateType === AI_CONFIG_PREDICATE)
  return own.toSorted((left, right) => (left.createdAt < right.createdAt ? 1 : -1))[0] ?? null
}

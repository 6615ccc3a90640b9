/** Secrets out of a configuration before it leaves: its values never did, and its names and commands are looked at twice. */

import { listed } from '#core/configuration/assemble.ts'
import type { AgentConfiguration } from '#core/configuration/configuration.ts'
import { mapTexts } from '#core/configuration/texts.ts'
import type { AiConfig } from '#core/evidence/statement.ts'
import { Fault } from '#core/fault.ts'
import { type Privacy, redactTexts } from '../push/redact.ts'

export interface RedactedConfiguration {
  readonly agents: AgentConfiguration[]
  readonly redaction: AiConfig['redaction']
}

/** Throws secret-remains where a second look still finds something. */
export async function redactConfiguration(
  agents: readonly AgentConfiguration[],
  privacy: Privacy,
): Promise<RedactedConfiguration> {
  const texts: string[] = []
  const paths: string[] = []
  const keep = (list: string[]) => (value: string) => {
    list.push(value)
    return value
  }
  for (const agent of agents) mapTexts(agent, { text: keep(texts), path: keep(paths) })
  const clean = await redactTexts({ texts, paths }, privacy)
  if (clean.remaining.length > 0) {
    const rules = [...new Set(clean.remaining.map(({ rule }) => rule))].join(', ')
    throw new Fault('secret-remains', {
      message: `After redaction a secret is still in the configuration of an agent (${rules}), so it is not sent.`,
      hint: 'Move it into the environment; see the configuration with `stemma config`.',
    })
  }
  let text = 0
  let path = 0
  const changed = agents.map((agent) =>
    mapTexts(agent, { text: () => clean.texts[text++] ?? '', path: () => clean.paths[path++] ?? '' }),
  )
  return { agents: listed(changed), redaction: clean.redaction }
}

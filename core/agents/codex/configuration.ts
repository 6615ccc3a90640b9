/** Where Codex keeps what it is told and allowed. */

import { readToml } from '../../configuration/document.ts'
import { type Facts, factsOf } from '../../configuration/facts.ts'
import type { AgentPlaces, ConfigurationPlace } from '../../configuration/places.ts'
import { readHookGroupsFile } from '../../configuration/read-documents.ts'
import { readDefinition } from '../../configuration/read-instructions.ts'
import {
  address,
  program,
  readEnvironment,
  readHookGroups,
  readMcpServers,
  word,
} from '../../configuration/read-settings.ts'
import { booleanIn, objectIn, textIn } from '../json-value.ts'

const files: readonly ConfigurationPlace[] = [
  { glob: 'hooks.json', kind: 'hook', read: readHookGroupsFile },
  { glob: 'rules/*.rules', kind: 'rule' },
  { glob: 'agents/*.toml', kind: 'subagent', read: readConfiguration },
  { glob: 'prompts/*.md', kind: 'command', read: readDefinition },
  { glob: 'skills/*/SKILL.md', kind: 'skill', read: readDefinition },
  { glob: 'skills/**', kind: 'skill' },
]

export const codexPlaces: AgentPlaces = {
  repository: [
    { glob: '**/AGENTS.md', kind: 'instructions' },
    { glob: '**/AGENTS.override.md', kind: 'instructions' },
    { glob: 'AGENTS.md', kind: 'instructions' },
    { glob: 'AGENTS.override.md', kind: 'instructions' },
    { glob: '.codex/config.toml', kind: 'settings', read: readConfiguration },
    ...files.map((place) => ({ ...place, glob: `.codex/${place.glob}` })),
    { glob: '.agents/skills/*/SKILL.md', kind: 'skill', read: readDefinition },
    { glob: '.agents/skills/**', kind: 'skill' },
  ],
  user: ({ home, environment }) => [
    {
      folder: environment['CODEX_HOME'] || `${home}/.codex`,
      places: [
        // Which folders are trusted and which hooks were approved is written there by Codex itself.
        { glob: 'config.toml', kind: 'settings', read: readConfiguration, holdsState: true },
        { glob: 'AGENTS.md', kind: 'instructions' },
        { glob: 'AGENTS.override.md', kind: 'instructions' },
        ...files,
      ],
    },
  ],
  managed: [
    {
      folder: '/etc/codex',
      places: [
        { glob: 'config.toml', kind: 'settings', read: readConfiguration },
        { glob: 'managed_config.toml', kind: 'settings', read: readConfiguration },
        { glob: 'requirements.toml', kind: 'settings', read: readConfiguration },
      ],
    },
  ],
}

function readConfiguration(text: string): Facts | null {
  const document = readToml(text)
  if (document === null) return null
  const { value } = document
  const profile = textIn(value, 'profile')
  const chosen = profile === null ? [] : [['profiles', profile]]
  const providers = Object.keys(objectIn(value, 'model_providers') ?? {})
  return factsOf({
    hooks: readHookGroups(document),
    mcpServers: readMcpServers(document, ['mcp_servers']),
    settings: [
      ...[...chosen, []].flatMap((keys) => [
        ...word(document, 'permission-mode', [...keys, 'approval_policy']),
        ...word(document, 'sandbox', [...keys, 'sandbox_mode']),
        ...word(document, 'model', [...keys, 'model']),
      ]),
      ...(booleanIn(objectIn(value, 'sandbox_workspace_write'), 'network_access') === true
        ? word(document, 'auto-approval', ['sandbox_workspace_write', 'network_access'])
        : []),
      ...address(document, ['chatgpt_base_url']),
      ...address(document, ['openai_base_url']),
      ...providers.flatMap((name) => address(document, ['model_providers', name, 'base_url'])),
      ...program(document, ['notify']),
      ...readEnvironment(document, ['shell_environment_policy', 'set']),
    ],
  })
}

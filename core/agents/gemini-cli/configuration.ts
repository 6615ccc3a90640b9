/** Where Gemini CLI keeps what it is told and allowed. */

import { readJson } from '../../configuration/document.ts'
import { type Facts, factsOf } from '../../configuration/facts.ts'
import type { AgentPlaces, ConfigurationPlace } from '../../configuration/places.ts'
import { readDefinition, readInstructions } from '../../configuration/read-instructions.ts'
import {
  address,
  names,
  program,
  readHookGroups,
  readMcpServers,
  readRules,
  readVariables,
  word,
} from '../../configuration/read-settings.ts'
import { listIn, objectIn } from '../json-value.ts'

const files: readonly ConfigurationPlace[] = [
  { glob: 'settings.json', kind: 'settings', read: readSettings },
  { glob: 'commands/**/*.toml', kind: 'command' },
  { glob: 'extensions/*/gemini-extension.json', kind: 'plugin', read: readSettings },
  { glob: 'skills/*/SKILL.md', kind: 'skill', read: readDefinition },
  { glob: 'skills/**', kind: 'skill' },
  { glob: 'agents/**/*.md', kind: 'subagent', read: readDefinition },
  { glob: 'policies/**/*.toml', kind: 'rule' },
  { glob: '.env', kind: 'settings', read: (text) => factsOf({ settings: readVariables(text) }) },
  { glob: 'system.md', kind: 'instructions' },
]

export const geminiCliPlaces: AgentPlaces = {
  repository: [
    { glob: '**/GEMINI.md', kind: 'instructions', read: readInstructions },
    { glob: 'GEMINI.md', kind: 'instructions', read: readInstructions },
    ...files.map((place) => ({ ...place, glob: `.gemini/${place.glob}` })),
    { glob: '.geminiignore', kind: 'settings' },
  ],
  user: ({ home }) => [{ folder: `${home}/.gemini`, places: [{ glob: 'GEMINI.md', kind: 'instructions' }, ...files] }],
  managed: [
    {
      folder: '/etc/gemini-cli',
      places: [
        { glob: 'settings.json', kind: 'settings', read: readSettings },
        { glob: 'system-defaults.json', kind: 'settings', read: readSettings },
      ],
    },
  ],
}

function readSettings(text: string): Facts | null {
  const document = readJson(text)
  if (document === null) return null
  const { value } = document
  const tools = objectIn(value, 'tools')
  return factsOf({
    hooks: readHookGroups(document),
    mcpServers: readMcpServers(document, ['mcpServers']),
    permissions: [
      ...readRules(document, ['tools', 'allowed'], { list: listIn(tools, 'allowed'), effect: 'allow' }),
      ...readRules(document, ['tools', 'exclude'], { list: listIn(tools, 'exclude'), effect: 'deny' }),
      ...readRules(document, ['allowedTools'], { list: listIn(value, 'allowedTools'), effect: 'allow' }),
      ...readRules(document, ['excludeTools'], { list: listIn(value, 'excludeTools'), effect: 'deny' }),
    ],
    settings: [
      ...word(document, 'permission-mode', ['general', 'defaultApprovalMode']),
      ...word(document, 'permission-mode', ['tools', 'approvalMode']),
      ...word(document, 'sandbox', ['tools', 'sandbox']),
      ...word(document, 'sandbox', ['sandbox']),
      ...word(document, 'auto-approval', ['tools', 'autoAccept']),
      ...word(document, 'auto-approval', ['autoAccept']),
      ...word(document, 'model', ['model', 'name']),
      ...word(document, 'model', ['model']),
      ...program(document, ['tools', 'discoveryCommand']),
      ...program(document, ['tools', 'callCommand']),
      ...program(document, ['mcp', 'serverCommand']),
      ...address(document, ['telemetry', 'otlpEndpoint']),
      ...names(document, 'plugin', ['extensions', 'enabled']),
    ],
  })
}

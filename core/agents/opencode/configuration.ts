/** Where OpenCode keeps what it is told and allowed. */

import { readJson, type SettingsDocument } from '../../configuration/document.ts'
import { type Facts, factsOf } from '../../configuration/facts.ts'
import type { AgentPlaces, ConfigurationPlace } from '../../configuration/places.ts'
import { readDefinition } from '../../configuration/read-instructions.ts'
import { address, names, readMcpServers, valueAt, word } from '../../configuration/read-settings.ts'
import { objectIn, textIn } from '../json-value.ts'

const settings: Pick<ConfigurationPlace, 'kind' | 'read'> = { kind: 'settings', read: readSettings }
/** OpenCode takes the folder's name in singular and in plural. */
const files: readonly ConfigurationPlace[] = [
  ...['agent', 'agents', 'mode', 'modes'].map(
    (name): ConfigurationPlace => ({ glob: `${name}/**/*.md`, kind: 'subagent', read: readDefinition }),
  ),
  ...['command', 'commands'].map(
    (name): ConfigurationPlace => ({ glob: `${name}/**/*.md`, kind: 'command', read: readDefinition }),
  ),
  // Plugins and tools are programs that run inside the agent.
  ...['plugin', 'plugins', 'tool', 'tools'].map((name): ConfigurationPlace => ({ glob: `${name}/**`, kind: 'plugin' })),
  ...['skill', 'skills'].flatMap((name): ConfigurationPlace[] => [
    { glob: `${name}/*/SKILL.md`, kind: 'skill', read: readDefinition },
    { glob: `${name}/**`, kind: 'skill' },
  ]),
]

export const opencodePlaces: AgentPlaces = {
  repository: [
    { glob: '**/AGENTS.md', kind: 'instructions' },
    { glob: 'AGENTS.md', kind: 'instructions' },
    { glob: 'opencode.json', ...settings },
    { glob: 'opencode.jsonc', ...settings },
    { glob: '.opencode/opencode.json', ...settings },
    { glob: '.opencode/opencode.jsonc', ...settings },
    ...files.map((place) => ({ ...place, glob: `.opencode/${place.glob}` })),
  ],
  user: ({ home, environment }) => [
    {
      folder: `${environment['XDG_CONFIG_HOME'] || `${home}/.config`}/opencode`,
      places: [
        { glob: 'AGENTS.md', kind: 'instructions' },
        { glob: 'opencode.json', ...settings },
        { glob: 'opencode.jsonc', ...settings },
        { glob: 'config.json', ...settings },
        ...files,
      ],
    },
  ],
  managed: [
    {
      folder: '/etc/opencode',
      places: [
        { glob: 'opencode.json', ...settings },
        { glob: 'opencode.jsonc', ...settings },
      ],
    },
  ],
}

function readSettings(text: string): Facts | null {
  const document = readJson(text)
  if (document === null) return null
  const { value } = document
  const providers = Object.keys(objectIn(value, 'provider') ?? {})
  const subagents = Object.keys(objectIn(value, 'agent') ?? {})
  return factsOf({
    mcpServers: readMcpServers(document, ['mcp']),
    permissions: [
      ...readEffects(document, ['permission']),
      ...subagents.flatMap((name) => readEffects(document, ['agent', name, 'permission'])),
    ],
    settings: [
      ...word(document, 'model', ['model']),
      ...word(document, 'model', ['small_model']),
      ...subagents.flatMap((name) => word(document, 'model', ['agent', name, 'model'])),
      ...providers.flatMap((name) => address(document, ['provider', name, 'options', 'baseURL'])),
      ...names(document, 'plugin', ['plugin']),
      ...(textIn(value, 'share') === 'auto' ? word(document, 'auto-approval', ['share']) : []),
    ],
  })
}

const effects = ['allow', 'ask', 'deny'] as const

/** One effect for everything, for a tool, or for patterns of a tool. */
function readEffects(document: SettingsDocument, keys: readonly string[]): Facts['permissions'] {
  const given = valueAt(document.value, keys)
  const effect = effects.find((one) => one === given)
  if (effect !== undefined) {
    const [tool, ...patterns] = keys.slice(keys.lastIndexOf('permission') + 1)
    const pattern = patterns.join('.')
    const rule = tool === undefined ? '*' : pattern === '' ? tool : `${tool}(${pattern})`
    return [{ effect, rule, line: document.lineOf(keys) }]
  }
  const depth = keys.length - keys.lastIndexOf('permission')
  if (typeof given !== 'object' || given === null || Array.isArray(given) || depth > 2) return []
  return Object.keys(given).flatMap((key) => readEffects(document, [...keys, key]))
}

/** Where Claude Code keeps what it is told and allowed; a repository's settings can run programs and redirect requests. */
import { readJson, type SettingsDocument } from '../../configuration/document.ts'
import { type Facts, factsOf, joinFacts } from '../../configuration/facts.ts'
import type { AgentPlaces, ConfigurationPlace } from '../../configuration/places.ts'
import { readServersFile } from '../../configuration/read-documents.ts'
import { readDefinition, readInstructions } from '../../configuration/read-instructions.ts'
import {
  names,
  program,
  readEnvironment,
  readHookGroups,
  readMcpServers,
  readPermissions,
  word,
} from '../../configuration/read-settings.ts'

const settings: Pick<ConfigurationPlace, 'kind' | 'read'> = { kind: 'settings', read: readSettings }
const definitions = (below: string): readonly ConfigurationPlace[] => [
  { glob: `${below}rules/**`, kind: 'rule' },
  { glob: `${below}skills/*/SKILL.md`, kind: 'skill', read: readDefinition },
  { glob: `${below}skills/**`, kind: 'skill' },
  { glob: `${below}agents/**/*.md`, kind: 'subagent', read: readDefinition },
  { glob: `${below}commands/**/*.md`, kind: 'command', read: readDefinition },
  { glob: `${below}commands/**`, kind: 'command' },
  { glob: `${below}hooks/**`, kind: 'hook' },
  { glob: `${below}output-styles/**`, kind: 'rule' },
  { glob: `${below}workflows/**`, kind: 'command' },
]

export const claudeCodePlaces: AgentPlaces = {
  repository: [
    { glob: '**/CLAUDE.md', kind: 'instructions', read: readInstructions },
    { glob: 'CLAUDE.md', kind: 'instructions', read: readInstructions },
    { glob: 'CLAUDE.local.md', kind: 'instructions', read: readInstructions },
    { glob: '.claude/CLAUDE.md', kind: 'instructions', read: readInstructions },
    { glob: '.claude/settings.json', ...settings },
    { glob: '.claude/settings.local.json', ...settings },
    { glob: '.mcp.json', kind: 'mcp', read: readServersFile },
    ...definitions('.claude/'),
    { glob: '.claude-plugin/*.json', kind: 'plugin' },
  ],
  user: ({ home, environment }) => [
    {
      folder: environment['CLAUDE_CONFIG_DIR'] || `${home}/.claude`,
      places: [
        { glob: 'CLAUDE.md', kind: 'instructions' },
        { glob: 'settings.json', ...settings },
        ...definitions(''),
        { glob: 'plugins/installed_plugins.json', kind: 'plugin' },
      ],
    },
    {
      folder: environment['CLAUDE_CONFIG_DIR'] || home,
      places: [{ glob: '.claude.json', kind: 'mcp', read: readState, holdsState: true }],
    },
  ],
  managed: ['/etc/claude-code', '/Library/Application Support/ClaudeCode'].map((folder) => ({
    folder,
    places: [
      { glob: 'managed-settings.json', ...settings },
      { glob: 'managed-settings.d/*.json', ...settings },
      { glob: 'managed-mcp.json', kind: 'mcp', read: readServersFile },
      { glob: 'CLAUDE.md', kind: 'instructions' },
    ],
  })),
}

function readSettings(text: string): Facts | null {
  const document = readJson(text)
  if (document === null) return null
  return factsOf({
    permissions: readPermissions(document),
    hooks: readHookGroups(document),
    mcpServers: readMcpServers(document, ['mcpServers']),
    settings: [
      ...word(document, 'permission-mode', ['permissions', 'defaultMode']),
      ...word(document, 'sandbox', ['sandbox', 'enabled']),
      ...word(document, 'auto-approval', ['sandbox', 'autoAllowBashIfSandboxed']),
      ...word(document, 'auto-approval', ['enableAllProjectMcpServers']),
      ...word(document, 'auto-approval', ['skipDangerousModePermissionPrompt']),
      ...word(document, 'model', ['model']),
      ...programs(document),
      ...readEnvironment(document, ['env']),
      ...names(document, 'plugin', ['enabledPlugins']),
      ...names(document, 'plugin', ['extraKnownMarketplaces']),
    ],
  })
}

function programs(document: SettingsDocument): Facts['settings'] {
  const helpers = ['apiKeyHelper', 'awsAuthRefresh', 'awsCredentialExport', 'gcpAuthRefresh', 'otelHeadersHelper']
  return [
    ...helpers.flatMap((key) => program(document, [key])),
    ...program(document, ['statusLine', 'command']),
    ...program(document, ['fileSuggestion', 'command']),
  ]
}

/** Beside histories and tokens it holds the servers of the person, and those that the person added for one folder. */
function readState(text: string, { root }: { readonly root: string }): Facts | null {
  const document = readJson(text)
  if (document === null) return null
  return joinFacts([
    factsOf({ mcpServers: readMcpServers(document, ['mcpServers']) }),
    factsOf({ mcpServers: readMcpServers(document, ['projects', root, 'mcpServers']) }),
  ])
}

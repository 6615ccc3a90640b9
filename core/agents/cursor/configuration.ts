/** Where Cursor keeps what it is told and allowed. */

import { readJson } from '../../configuration/document.ts'
import { type Facts, factsOf } from '../../configuration/facts.ts'
import type { AgentPlaces, ConfigurationPlace } from '../../configuration/places.ts'
import { readHookListsFile, readServersFile } from '../../configuration/read-documents.ts'
import { readDefinition } from '../../configuration/read-instructions.ts'
import { program, readPermissions, word } from '../../configuration/read-settings.ts'
import { asObject, listIn } from '../json-value.ts'

const files: readonly ConfigurationPlace[] = [
  { glob: 'hooks.json', kind: 'hook', read: readHookListsFile },
  { glob: 'mcp.json', kind: 'mcp', read: readServersFile },
  { glob: 'rules/**/*.mdc', kind: 'rule' },
  { glob: 'commands/**/*.md', kind: 'command', read: readDefinition },
  { glob: 'agents/**/*.md', kind: 'subagent', read: readDefinition },
  { glob: 'skills/*/SKILL.md', kind: 'skill', read: readDefinition },
  { glob: 'skills/**', kind: 'skill' },
]

export const cursorPlaces: AgentPlaces = {
  repository: [
    { glob: '**/AGENTS.md', kind: 'instructions' },
    { glob: 'AGENTS.md', kind: 'instructions' },
    { glob: '.cursorrules', kind: 'instructions' },
    { glob: '.cursorignore', kind: 'settings' },
    { glob: '.cursor/cli.json', kind: 'settings', read: readSettings },
    { glob: '.cursor/permissions.json', kind: 'settings', read: readSettings },
    { glob: '.cursor/environment.json', kind: 'settings', read: readEnvironmentFile },
    ...files.map((place) => ({ ...place, glob: `.cursor/${place.glob}` })),
  ],
  user: ({ home }) => [
    {
      folder: `${home}/.cursor`,
      places: [{ glob: 'cli-config.json', kind: 'settings', read: readSettings, holdsState: true }, ...files],
    },
  ],
  managed: ['/etc/cursor', '/Library/Application Support/Cursor'].map((folder) => ({
    folder,
    places: [{ glob: 'hooks.json', kind: 'hook', read: readHookListsFile }],
  })),
}

function readSettings(text: string): Facts | null {
  const document = readJson(text)
  if (document === null) return null
  return factsOf({
    permissions: readPermissions(document),
    settings: [
      ...word(document, 'permission-mode', ['approvalMode']),
      ...word(document, 'sandbox', ['sandbox', 'mode']),
      ...word(document, 'model', ['model', 'modelId']),
      ...word(document, 'model', ['model']),
    ],
  })
}

/** What runs when a background agent's machine is prepared. */
function readEnvironmentFile(text: string): Facts | null {
  const document = readJson(text)
  if (document === null) return null
  const terminals = listIn(document.value, 'terminals').filter((one) => asObject(one) !== null)
  return factsOf({
    settings: [
      ...program(document, ['install']),
      ...program(document, ['start']),
      ...terminals.flatMap((_, at) => program(document, ['terminals', at, 'command'])),
    ],
  })
}

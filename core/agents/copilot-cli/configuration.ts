/** Where Copilot CLI keeps what it is told and allowed; it reads files of Claude Code and Gemini CLI too. */

import { readJson } from '../../configuration/document.ts'
import { type Facts, factsOf } from '../../configuration/facts.ts'
import type { AgentPlaces, ConfigurationPlace } from '../../configuration/places.ts'
import { readHookGroupsFile, readHookListsFile, readServersFile } from '../../configuration/read-documents.ts'
import { readDefinition, readInstructions } from '../../configuration/read-instructions.ts'
import { readRules, word } from '../../configuration/read-settings.ts'
import { listIn } from '../json-value.ts'

const files: readonly ConfigurationPlace[] = [
  { glob: 'agents/**/*.md', kind: 'subagent', read: readDefinition },
  { glob: 'skills/*/SKILL.md', kind: 'skill', read: readDefinition },
  { glob: 'skills/**', kind: 'skill' },
  { glob: 'hooks/*.json', kind: 'hook', read: readHookListsFile },
]

export const copilotCliPlaces: AgentPlaces = {
  repository: [
    { glob: '**/AGENTS.md', kind: 'instructions' },
    { glob: 'AGENTS.md', kind: 'instructions' },
    { glob: 'CLAUDE.md', kind: 'instructions', read: readInstructions },
    { glob: 'GEMINI.md', kind: 'instructions', read: readInstructions },
    { glob: '.github/copilot-instructions.md', kind: 'instructions' },
    { glob: '.github/instructions/**/*.instructions.md', kind: 'rule' },
    { glob: '.github/prompts/**/*.md', kind: 'command', read: readDefinition },
    ...files.map((place) => ({ ...place, glob: `.github/${place.glob}` })),
    { glob: '.github/mcp.json', kind: 'mcp', read: readServersFile },
    { glob: '.mcp.json', kind: 'mcp', read: readServersFile },
    { glob: '.claude/settings.json', kind: 'hook', read: readHookGroupsFile },
  ],
  user: ({ home, environment }) => [
    {
      folder: environment['COPILOT_HOME'] || `${home}/.copilot`,
      places: [
        // Copilot keeps who is signed in and which folders are trusted in the same file.
        { glob: 'config.json', kind: 'settings', read: readSettings, holdsState: true },
        { glob: 'settings.json', kind: 'settings', read: readSettings },
        { glob: 'mcp-config.json', kind: 'mcp', read: readServersFile },
        ...files,
      ],
    },
  ],
  managed: [],
}

function readSettings(text: string): Facts | null {
  const document = readJson(text)
  if (document === null) return null
  const { value } = document
  return factsOf({
    permissions: [
      ...readRules(document, ['allowed_tools'], { list: listIn(value, 'allowed_tools'), effect: 'allow' }),
      ...readRules(document, ['denied_tools'], { list: listIn(value, 'denied_tools'), effect: 'deny' }),
    ],
    settings: [...word(document, 'model', ['model']), ...word(document, 'auto-approval', ['allow_all_tools'])],
  })
}

/** `stemma blame`: for each line of a file, whether an agent or a person wrote it, as far as it was seen. */
import { z } from 'zod'
import type { LineClass } from '#core/attribution/attribution.ts'
import { type Blamed, blameFile } from '../attribution/blame.ts'
import { plain, type Terminal } from '../io/terminal.ts'
import { openWorkspace } from '../workspace.ts'
import { defineCommand } from './command.ts'

export const blame = defineCommand({
  name: 'blame',
  summary: 'show who wrote each line of a file: which agent, or a person',
  arguments: [{ name: 'file', description: 'a file of the repository', required: true }],
  options: [{ flags: '--revision <commit>', description: 'as it is in this commit (default HEAD)' }],
  examples: [
    { command: 'stemma blame src/parser.ts', effect: 'each line with class, session and commit' },
    { command: 'stemma blame src/parser.ts --json', effect: 'the same for editors and other programs' },
  ],
  parameters: z.object({ file: z.string().min(1), revision: z.string().min(1).default('HEAD') }),
  run: async ({ file, revision }, context) => {
    const workspace = await openWorkspace(context)
    const blamed = await blameFile({ file, revision }, workspace, context)
    const { terminal, json } = context
    if (json)
      terminal.print(JSON.stringify({ file: blamed.file, revision: blamed.revision, lines: blamed.lines }, null, 2))
    else show(blamed, terminal)
    return 0
  },
})

/** The colour of each class, which the word beside it says too. */
export function inColour(name: LineClass, text: string, { colours }: Terminal): string {
  if (name === 'ai') return colours.magenta(text)
  if (name === 'human') return colours.green(text)
  return name === 'mixed' ? colours.yellow(text) : colours.dim(text)
}

/** Of a session's id so much that it can be told from others. */
const SESSION_WIDTH = 20

function show({ lines, texts }: Blamed, terminal: Terminal): void {
  if (lines.length === 0) {
    terminal.say('the file has no lines')
    return
  }
  const width = String(lines.length).length
  for (const { line, class: name, session, commit } of lines) {
    const who = plain(session ?? '').slice(0, SESSION_WIDTH)
    const head = `${name.padEnd(7)} ${who.padEnd(SESSION_WIDTH)} ${commit.slice(0, 8)} ${String(line).padStart(width)}`
    terminal.print(
      `${inColour(name, head, terminal)}  ${(texts[line - 1] ?? '').split('\t').map(plainKeepingSpaces).join('\t')}`,
    )
  }
  const unknown = lines.filter((line) => line.class === 'unknown').length
  if (unknown === lines.length) terminal.say('nothing of this file was observed: `stemma stats` says why')
}

function plainKeepingSpaces(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not reach the terminal.
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, '')
}

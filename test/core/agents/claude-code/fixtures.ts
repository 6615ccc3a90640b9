/** The fixture folder, read the way a loader reads Claude Code's folder of transcripts. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ParseContext, TranscriptFile } from '#core/agents/agent.ts'
import { claudeCode } from '#core/agents/claude-code/index.ts'
import type { EventOf } from '#core/session/event.ts'
import type { Session } from '#core/session/session.ts'

const folder = join(import.meta.dirname, '../../../fixtures/agents/claude-code')

export const fixturePaths: readonly string[] = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))

export const context: ParseContext = {
  roots: ['/home/ada/shop'],
  home: '/home/ada',
  capture: 'swept',
  countedMessages: new Set(),
}

export function fixtureFiles(session: string): readonly TranscriptFile[] {
  const paths = claudeCode.groupTranscripts(fixturePaths).get(session) ?? []
  return paths.map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }))
}

export function parsed(session: string, changes: Partial<ParseContext> = {}): Session {
  const result = claudeCode.parse(fixtureFiles(session), { ...context, ...changes })
  if (result === null) throw new Error(`fixture ${session} gives no session`)
  return result
}

export function parsedText(text: string): Session | null {
  return claudeCode.parse([{ path: 'made.jsonl', text }], context)
}

export function resultsOf({ events }: Pick<Session, 'events'>): readonly EventOf<'toolResult'>[] {
  return events.filter((event) => event.kind === 'toolResult')
}

export { told } from '../told.ts'

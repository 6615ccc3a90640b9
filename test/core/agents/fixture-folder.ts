/** An agent's fixtures, read the way a loader reads its folder of transcripts. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Agent, ParseContext, TranscriptFile } from '#core/agents/agent.ts'
import { Event } from '#core/session/event.ts'
import { type Session, SessionHeader } from '#core/session/session.ts'
import { readSession, writeSession } from '#core/session/session-text.ts'

export const context: ParseContext = {
  roots: ['/home/ada/shop'],
  home: '/home/ada',
  capture: 'swept',
  countedMessages: new Set(),
}

export interface FixtureFolder {
  readonly paths: readonly string[]
  readonly sessions: readonly string[]
  readonly files: (session: string) => readonly TranscriptFile[]
  readonly parsed: (session: string, changes?: Partial<ParseContext>) => Session
}

export function fixtureFolder(agent: Agent): FixtureFolder {
  const folder = join(import.meta.dirname, '../../fixtures/agents', agent.id)
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
  const groups = agent.groupTranscripts(paths)
  const files = (session: string): readonly TranscriptFile[] =>
    (groups.get(session) ?? []).map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }))
  return {
    paths,
    sessions: [...groups.keys()],
    files,
    parsed: (session, changes = {}) => {
      const result = agent.parse(files(session), { ...context, ...changes })
      if (result === null) throw new Error(`fixture ${session} gives no session`)
      return result
    },
  }
}

/** What every session must be, whatever it was read from. */
export function expectWellFormed(session: Session | null): void {
  if (session === null) return
  const { events, ...header } = session
  expect(SessionHeader.safeParse(header).error).toBeUndefined()
  for (const event of events) expect(Event.safeParse(event).error).toBeUndefined()
  expect(new Set(events.map((event) => event.id)).size).toBe(events.length)
  expect(readSession(writeSession(session))).toEqual(session)
}

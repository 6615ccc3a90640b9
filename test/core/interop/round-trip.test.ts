import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CommitAttribution, type LineRange, noLines } from '#core/attribution/attribution.ts'
import { readTraceRecord, writeTraceRecord } from '#core/interop/agent-trace.ts'
import { readGitAiNote } from '#core/interop/git-ai-read.ts'
import { writeGitAiNote } from '#core/interop/git-ai-write.ts'
import type { ImportedRecord } from '#core/interop/imported.ts'

const schema = readFileSync(join(import.meta.dirname, '../../fixtures/interop/agent-trace-record.schema.json'), 'utf8')
const ajv = new Ajv2020({ allErrors: true })
addFormats.default(ajv)
const isTraceRecord = ajv.compile(JSON.parse(schema))

const sessions = ['claude-code:9c1e4f2a-7d31-4b52-9a33-0c5f2b7e6d11', 'codex:019a7b3c', 'gemini-cli:é ü/%', 'x:y:z']
const range = fc.record({
  length: fc.integer({ min: 1, max: 9 }),
  gap: fc.integer({ min: 0, max: 3 }),
  class: fc.constantFrom('ai', 'human', 'mixed', 'unknown') as fc.Arbitrary<LineRange['class']>,
  session: fc.constantFrom(...sessions),
  model: fc.constantFrom('claude-sonnet-4-5', 'gpt-5.5', 'own/model', null),
  confidence: fc.constantFrom('both', 'snapshot', 'transcript') as fc.Arbitrary<LineRange['confidence']>,
})
const ranges = fc.array(range, { maxLength: 12 }).map((list) => {
  let line = 0
  return list.map(({ length, gap, class: kind, session, model, confidence }): LineRange => {
    const start = line + gap + 1
    line = start + length - 1
    const isAgents = kind === 'ai' || kind === 'mixed'
    return {
      start,
      end: line,
      class: kind,
      session: isAgents ? session : null,
      model: isAgents ? model : null,
      confidence: kind === 'unknown' ? 'none' : confidence,
    }
  })
})
const path = fc.oneof(
  fc.constantFrom(
    'src/app.ts',
    'with space.md',
    ' leading',
    'new\nline',
    'quo"te',
    '---',
    'ünï/cödé',
    '__proto__',
    '  a 1-2',
  ),
  fc.string({ minLength: 1, maxLength: 12 }).filter((text) => text.isWellFormed()),
)
const attribution = fc.uniqueArray(fc.record({ path, ranges }), { maxLength: 5, selector: (file) => file.path }).map(
  (files): CommitAttribution => ({
    commit: 'a'.repeat(40),
    parents: [],
    authoredAt: '2026-11-22T09:20:00.000Z',
    subject: 'Parse',
    patchId: null,
    files: files.map((file) => ({ ...file, status: 'modified', binary: false, added: noLines, removed: noLines })),
    added: noLines,
    removed: noLines,
    sessions: [],
  }),
)

/** `path:line` -> class and session, of every line that is named. */
function byLine(files: readonly { path: string; ranges: readonly object[] }[]): Map<string, string> {
  const lines = new Map<string, string>()
  for (const file of files) {
    for (const one of file.ranges as {
      start: number
      end: number
      class?: string
      claim?: string
      session: string | null
    }[])
      for (let line = one.start; line <= one.end; line++) {
        const key = JSON.stringify([file.path, line])
        expect(lines.has(key), `${key} twice`).toBe(false)
        lines.set(key, `${one.claim ?? one.class} ${one.session}`)
      }
  }
  return lines
}

const sorted = (lines: Map<string, string>) => [...lines].sort()

async function expectSame(given: CommitAttribution, record: ImportedRecord): Promise<void> {
  expect(sorted(byLine(record.files))).toEqual(sorted(byLine(given.files)))
  expect(record).toMatchObject({ commit: given.commit, signedBy: null, warnings: [] })
}

describe('an attribution that goes out and comes back', () => {
  it('as Agent Trace is valid by the published schema, and keeps class and session of every line', async () => {
    await fc.assert(
      fc.asyncProperty(attribution, async (given) => {
        const record = await writeTraceRecord(given, { version: '0.1.0' })
        expect(isTraceRecord(record), JSON.stringify(isTraceRecord.errors)).toBe(true)
        await expectSame(given, readTraceRecord(JSON.parse(JSON.stringify(record))))
      }),
      { numRuns: 200 },
    )
  })

  it('as a git-ai note is of its form, and keeps class and session of every line', async () => {
    await fc.assert(
      fc.asyncProperty(attribution, async (given) => {
        const note = await writeGitAiNote(given)
        expectForm(note)
        await expectSame(given, readGitAiNote(note, null))
      }),
      { numRuns: 200 },
    )
  })

  it('is the same each time', async () => {
    const [given] = fc.sample(attribution, { numRuns: 1, seed: 7 })
    if (given === undefined) throw new TypeError('no sample')
    expect(await writeTraceRecord(given, { version: '1' })).toEqual(await writeTraceRecord(given, { version: '1' }))
    expect(await writeGitAiNote(given)).toBe(await writeGitAiNote(given))
  })
})

/** Sections 1.2.3 and 1.2.4 of the Git AI Standard v3.0.0. */
function expectForm(note: string): void {
  const divider = note.startsWith('---\n') ? 0 : note.indexOf('\n---\n') + 1
  const metadata = JSON.parse(note.slice(divider + 4))
  expect(metadata).toMatchObject({ schema_version: 'authorship/3.0.0', base_commit_sha: 'a'.repeat(40) })
  let hasEntry = true
  for (const line of note.slice(0, divider).split('\n').slice(0, -1)) {
    const [, key, list] =
      /^ {2}([0-9a-f]{16}|h_[0-9a-f]{14}) ([1-9]\d*(?:-[1-9]\d*)?(?:,[1-9]\d*(?:-[1-9]\d*)?)*)$/.exec(line) ?? []
    if (key === undefined || list === undefined) {
      expect(line).toMatch(/^\S/)
      expect(hasEntry, 'a file without entries').toBe(true)
      hasEntry = false
      continue
    }
    hasEntry = true
    expect(Object.keys(key.startsWith('h_') ? metadata.humans : metadata.prompts)).toContain(key)
    const bounds = list.split(/[,-]/).map(Number)
    expect(bounds).toEqual(bounds.toSorted((left, right) => left - right))
  }
  expect(hasEntry).toBe(true)
  for (const prompt of Object.values(metadata.prompts)) {
    expect(prompt).toMatchObject({
      agent_id: { tool: expect.any(String), id: expect.any(String), model: expect.any(String) },
      messages: expect.any(Array),
      total_additions: expect.any(Number),
      total_deletions: expect.any(Number),
      accepted_lines: expect.any(Number),
      overridden_lines: expect.any(Number),
    })
  }
}

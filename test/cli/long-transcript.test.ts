import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hookStreams } from '#cli/io/hook-streams.ts'
import { readLongTranscript } from '#cli/io/long-transcript.ts'
import { parseRecord } from '#cli/io/spool-record.ts'
import { type SummaryRequest, summariseSessions, unreadableSessions } from '#cli/io/summaries.ts'
import { sweep } from '#cli/io/transcripts.ts'
import { writeTranscript } from './transcript.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stemma-long-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const write = (name: string, text: string): string => {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return path
}

describe('a transcript that is too long', () => {
  const record = (number: number, text = 'x'.repeat(900)): string => JSON.stringify({ number, text })

  it('keeps its beginning and its end, whole lines, and counts what is between', async () => {
    const lines = Array.from({ length: 5_000 }, (_, number) => record(number))
    const path = write('a.jsonl', `${lines.join('\n')}\n`)
    const { text, omitted } = await readLongTranscript(path, 400_000)
    const numbers = text
      .trimEnd()
      .split('\n')
      .map((line) => Number(JSON.parse(line).number))
    expect(numbers[0]).toBe(0)
    expect(numbers.at(-1)).toBe(4_999)
    expect(numbers.length + omitted.lines).toBe(5_000)
    expect(numbers.filter((number, at) => at > 0 && number !== (numbers[at - 1] ?? 0) + 1)).toHaveLength(1)
    expect(text.length).toBeLessThanOrEqual(400_000)
    expect(omitted.bytes).toBe(lines.join('').length - text.replaceAll('\n', '').length)
  })

  it('shortens long texts, leaves out lines that are longer than any answer, and keeps the rest', async () => {
    const long = record(1, '→'.repeat(100_000))
    const path = write('b.jsonl', [record(0), long, 'y'.repeat(5_000_000), '', '{"cut', record(2)].join('\n'))
    const { text, omitted } = await readLongTranscript(path, 1_000_000)
    const [first, second = '', third, last] = text.trimEnd().split('\n')
    expect([first, third, last]).toEqual([record(0), '{"cut', record(2)])
    expect(JSON.parse(second).text).toMatch(/^→{32768}\n… 34464 characters left out …\n→{32768}$/)
    expect(omitted).toEqual({ lines: 1, bytes: 5_000_000 })
  })

  it('is evidence that says what is missing; beside it, names with newlines and quotes are read as ever', async () => {
    const root = join(folder, 'it\'s "a"\nshop')
    const home = join(folder, 'home')
    const usage = { input: 1, cacheRead: 0, cacheWrite: 0, output: 1 }
    const told = (id: string, say: string) => ({
      id,
      prompt: 'Do it',
      startedAt: '2026-11-20T10:00:00Z',
      turns: Array.from({ length: say.length > 10 ? 1_500 : 1 }, (_, at) => ({ messageId: `${id}-${at}`, say, usage })),
    })
    writeTranscript(home, root, told('long', 'x'.repeat(20_000)))
    writeTranscript(home, root, told('short', 'Done.'))
    const request: SummaryRequest = { roots: [root], home, cacheFolder: join(folder, 'cache') }
    const found = await sweep({
      roots: [root],
      workingDirectory: root,
      home,
      environment: {},
      notes: [],
      stateDirectory: null,
      streams: new Map(),
    })
    const summaries = await summariseSessions(found, request)
    expect(summaries.map(({ header }) => [header.id, header.warnings])).toEqual([
      [
        'claude-code:long',
        [
          expect.stringMatching(
            /^The transcript is too long: \d+ records \(\d+ MB\) .*; at most 20 MB of one session are read\.$/,
          ),
        ],
      ],
      ['claude-code:short', []],
    ])
    expect(summaries[0]?.header.prompts).toBe(1)
    // As much of it is kept as of one that is just short enough to be read whole.
    expect(summaries[0]?.header.usage?.output).toBeGreaterThan(950)
    expect(summaries[0]?.usage.at(-1)?.messageId).toContain('-1499')
  })
})

describe('what is lost before anything can be read', () => {
  it('is named where a transcript is one record beyond every limit', async () => {
    const home = join(folder, 'home')
    const request: SummaryRequest = { roots: ['/projects/shop'], home, cacheFolder: join(folder, 'cache') }
    write('home/.claude/projects/-projects-shop/huge.jsonl', `{"type":"user","text":"${'x'.repeat(64_000_000)}"}`)
    write('home/.claude/projects/-projects-shop/empty.jsonl', '')
    const found = await sweep({
      roots: request.roots,
      workingDirectory: '/projects/shop',
      home,
      environment: {},
      notes: [],
      stateDirectory: null,
      streams: new Map(),
    })
    expect(await summariseSessions(found, request)).toEqual([])
    expect((await unreadableSessions(found, request)).map(({ id }) => id)).toEqual(['claude-code:huge'])
  })

  it('is said in the evidence of a session whose hook told too much at once', async () => {
    const home = join(folder, 'home')
    const request: SummaryRequest = { roots: ['/projects/shop'], home, cacheFolder: join(folder, 'cache') }
    const facts = { conversation_id: 'c1', cursor_version: '3.5', hook_event_name: 'postToolUse', tool_name: 'Write' }
    const start = JSON.stringify({ ...facts, tool_use_id: 't1', workspace_roots: ['/projects/shop'] }).slice(0, -1)
    const record = (payload: string) =>
      `stemma-spool/1\nat 1790000000000000000\nagent cursor\nfolder /projects/shop\n\n${payload}`
    const records = [
      record(`${start},"tool_input":{"contents":"${'x'.repeat(17_000_000)}`),
      record(JSON.stringify({ ...facts, hook_event_name: 'beforeSubmitPrompt', prompt: 'Do it' })),
    ].map((text, at) => parseRecord(`179000000000000000${at}-1`, text))
    expect(records.map((one) => one?.isCut)).toEqual([true, undefined])
    const streams = hookStreams(records.filter((one) => one !== null))
    const found = await sweep({
      roots: request.roots,
      workingDirectory: '/projects/shop',
      home,
      environment: {},
      notes: [],
      stateDirectory: null,
      streams,
    })
    const [summary] = await summariseSessions(found, request)
    expect(summary?.header.warnings).toContainEqual(
      '1 call of a hook told more than 16 MB: their texts are left out and counted nowhere.',
    )
  })
})

describe('sessions of Codex in other repositories', () => {
  const ids = ['0199a213-81c0-7800-8aa1-bbab2a035a53', '0199a213-81c0-7800-8aa1-bbab2a035a54']
  const line = (type: string, payload: object) =>
    `${JSON.stringify({ timestamp: '2026-11-20T10:00:00.000Z', type, payload })}\n`

  it('are read no further than the record that says where they began', async () => {
    const home = join(folder, 'home')
    const request: SummaryRequest = { roots: ['/projects/shop'], home, cacheFolder: join(folder, 'cache') }
    const cwds = ['/projects/shop/api', '/projects/other']
    for (const [at, id] of ids.entries()) {
      const meta = line('session_meta', { id, cwd: cwds[at], base_instructions: { text: 'x'.repeat(100_000) } })
      // Read whole, the second one would be ours: its later record names our folder.
      const turn = line('turn_context', { cwd: '/projects/shop', model: 'gpt-5' })
      write(`home/.codex/sessions/2026/11/20/rollout-2026-11-20T10-00-00-${id}.jsonl`, meta + turn)
    }
    const sweepRequest = {
      roots: request.roots,
      workingDirectory: '/projects/shop',
      home,
      environment: {},
      notes: [],
      stateDirectory: null,
      streams: new Map(),
    }
    const summaries = await summariseSessions(await sweep(sweepRequest), request)
    expect(summaries.map(({ header }) => header.id)).toEqual([`codex:${ids[0]}`])
    // What a hook of this repository saw is read whole, wherever it began.
    const note = {
      agent: 'codex',
      session: `codex:${ids[1]}`,
      event: 'sessionStart',
      callId: null,
      category: null,
    } as const
    const notes = [{ ...note, paths: [], transcriptPath: null, workingDirectory: null, model: null }]
    const seen = await summariseSessions(await sweep({ ...sweepRequest, notes }), request)
    expect(seen.map(({ header }) => header.id).sort()).toEqual(ids.map((id) => `codex:${id}`))
  })
})

import { cpSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMachine, type Machine } from './machine.ts'
import { writeTranscript } from './transcript.ts'

let machine: Machine
beforeEach(() => {
  machine = createMachine()
})
afterEach(() => machine.remove())

const usage = { input: 10, cacheRead: 1_000, cacheWrite: 200, output: 50 }

function twoSessions() {
  writeTranscript(machine.home, machine.root, {
    id: 'first',
    prompt: 'Add a basket',
    startedAt: '2026-11-02T23:59:58.000Z',
    turns: [
      { messageId: 'm1', write: { path: 'basket.ts', content: 'export {}\n' }, usage, blocks: 3 },
      { messageId: 'm2', say: 'Done.', usage },
    ],
  })
  writeTranscript(machine.home, machine.root, {
    id: 'second',
    prompt: 'Go on',
    startedAt: '2026-11-05T10:00:00.000Z',
    model: 'model-nobody-prices',
    turns: [{ messageId: 'm3', say: 'Yes.', usage }],
  })
}

describe('stemma usage', () => {
  it('counts each answer of a model once, by the UTC day, before anything is set up', async () => {
    twoSessions()
    const result = await machine.json(['usage'])
    expect(result['rows']).toMatchObject([
      // Of three text blocks and one call with the same message id, the first falls on the 2nd, and one answer is one.
      { key: '2026-11-02', sessions: 1, requests: 1, tokens: 1_260 },
      { key: '2026-11-03', sessions: 1, requests: 1, tokens: 1_260 },
      { key: '2026-11-05', sessions: 1, requests: 1, tokens: 1_260, cost: { microUsd: null } },
    ])
    expect(result['total']).toMatchObject({ requests: 3, sessions: 2, usage: { uncachedInput: 30, output: 150 } })
  })

  it('prices what it can, and says what it cannot', async () => {
    twoSessions()
    const result = await machine.json(['usage', '--by', 'model'])
    // Claude Sonnet 4.5: $3, $3.75, $0.30 and $15 a million: 2 × (10 × 3 + 200 × 3.75 + 1000 × 0.3 + 50 × 15) = 3660.
    expect(result['rows']).toMatchObject([
      { key: 'claude-sonnet-4-5-20250929', cost: { microUsd: 3_660 } },
      { key: 'model-nobody-prices', cost: { microUsd: null, unpricedModels: ['model-nobody-prices'] } },
    ])
    expect((await machine.stemma(['usage'])).stderr).toContain('no price known for model-nobody-prices')
  })

  it('counts a forked session only for what is its own', async () => {
    twoSessions()
    const folder = join(machine.home, '.claude/projects', machine.root.replace(/[^A-Za-z0-9]/g, '-'))
    const parent = readFileSync(join(folder, 'first.jsonl'), 'utf8').replaceAll(
      '"sessionId":"first"',
      '"sessionId":"fork"',
    )
    writeTranscript(machine.home, machine.root, {
      id: 'fork',
      prompt: 'Another way',
      startedAt: '2026-11-04T10:00:00.000Z',
      turns: [{ messageId: 'm9', say: 'Fine.', usage }],
    })
    writeFileSync(join(folder, 'fork.jsonl'), parent + readFileSync(join(folder, 'fork.jsonl'), 'utf8'))
    // The older file is the parent's, be it by less than a millisecond.
    const second = 1_793_782_800
    utimesSync(join(folder, 'first.jsonl'), second, second + 0.0005)
    utimesSync(join(folder, 'fork.jsonl'), second, second + 0.001)
    const result = await machine.json(['usage'])
    expect(result['total']).toMatchObject({ requests: 4 })
    const { sessions } = await machine.json(['sessions'])
    expect(sessions).toContainEqual(
      expect.objectContaining({ id: 'claude-code:fork', forkedFrom: 'claude-code:first', prompts: 1 }),
    )
  })

  it('counts the same where Node lacks what came after version 20', async () => {
    twoSessions()
    const older = { NODE_OPTIONS: '--import data:text/javascript,delete(Map.groupBy)' }
    const there = await machine.json(['usage'], { environment: { ...older, XDG_CACHE_HOME: `${machine.home}/other` } })
    expect(there).toEqual(await machine.json(['usage']))
  })

  it('keeps to the period', async () => {
    twoSessions()
    const result = await machine.json(['usage', '--since', '2026-11-03', '--until', '2026-11-04'])
    expect(result['total']).toMatchObject({ requests: 1 })
    expect((await machine.stemma(['usage', '--since', 'yesterday'])).code).toBe(2)
  })

  it('gives the same numbers from what it kept, and new ones once a file has grown', async () => {
    twoSessions()
    const first = await machine.json(['usage'])
    expect(await machine.json(['usage'])).toEqual(first)
    writeTranscript(machine.home, machine.root, {
      id: 'second',
      prompt: 'Go on',
      startedAt: '2026-11-05T10:00:00.000Z',
      turns: [
        { messageId: 'm3', say: 'Yes.', usage },
        { messageId: 'm4', say: 'More.', usage },
      ],
    })
    expect((await machine.json(['usage']))['total']).toMatchObject({ requests: 4 })
  })

  it('leaves other repositories out, and lists them with --all', async () => {
    twoSessions()
    // Its folder's name begins like ours, yet the session ran elsewhere.
    writeTranscript(machine.home, `${machine.root}-other`, {
      id: 'elsewhere',
      prompt: 'Elsewhere',
      startedAt: '2026-11-06T10:00:00.000Z',
      turns: [{ messageId: 'm5', say: 'Yes.', usage }],
    })
    const below = join(machine.root, 'packages/web')
    mkdirSync(below, { recursive: true })
    writeTranscript(machine.home, below, {
      id: 'below',
      prompt: 'Here',
      startedAt: '2026-11-06T10:00:00.000Z',
      turns: [{ messageId: 'm6', say: 'Yes.', usage }],
    })
    expect((await machine.json(['usage']))['total']).toMatchObject({ requests: 4, sessions: 3 })
    const all = await machine.json(['usage', '--all', '--by', 'repository'], { cwd: machine.home })
    expect(all['rows']).toMatchObject([{ key: `${machine.root}-other` }, { key: 'acme/shop', sessions: 3 }])
    expect(all['total']).toMatchObject({ requests: 5 })
  })

  it('reads the agents’ real files, however damaged', async () => {
    const folder = join(machine.home, '.claude/projects', machine.root.replace(/[^A-Za-z0-9]/g, '-'))
    cpSync(join(import.meta.dirname, '../fixtures/agents/claude-code'), folder, { recursive: true })
    expect((await machine.stemma(['sessions', '--all'])).code).toBe(0)
  })
})

describe('stemma sessions', () => {
  it('shows nothing that a terminal could obey', async () => {
    twoSessions()
    writeTranscript(machine.home, machine.root, {
      id: 'hostile',
      prompt: 'x',
      startedAt: '2026-11-07T10:00:00.000Z',
      model: 'claude-\u001b[2J\u001b]0;owned\u0007\u202eevil',
      turns: [{ messageId: 'm7', say: 'Yes.', usage }],
    })
    const { stdout } = await machine.stemma(['sessions'])
    expect(stdout).toContain('hostile')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is searched for.
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
  })

  it('drops columns where the terminal is narrow, and says which', async () => {
    twoSessions()
    const narrow = await machine.stemma(['sessions'], { environment: { COLUMNS: '60' } })
    for (const line of narrow.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(60)
    expect(narrow.stderr).toContain('not shown for lack of room')
  })
})

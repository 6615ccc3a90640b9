import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMachine, type Machine } from './machine.ts'
import { writeTranscript } from './transcript.ts'

const basket = 'export function total(prices) {\n  return prices.reduce((sum, price) => sum + price, 0)\n}\n'

let machine: Machine
let early = ''
let written = ''
let typed = ''
let bot = ''

/** As git calls it, where `stemma` is on PATH. */
function commitSeen(files: Readonly<Record<string, string>>, message: string): string {
  const commit = machine.commit(files, message)
  execFileSync(join(import.meta.dirname, '../../cli/stemma'), ['hook', 'git', 'post-commit'], {
    cwd: machine.root,
    env: { PATH: process.env['PATH'] ?? '', HOME: machine.home },
  })
  return commit
}

async function json(words: readonly string[]): Promise<Record<string, unknown>> {
  const ran = await machine.stemma([...words, '--json'])
  expect(ran.code, ran.stderr).toBe(0)
  return JSON.parse(ran.stdout)
}

beforeAll(async () => {
  machine = createMachine()
  early = machine.commit({ 'old.md': 'from before\n' }, 'Begin')
  // Times of commits have whole seconds: what was made in the second of the set-up might be of either side.
  const second = Math.floor(Date.now() / 1_000)
  while (Math.floor(Date.now() / 1_000) === second) await new Promise((settle) => setTimeout(settle, 20))
  expect((await machine.stemma(['init', '--yes'])).code).toBe(0)
  commitSeen({}, 'Set up Stemma')
  writeTranscript(machine.home, machine.root, {
    id: 's1',
    prompt: 'Add a basket that sums prices.',
    startedAt: new Date(Date.now() - 60_000).toISOString(),
    turns: [
      {
        messageId: 's1-1',
        write: { path: 'basket.ts', content: basket },
        usage: { input: 1, cacheRead: 0, cacheWrite: 0, output: 5 },
      },
    ],
  })
  written = commitSeen({ 'basket.ts': basket }, 'Add a basket')
  typed = commitSeen({ 'notes.md': 'typed by hand\n' }, 'Write notes')
  bot = machine.commit({ 'bot.md': 'somewhere else\n' }, 'Elsewhere\n\nCo-authored-by: Claude <noreply@anthropic.com>')
}, 120_000)
afterAll(() => machine.remove())

describe('stemma blame', () => {
  it('prints exactly the agreed form', async () => {
    const line = {
      class: 'ai',
      session: 'claude-code:s1',
      agent: 'claude-code',
      confidence: 'transcript',
      commit: written,
    }
    const found = await json(['blame', 'basket.ts'])
    expect(Object.keys(found)).toEqual(['file', 'revision', 'lines'])
    expect(found).toMatchObject({
      file: 'basket.ts',
      revision: bot,
      lines: [1, 2, 3].map((number) => ({ line: number, ...line })),
    })
    const [first] = found['lines'] as readonly Record<string, unknown>[]
    expect(Object.keys(first ?? {})).toEqual(['line', 'class', 'session', 'agent', 'model', 'confidence', 'commit'])
    expect(await json(['blame', 'notes.md'])).toMatchObject({
      lines: [
        { line: 1, class: 'human', session: null, agent: null, model: null, confidence: 'snapshot', commit: typed },
      ],
    })
    expect(await json(['blame', 'old.md'])).toMatchObject({
      lines: [{ class: 'unknown', confidence: 'none', commit: early }],
    })
  })

  it('shows lines with their class in words, and strips what a terminal would obey', async () => {
    machine.commit({ 'evil.md': 'red \u001b[31m text\n' }, 'Colours')
    const shown = await machine.stemma(['blame', 'basket.ts'])
    expect(shown.stdout.split('\n')[0]).toMatch(/^ai +claude-code:s1 +[0-9a-f]{8} 1 {2}export function total/)
    const evil = await machine.stemma(['blame', 'evil.md'])
    expect(evil.stdout).not.toContain('\u001b[31m')
    expect(evil.stderr).toContain('nothing of this file was observed')
    machine.git('reset', '-q', '--hard', 'HEAD~1')
  })
})

describe('stemma stats', () => {
  it('prints exactly the agreed form, and lists what was not observed with what hints at AI', async () => {
    const found = await json(['stats'])
    expect(Object.keys(found)).toEqual(['range', 'commits', 'lines', 'removed', 'agents', 'models', 'sessions'])
    const { commits, lines } = found as {
      commits: { unobserved: { commit: string; reason: string }[] }
      lines: unknown
    }
    const reasons = new Map(commits.unobserved.map(({ commit, reason }) => [commit, reason]))
    expect(reasons.get(early)).toBe('made before the hooks were there')
    expect(reasons.get(bot)).toBe(
      'made without the hooks; hints at AI: trailer Co-authored-by: Claude <noreply@anthropic.com>',
    )
    expect(reasons.has(written)).toBe(false)
    expect(reasons.has(typed)).toBe(false)
    // A hint makes no class: the line stays unknown.
    expect(lines).toMatchObject({ ai: 3, mixed: 0 })
    expect(found['sessions']).toEqual({ 'claude-code:s1': { ai: 3, mixed: 0, commits: 1 } })
    expect(found['agents']).toEqual({ 'claude-code': { ai: 3, mixed: 0, commits: 1 } })
  })

  it('takes a range, counts it the same again, and says so where it is empty', async () => {
    const range = `${written}..${typed}`
    const first = await json(['stats', range])
    expect(first).toMatchObject({
      range,
      commits: { total: 1, observed: 1, unobserved: [] },
      lines: { human: 1, ai: 0 },
    })
    expect(await json(['stats', range])).toEqual(first)
    const empty = await machine.stemma(['stats', `${typed}..${typed}`])
    expect(empty.stderr).toContain('no commits in')
    const shown = await machine.stemma(['stats'])
    expect(shown.stdout).toMatch(/seen: \d+% of commits/)
  })

  it('does not count the commit at which a shallow clone is cut off', async () => {
    const clone = join(machine.root, '..', 'shallow')
    machine.git('clone', '-q', '--depth', '1', `file://${machine.root}`, clone)
    const ran = await machine.stemma(['stats', '--json', '--cwd', clone])
    const { lines, commits } = JSON.parse(ran.stdout)
    expect(lines).toEqual({ ai: 0, human: 0, mixed: 0, unknown: 0 })
    expect(commits.unobserved).toEqual([{ commit: bot, reason: expect.stringContaining('shallow clone') }])
  })
})

describe('stemma why', () => {
  it('tells session, prompt and edit of a line', async () => {
    const found = await json(['why', 'basket.ts:2'])
    expect(found).toMatchObject({
      session: 'claude-code:s1',
      commit: written,
      prompt: { text: 'Add a basket that sums prices.' },
      edit: { tool: 'Write' },
      findings: expect.any(Array),
    })
    const shown = await machine.stemma(['why', 'basket.ts:2'])
    expect(shown.stdout).toContain('Add a basket that sums prices.')
  })

  it('says plainly where there is nothing to tell, and what a place looks like', async () => {
    expect((await machine.stemma(['why', 'notes.md:1'])).stderr).toContain('a person typed it')
    expect((await machine.stemma(['why', 'old.md:1'])).stderr).toContain('nobody saw how it came there')
    expect((await machine.stemma(['why', 'old.md'])).code).toBe(2)
    expect((await machine.stemma(['why', 'old.md:9'])).code).toBe(2)
  })
})

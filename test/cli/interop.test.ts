import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMachine, type Machine } from './machine.ts'
import { writeTranscript } from './transcript.ts'

const basket = 'export function total(prices: number[]) {\n  return prices.reduce((sum, price) => sum + price, 0)\n}\n'
const usage = { input: 10, cacheRead: 1_000, cacheWrite: 200, output: 50 }

let machine: Machine
let commit: string
beforeEach(() => {
  machine = createMachine()
  machine.commit({ '.stemma.yml': 'apiVersion: stemma.dev/v1\n' }, 'Begin')
  writeTranscript(machine.home, machine.root, {
    id: 's1',
    prompt: 'Add basket.ts.',
    startedAt: new Date(Date.now() - 60_000).toISOString(),
    turns: [{ messageId: 's1-1', write: { path: 'basket.ts', content: basket }, usage }],
  })
  commit = machine.commit({ 'basket.ts': basket, 'notes.md': 'nobody saw\n' }, 'Add a basket')
})
afterEach(() => machine.remove())

const claims = { ai: 'claims 3 AI, 0 human, 0 mixed, 1 unknown lines' }
const exported = async () => (await machine.stemma(['export', '--agent-trace', commit])).stdout

describe('stemma export and import', () => {
  it('hands Agent Trace out and takes it in, with the class of every line', async () => {
    const exported = await machine.stemma(['export', '--agent-trace', commit])
    expect(exported.code, exported.stderr).toBe(0)
    expect(JSON.parse(exported.stdout)).toMatchObject({ version: '0.1', vcs: { type: 'git', revision: commit } })
    writeFileSync(join(machine.root, 'traces.jsonl'), exported.stdout)
    const imported = await machine.stemma(['import', 'traces.jsonl'])
    expect(imported.code, imported.stderr).toBe(0)
    expect(imported.stdout).toContain(
      `traces.jsonl: 1 record (agent-trace) on 1 commit, ${claims.ai}; unsigned at the origin`,
    )
    expect(imported.stdout).toMatch(/, import signed by \S+-[0-9a-f]{4}$/m)
    expect(imported.stderr).toContain('claims, not observations')
  })

  it('hands a note to git, and takes the notes of git-ai in', async () => {
    const none = await machine.stemma(['import', '--git-notes'])
    expect(none.code).toBe(2)
    expect(none.stderr).toContain('git fetch origin refs/notes/ai:refs/notes/ai')
    const exported = await machine.stemma(['export', '--git-ai', commit])
    writeFileSync(join(machine.home, 'note'), exported.stdout)
    machine.git('notes', '--ref=ai', 'add', '-F', join(machine.home, 'note'), commit)
    const first = await machine.json(['import', '--git-notes'])
    expect(first).toMatchObject({ isNew: true, records: [{ source: 'git-ai', commit, signedBy: null }] })
    const again = await machine.stemma(['import', '--git-notes', `${commit}~1..${commit}`])
    expect(again.stdout).toContain('was imported before')
    expect(again.stdout).toContain(claims.ai)
    const list = await machine.json(['import', '--list'])
    expect(list['imports']).toHaveLength(1)
  })

  it('writes one file for each commit where a folder is named', async () => {
    const done = await machine.stemma(['export', '--git-ai', 'HEAD~1..HEAD', '--out', 'notes/'])
    expect(done.code, done.stderr).toBe(0)
    expect(readdirSync(join(machine.root, 'notes'))).toEqual([`${commit}.git-ai.note`])
    expect(machine.read(`notes/${commit}.git-ai.note`)).toMatch(/^basket\.ts\n {2}[0-9a-f]{16} 1-3\n---\n/)
  })

  it('is one JSON value with --json, and says so where there is nothing', async () => {
    const trace = await machine.json(['export', '--agent-trace', commit])
    expect(trace).toEqual({
      format: 'agent-trace',
      documents: [{ name: `${commit}.agent-trace.json`, text: await exported() }],
    })
    expect(await machine.json(['export', '--git-ai', `${commit}..${commit}`])).toEqual({
      format: 'git-ai',
      documents: [],
    })
    const nothing = await machine.stemma(['export', '--agent-trace', `${commit}..${commit}`])
    expect(nothing).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('nothing to write; name commits'),
    })
  })

  it('takes several notes in as it hands them out', async () => {
    const every = await machine.stemma(['export', '--git-ai', '--all', '--out', 'notes.jsonl'])
    expect(every.code, every.stderr).toBe(0)
    const first = machine.git('rev-parse', 'HEAD~1')
    expect(await machine.json(['import', 'notes.jsonl'])).toMatchObject({ records: [{ commit: first }, { commit }] })
  })

  it('never counts a claim as something that was observed', async () => {
    const before = await exported()
    const claim = {
      version: '0.1.0',
      id: '550e8400-e29b-41d4-a716-446655440000',
      timestamp: '2026-01-25T10:00:00Z',
      vcs: { type: 'git', revision: commit },
      files: [
        {
          path: 'notes.md',
          conversations: [{ contributor: { type: 'human' }, ranges: [{ start_line: 1, end_line: 1 }] }],
        },
      ],
    }
    machine.write('claim.json', JSON.stringify(claim))
    expect((await machine.stemma(['import', 'claim.json'])).code).toBe(0)
    expect(await exported()).toBe(before)
    expect(before).toContain('"type":"unknown"')
  })

  it('keeps what was imported byte for byte, and nothing of what is refused', async () => {
    machine.write('bad.json', '{"version": "0.1.0", "files": 7}')
    const refused = await machine.stemma(['import', 'bad.json', '--json'])
    expect(refused.code).toBe(4)
    expect(JSON.parse(refused.stdout)).toMatchObject({ code: 'import-malformed' })
    expect(await machine.json(['import', '--list'])).toEqual({ imports: [] })
    const exported = await machine.stemma(['export', '--agent-trace', commit])
    machine.write('good.json', ` ${exported.stdout}`)
    const kept = await machine.json(['import', 'good.json'])
    const path = join(machine.state, 'imports', String(kept['id']))
    expect(readFileSync(path, 'utf8')).toBe(` ${exported.stdout}`)
    expect(kept).toMatchObject({
      importedBy: { keyId: expect.stringMatching(/^[0-9a-f]{64}$/) },
      records: [{ signedBy: null }],
    })
    const soundness = async () => {
      const { code, stdout } = await machine.stemma(['import', '--list', '--json'])
      return [code, JSON.parse(stdout).imports[0].soundness]
    }
    expect(await soundness()).toEqual([0, 'signed'])
    const read = readFileSync(`${path}.json`, 'utf8')
    writeFileSync(`${path}.json`, read.replace('"claim":"unknown"', '"claim":"ai"'))
    expect(await soundness()).toEqual([4, 'altered'])
    writeFileSync(`${path}.json`, read)
    writeFileSync(path, exported.stdout)
    expect(await soundness()).toEqual([4, 'altered'])
    expect((await machine.stemma(['import', '--list'])).stdout).toContain('✗ altered since')
  })

  it.each([[['import']], [['import', 'a', '--git-notes']], [['import', 'absent']], [['export']]])(
    'refuses %s',
    async (words) => {
      const ran = await machine.stemma(words)
      expect(ran.code).toBe(2)
      expect(ran.stderr).toContain('hint:')
    },
  )
})

import { marked } from 'marked'
import { describe, expect, it } from 'vitest'
import { noLines } from '#core/attribution/attribution.ts'
import { defaultContract } from '#core/policy/contract.ts'
import { buildReport } from '#core/report/build.ts'
import { renderCheckRun } from '#core/report/check-run.ts'
import { COMMENT_MARKER, MAX_COMMENT, needsComment, renderComment } from '#core/report/comment.ts'
import { readFindingsBlock } from '#core/report/findings-block.ts'
import { Report, type ReportSession } from '#core/report/report.ts'
import { renderTerminal } from '#core/report/terminal.ts'
import { attacks } from './attacks.ts'
import { poisoned } from './poisoned.ts'
import { range, sample } from './sample.ts'

const report = buildReport(sample())

function html(markdown: string): string {
  return marked.parse(markdown, { async: false, gfm: true })
}

describe('the comment', () => {
  it('reads so', async () => {
    await expect(renderComment(report)).toMatchFileSnapshot('./comment.snapshot.txt')
  })

  it('begins with the marker by which it is found again, and is the same each time', () => {
    expect(renderComment(report).split('\n')[0]).toBe(COMMENT_MARKER)
    expect(renderComment(buildReport(sample()))).toBe(renderComment(report))
  })

  it('does not depend on the order in which sessions were loaded', () => {
    const material = sample()
    expect(renderComment(buildReport({ ...material, sessions: material.sessions.toReversed() }))).toBe(
      renderComment(report),
    )
  })

  it('shows what was not recorded in words and never as zero', () => {
    const [, codexRow] = renderComment(report)
      .split('\n')
      .filter((line) => line.startsWith('| ['))
    expect(codexRow?.match(/not recorded/g)).toHaveLength(2)
    expect(renderComment(report)).not.toContain('$0.00')
  })

  it('has no share where no line is attributed', () => {
    const text = renderComment({ ...report, lines: noLines })
    expect(text).toContain('No added line is attributed.')
    expect(text).not.toMatch(/\d%/)
  })

  const finding = (policy: string, index: number) => ({
    policy,
    severity: 'low' as const,
    message: `thing ${index}`,
    fix: 'f',
    citations: [{ event: 'e', file: index === 0 ? 'src/parse.ts' : null, start: 41, end: 43 }],
  })
  const failing = (policies: readonly string[], each: number, gate = false) => ({
    ...report,
    conclusion: 'failure' as const,
    unobservedCommits: [],
    sessions: report.sessions.slice(0, 1).map((session) => ({
      ...session,
      verdicts: policies.map((policy) => ({
        policy,
        version: 1,
        result: 'fail' as const,
        gate,
        findings: Array.from({ length: each }, (_, index) => finding(policy, index)),
        doubts: [],
        reason: null,
      })),
    })),
  })

  it('names at most five things to act on and counts the others', () => {
    const many = failing(['a', 'b', 'c', 'd', 'e', 'f', 'g'], 1)
    const [head] = renderComment(many).split('<details>')
    expect(head?.match(/^- \*\*[a-g]\*\*/gm)).toHaveLength(5)
    expect(head).toContain('and 2 more, in the folded part below')
    expect(renderComment(many)).toContain('- **g**: thing 0')
  })

  it('makes one line of what is alike, so that fifty findings of one policy leave room for the others', () => {
    const text = renderComment(failing(['a', 'b'], 25))
    const [head] = text.split('<details>')
    expect(head?.match(/^- /gm)).toHaveLength(2)
    expect(head).toContain('And 24 more like it, in the folded part.')
    expect(text.match(/^- \*\*[ab]\*\*: thing/gm)).toHaveLength(42)
    expect(text).toContain('and 8 more, on the dashboard')
  })

  it('says which things are required, where they are, and links what shows them', () => {
    const [head] = renderComment(failing(['a'], 1, true)).split('<details>')
    const url = report.sessions[0]?.url
    expect(head).toContain(`- ✗ **a** (required): thing 0 (\`src/parse.ts:41-43\`, session [9c1e4f2a](${url})). f\n`)
  })
})

describe('needsComment', () => {
  const silent = { ...report, sessions: [] as ReportSession[], conclusion: 'success' as const }

  it('is quiet where no agent was seen and none is asked for', () => {
    expect(needsComment(silent)).toBe(false)
  })

  it('speaks where a commit names a session of which nothing came: an agent was at work', () => {
    const [first] = silent.unobservedCommits
    const named = { commit: 'a'.repeat(40), subject: 'One', hint: null, session: 'codex:1' }
    expect(first?.session).toBeNull()
    expect(needsComment({ ...silent, unobservedCommits: [named] })).toBe(true)
    expect(renderComment({ ...silent, unobservedCommits: [named, { ...named, commit: 'b'.repeat(40) }] })).toContain(
      '- **Missing evidence**: The commits name 1 session whose evidence has not arrived (`aaaaaaa`, `bbbbbbb`).',
    )
  })

  it('speaks where a session is asked for, and where there is one', () => {
    expect(needsComment({ ...silent, conclusion: 'failure' })).toBe(true)
    expect(needsComment({ ...report, conclusion: 'success' })).toBe(true)
  })

  it('says what is missing when the contract asks for a session', () => {
    const material = sample()
    const asked = buildReport({
      ...material,
      sessions: [],
      contract: { ...defaultContract, missingSession: 'failure' },
    })
    expect(renderComment(asked)).toContain('🔴 No evidence of an AI session')
    expect(renderComment(asked)).toContain('`stemma push`')
    expect(renderComment(asked)).not.toMatch(/\d%/)
  })
})

describe.each(attacks.map((attack) => [JSON.stringify(attack).slice(0, 60), attack] as const))(
  'hostile text %s',
  (_, attack) => {
    const bad = poisoned(attack)
    const run = renderCheckRun(bad)

    it.each([
      ['comment', renderComment(bad)],
      ['check summary', run.summary],
      ['check text', run.text ?? ''],
    ])('does not get out of its place in the %s', (_name, markdown) => {
      const page = html(markdown)
      const calm = html(renderComment(report))
      // Only the elements that a calm comment has, and links to the dashboard alone.
      const tags = new Set([...page.matchAll(/<([a-z][a-z0-9]*)/gi)].map(([, tag]) => tag?.toLowerCase()))
      const usual = new Set([...calm.matchAll(/<([a-z][a-z0-9]*)/gi)].map(([, tag]) => tag?.toLowerCase()))
      expect([...tags].filter((tag) => !usual.has(tag))).toEqual([])
      for (const [, address] of page.matchAll(/(?:href|src)="([^"]*)"/g))
        expect(address).toMatch(/^https:\/\/stemma\.example\.com\//)
      expect(page.match(/<!--/g)?.length ?? 0).toBe(markdown.startsWith(COMMENT_MARKER) ? 2 : 0)
      // Balanced: nothing was closed by the text.
      for (const tag of ['details', 'summary', 'sub', 'table', 'code']) {
        expect(page.split(`<${tag}>`).length).toBe(page.split(`</${tag}>`).length)
      }
      // Outside of code, nobody is mentioned and nothing is referred to.
      const prose = page
        .replace(/<code>[^<]*<\/code>/g, '')
        .replace(/<[^>]*>/g, '')
        .replace(/&#?\w+;/g, '')
      expect(prose).not.toMatch(/@[\w/]|#\d|\bGH-\d|https?:\/\/|www\./i)
    })

    it('keeps every row of the table in its columns', () => {
      const rows = [...html(renderComment(bad)).matchAll(/<tr>(.*?)<\/tr>/gs)].map(
        ([, row]) => row?.split(/<t[dh]/).length,
      )
      expect([...new Set(rows)].sort()).toEqual([4, 9])
    })

    it('does not reach the terminal as anything but text', () => {
      const text = renderTerminal(bad, 100)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there.
      expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
      for (const line of text.split('\n')) expect([...line].length).toBeLessThanOrEqual(100)
    })
  },
)

describe('size', () => {
  const huge = (sessions: number, files: number, name: (index: number) => string): Report => ({
    ...report,
    sessions: Array.from({ length: sessions }, (_, at) => {
      const session = report.sessions[at % 2]
      if (!session) throw new Error('the sample has two sessions')
      const list = Array.from({ length: files }, (__, index) => ({
        path: name(index),
        added: { ai: 7, human: 1, mixed: 1, unknown: 1 },
        removed: 2,
        ranges: Array.from({ length: 20 }, (___, line) => range(line * 3 + 1, line * 3 + 2)),
      }))
      return { ...session, id: `codex:${at}`, files: list }
    }),
    unobservedCommits: Array.from({ length: files }, (_, index) => ({
      commit: String(index).padStart(40, 'a'),
      subject: name(index),
      hint: null,
    })),
  })

  it.each([
    ['thousands of files', huge(1, 5_000, (index) => `src/module-${index}/index.ts`)],
    ['thousands of long names', huge(2, 3_000, (index) => `src/${'deep/'.repeat(60)}${index}.ts`)],
    ['hundreds of sessions', huge(400, 40, (index) => `packages/p${index}/src/index.ts`)],
    ['sessions with hostile names', huge(300, 30, (index) => `${'`|<@#'.repeat(80)}${index}`)],
  ])('stays below the cap with %s, and still says everything in short', (_, big) => {
    const text = renderComment(big)
    expect(text.length).toBeLessThanOrEqual(MAX_COMMENT)
    expect(text).toContain('### 🔴')
    expect(text).toContain('| Session |')
    expect(text).toContain('Files by session')
    expect(text.trimEnd().split('\n').at(-3)).toMatch(/<\/sub>$/)
    expect(readFindingsBlock(text)?.head).toBe(big.head)
    const run = renderCheckRun(big)
    expect(run.summary.length).toBeLessThanOrEqual(65_535)
    expect((run.text ?? '').length).toBeLessThanOrEqual(65_535)
    expect(run.annotations.length).toBeLessThanOrEqual(50)
  })

  it('keeps every file of a small report', () => {
    for (const { files } of report.sessions) for (const { path } of files) expect(renderComment(report)).toContain(path)
  })
})

it('renders only what the wire shape allows', () => {
  expect(Report.parse(report)).toEqual(report)
})

import { afterAll, describe, expect, it } from 'vitest'
import type { LineRange } from '#core/attribution/attribution.ts'
import { digestLines } from '#core/attribution/line-digests.ts'
import {
  addedLineNumbers,
  carryByLines,
  carryByPatch,
  joinDigests,
  type Landed,
  moveRanges,
  pooledEvidence,
} from '#core/attribution/merged-attribution.ts'
import { readForgeDiff } from '#core/attribution/merged-diff.ts'
import { commit, file, person, range } from '../report/sample.ts'
import { makeChanges } from './changes.ts'

const { git, commits, remove } = makeChanges()
afterAll(remove)

const linesIn = (text: string) => text.split('\n').slice(0, text.endsWith('\n') ? -1 : undefined)
const filesAt = (sha: string) =>
  new Map(
    git(['ls-tree', '-r', '-z', '--name-only', sha])
      .toString()
      .split('\0')
      .filter((path) => path !== '')
      .map((path) => [path, git(['cat-file', 'blob', `${sha}:${path}`]).toString('utf8')]),
  )

describe('readForgeDiff', () => {
  it.each(['--find-renames', '--no-renames', '--unified=0'])(
    'of a diff with %s says what makes each file out of the one before',
    (option) => {
      let before: ReadonlyMap<string, string> = new Map()
      for (const sha of commits) {
        const after = filesAt(sha)
        const diff = git(['diff-tree', '--root', '-r', '--patch', '--no-commit-id', option, sha])
        const files = readForgeDiff(new Uint8Array(diff))
        const made = new Map(before)
        for (const { path, previousPath, status } of files) {
          if (status === 'renamed' || status === 'deleted') made.delete(previousPath)
          if (status === 'deleted') made.delete(path)
        }
        for (const one of files) {
          if (one.status === 'deleted') continue
          if (one.binary) {
            made.set(one.path, after.get(one.path) ?? '')
            continue
          }
          const old = linesIn(before.get(one.previousPath) ?? '')
          const lines: string[] = []
          let at = 0
          let used = 0
          for (const { oldStart, removed, newStart, added } of one.edits) {
            lines.push(...old.slice(at, oldStart - 1))
            expect(lines.length + 1).toBe(newStart)
            lines.push(...one.addedLines.slice(used, used + added))
            used += added
            at = oldStart - 1 + removed
          }
          lines.push(...old.slice(at))
          expect(used).toBe(one.addedLines.length)
          made.set(one.path, lines.join('\n'))
        }
        const bare = (all: ReadonlyMap<string, string>) =>
          [...all].map(([path, text]) => [path, text.replace(/\n$/, '')]).sort()
        // The last line's terminator is not told; of a file of empty lines that is one of them.
        expect([sha, ...bare(made)].flat().map((text) => text.replace(/\n+$/, ''))).toEqual(
          [sha, ...bare(after)].flat().map((text) => text.replace(/\n+$/, '')),
        )
        before = after
      }
    },
  )

  it('takes nothing for a diff that is none', () => {
    expect(readForgeDiff(new TextEncoder().encode('<html>\n@@ -1 +1 @@\n+x\n'))).toEqual([])
  })
})

describe('moveRanges', () => {
  const edit = (oldStart: number, removed: number, added: number) => ({ oldStart, removed, newStart: 0, added })
  const ends = (ranges: readonly LineRange[]) => ranges.map(({ start, end }) => [start, end])
  it.each([
    ['above it', [edit(1, 0, 3)], [[13, 23]]],
    ['below it', [edit(21, 1, 9)], [[10, 20]]],
    ['a removal above it', [edit(2, 4, 1)], [[7, 17]]],
    ['an insertion before its first line', [edit(10, 0, 2)], [[12, 22]]],
    [
      'an insertion within',
      [edit(15, 0, 2)],
      [
        [10, 14],
        [17, 22],
      ],
    ],
    [
      'a replacement within',
      [edit(12, 2, 5)],
      [
        [10, 11],
        [17, 23],
      ],
    ],
    ['a removal of its end', [edit(18, 9, 0)], [[10, 17]]],
    ['a removal of its beginning', [edit(5, 8, 0)], [[5, 12]]],
    ['a removal of all', [edit(10, 11, 4)], []],
    [
      'several',
      [edit(1, 1, 2), edit(11, 1, 1), edit(20, 1, 0)],
      [
        [11, 11],
        [13, 20],
      ],
    ],
  ] as const)('after %s', (_, edits, expected) => {
    expect(ends(moveRanges([range(10, 20)], edits))).toEqual(expected)
  })
})

const landedOf = (files: Landed['files']): Landed => ({
  commit: 'f'.repeat(40),
  parents: ['e'.repeat(40)],
  authoredAt: '2026-11-22T12:00:00Z',
  subject: 'A squash',
  patchId: 'd'.repeat(40),
  files,
})
const changed = (path: string, edits: Landed['files'][number]['edits'], digests = '') =>
  ({ path, previousPath: path, status: 'modified', binary: false, edits, digests }) as const

describe('carryByPatch', () => {
  it('puts the origins on the lines where they stand now', () => {
    const original = commit('a'.repeat(40), [file('src/a.ts', [range(3, 5), person(8, 8)], 2)], ['claude-code:x'])
    const carried = carryByPatch(
      landedOf([
        changed('src/a.ts', [
          { oldStart: 20, removed: 2, newStart: 20, added: 3 },
          { oldStart: 30, removed: 0, newStart: 31, added: 1 },
        ]),
      ]),
      original,
    )
    expect(carried).toMatchObject({
      commit: 'f'.repeat(40),
      sessions: ['claude-code:x'],
      added: { ai: 3, human: 1, mixed: 0, unknown: 0 },
      removed: { ai: 2 },
    })
    expect(carried.files[0]?.ranges).toEqual([range(20, 22), person(31, 31)])
  })

  it('leaves a file unknown whose lines are not as many', () => {
    const original = commit('a'.repeat(40), [file('src/a.ts', [range(3, 5)])], ['claude-code:x'])
    const carried = carryByPatch(
      landedOf([changed('src/a.ts', [{ oldStart: 1, removed: 0, newStart: 1, added: 2 }])]),
      original,
    )
    expect(carried.added).toEqual({ ai: 0, human: 0, mixed: 0, unknown: 2 })
  })
})

describe('carryByLines', () => {
  const key = new Uint8Array(32).fill(7)
  const said = async (lines: readonly string[], session: string | null) =>
    (await digestLines(lines, key)).flatMap((digest) =>
      digest === null
        ? []
        : [{ digest, class: session === null ? ('human' as const) : ('ai' as const), session, model: null }],
    )
  const squash = async (lines: readonly string[]) =>
    landedOf([
      changed(
        'src/a.ts',
        [{ oldStart: 1, removed: 0, newStart: 1, added: lines.length }],
        joinDigests(await digestLines(lines, key)),
      ),
    ])

  it('finds lines of several commits and several people again, and leaves the rest unknown', async () => {
    const evidence = [await said(['const a = 1', 'return a'], 'claude-code:x'), await said(['by hand'], null)]
    const carried = carryByLines(
      await squash(['const a = 1', 'nobody saw this', 'by hand', '}', 'return a']),
      pooledEvidence(evidence),
    )
    expect(carried.files[0]?.ranges.map(({ start, end, class: name }) => [start, end, name])).toEqual([
      [1, 1, 'ai'],
      [2, 2, 'unknown'],
      [3, 3, 'human'],
      [4, 4, 'unknown'],
      [5, 5, 'ai'],
    ])
    expect(carried.sessions).toEqual(['claude-code:x'])
  })

  it('does not vouch twice for a line that stands in the evidence of a commit and of its rewrite', async () => {
    const once = await said(['const a = 1'], 'claude-code:x')
    const twice = await squash(['const a = 1', 'const a = 1'])
    expect(carryByLines(twice, pooledEvidence([once, once])).added).toMatchObject({ ai: 0, unknown: 2 })
    const both = await said(['const a = 1', 'const a = 1'], 'claude-code:x')
    expect(carryByLines(twice, pooledEvidence([once, both])).added).toMatchObject({ ai: 2, unknown: 0 })
  })

  it('is not certain where commits contradict each other', async () => {
    const evidence = [await said(['const a = 1'], 'claude-code:x'), await said(['const a = 1'], null)]
    expect(carryByLines(await squash(['const a = 1']), pooledEvidence(evidence)).added).toMatchObject({ unknown: 1 })
  })
})

it('numbers added lines in the order of the diff', () => {
  const edits = [
    { oldStart: 1, removed: 0, newStart: 1, added: 2 },
    { oldStart: 9, removed: 1, newStart: 11, added: 1 },
  ]
  expect(addedLineNumbers({ edits })).toEqual([1, 2, 11])
})

import { structuredPatch } from 'diff'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { attributeCommit, attributeFile, type FileEvidence } from '#core/attribution/attribute.ts'
import { CommitAttribution } from '#core/attribution/attribution.ts'
import { splitLines } from '#core/attribution/lines.ts'
import type { Author } from '#core/attribution/origins.ts'
import { editsOf, type TranscriptEdit } from '#core/attribution/transcript-versions.ts'
import { noMemories, type Version } from '#core/attribution/version.ts'
import { observe, recall } from '#core/attribution/witness.ts'
import type { FileEdit } from '#core/session/event.ts'
import type { Session } from '#core/session/session.ts'

/** An edit as a transcript holds it. */
function edit(before: string, after: string, path = 'file.ts'): FileEdit {
  const { hunks } = structuredPatch(path, path, before, after, '', '', { context: 3 })
  return {
    path,
    kind: before === '' ? 'create' : 'update',
    hunks: hunks.map(({ oldStart, oldLines, newStart, newLines, lines }) => ({
      oldStart,
      oldLines,
      newStart,
      newLines,
      lines: lines.filter((line) => !line.startsWith('\\')),
    })),
    userModified: null,
  }
}

const told = (session: string, milliseconds: number, change: FileEdit): TranscriptEdit => ({
  session,
  model: 'm',
  callId: `${session}${milliseconds}`,
  milliseconds,
  edit: change,
})

/** What the transcripts alone say of each line of the commit. */
function recalled(base: string, committed: string, edits: readonly TranscriptEdit[]): readonly string[] {
  const { origins } = recall(splitLines(base), { id: 'commit', lines: splitLines(committed) }, edits)
  return origins.map(({ class: name, session }) => (session === null ? name : `${name}:${session}`))
}

describe('the witness of transcripts', () => {
  it('replays edits one upon the other', () => {
    const [first, second] = ['one\ntwo\n', 'one\nnew()\ntwo\n']
    const third = 'top()\none\nnew()\ntwo\n'
    expect(recalled(first, third, [told('a', 1, edit(first, second)), told('b', 2, edit(second, third))])).toEqual([
      'ai:b',
      'base',
      'ai:a',
      'base',
    ])
  })

  it('says nothing of lines that no edit holds', () => {
    expect(recalled('', 'made()\ntyped by hand\n', [told('a', 1, edit('', 'made()\n'))])).toEqual(['ai:a', 'unknown'])
  })

  it('finds lines again after a person changed the file in between', () => {
    const seen = 'typed above\nanother\none\ntwo\nthree\n'
    expect(
      recalled('one\ntwo\nthree\n', 'typed above\nanother\none\nmade()\ntwo\nthree\n', [
        told('a', 1, edit(seen, seen.replace('two', 'made()\ntwo'))),
      ]),
    ).toEqual(['unknown', 'unknown', 'base', 'ai:a', 'base', 'base'])
  })

  it('counts nothing twice that the parent has already', () => {
    expect(
      recalled('one\nmade()\ntwo\n', 'one\nmade()\ntwo\nnot told\n', [
        told('a', 1, edit('one\ntwo\n', 'one\nmade()\ntwo\n')),
      ]),
    ).toEqual(['base', 'base', 'base', 'unknown'])
  })

  it('replays the rest of an edit of which the parent has a part', () => {
    const far = Array.from({ length: 12 }, (_, index) => `far${index} of${index}\n`).join('')
    const [before, after] = [`one\n${far}last\n`, `one\nmade()\n${far}rest {\n}\nlast\n`]
    const parent = `one\nmade()\n${far}last\n`
    expect(recalled(parent, after, [told('a', 1, edit(before, after))]).slice(-3)).toEqual(['ai:a', 'ai:a', 'base'])
  })

  it('takes files with CRLF, whose transcripts have none', () => {
    expect(recalled('one\r\n', 'one\r\nmade()\r\n', [told('a', 1, edit('one\n', 'one\nmade()\n'))])).toEqual([
      'base',
      'ai:a',
    ])
  })

  it('does not credit an agent with a proposal that the person changed', () => {
    expect(recalled('', 'made()\n', [told('a', 1, { ...edit('', 'made()\n'), userModified: true })])).toEqual([
      'unknown',
    ])
  })

  it('does not give a line to an agent that only changed what somebody had written unseen', () => {
    const before = 'const total = price * count\n'
    const after = 'const total = price * count + tax\n'
    expect(recalled('', after, [told('a', 1, edit(before, after))])).toEqual(['unknown'])
    const own = [told('a', 1, edit('other()\n', `other()\n${before}`)), told('a', 2, edit(before, after))]
    expect(recalled('', after, own)).toEqual(['ai:a'])
  })

  it('gives an edit no line that its replay only moves', () => {
    const line = 'written(by, another, long, before)'
    const moved = edit(`${line}\none()\ntwo()\n`, `one()\ntwo()\n${line}\nmade(by, the, agent)\n`)
    expect(recalled(`${line}\none()\ntwo()\n`, `one()\ntwo()\nmade(by, the, agent)\n`, [told('a', 1, moved)])).toEqual([
      'base',
      'base',
      'ai:a',
    ])
  })

  it('never throws, whatever the hunks say', () => {
    const hunk = fc.record({
      oldStart: fc.nat(20),
      oldLines: fc.nat(5),
      newStart: fc.nat(20),
      newLines: fc.nat(5),
      lines: fc.array(fc.constantFrom(' a', '+b', '-a', '-c', '+', ' ', '', '\\', '+a')),
    })
    const kinds = fc.constantFrom('create' as const, 'update' as const, 'delete' as const)
    fc.assert(
      fc.property(
        fc.array(fc.record({ kind: kinds, hunks: fc.array(hunk) })),
        fc.array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n')),
        (edits, lines) => {
          const all = edits.map((one, index) => told('s', index, { path: 'file.ts', userModified: null, ...one }))
          expect(recalled('a\nc\n', lines.join(''), all)).toHaveLength(lines.length)
        },
      ),
    )
  })

  it('orders edits of several sessions by time, with those without one where they stand', () => {
    const result = (callId: string, at: string | null) => ({
      id: callId,
      at,
      thread: 'main',
      kind: 'toolResult' as const,
      callId,
      outcome: 'ok' as const,
      exitCode: null,
      output: '',
      edits: [edit('', `${callId}\n`)],
    })
    const session = (id: string, events: Session['events']): Session =>
      ({ id, models: [], events }) as unknown as Session
    const edits = editsOf([
      session('x:1', [
        result('one', '2026-03-01T12:00:00Z'),
        result('two', null),
        result('three', '2026-03-01T12:10:00Z'),
      ]),
      session('x:2', [
        result('four', '2026-03-01T12:05:00Z'),
        { ...result('failed', '2026-03-01T12:05:00Z'), outcome: 'failed' },
      ]),
    ])
    expect(edits.map(({ callId }) => callId)).toEqual(['one', 'two', 'four', 'three'])
  })
})

const person: Author = { kind: 'person' }
const unknown: Author = { kind: 'unknown' }
const agent = (session: string, by: 'edit' | 'command' = 'edit'): Author => ({
  kind: 'agent',
  by,
  session,
  model: null,
})

/** One file that the commit creates: by what the snapshots saw, and what the transcripts tell. */
function evidence(
  lines: string,
  steps: readonly (readonly [Author, string])[],
  edits: readonly TranscriptEdit[],
  hooked: readonly string[] = [],
): FileEvidence {
  const content = { id: lines, lines: splitLines(lines) }
  const versions: Version[] = [
    { id: '', lines: [], author: unknown },
    ...steps.map(([author, text]) => ({ id: text, lines: splitLines(text), author })),
  ]
  return {
    path: 'file.ts',
    status: 'added',
    binary: false,
    hunks: [{ oldStart: 0, oldLines: 0, newStart: 1, newLines: content.lines.length }],
    parent: [],
    committed: content.lines,
    snapshots: steps.length === 0 ? null : observe({ base: [], versions, committed: content, memories: noMemories }),
    transcript: edits.length === 0 ? null : recall([], content, edits),
    hooked: new Set(hooked),
  }
}

const said = (file: FileEvidence): readonly string[] =>
  attributeFile(file).ranges.map(
    ({ start, end, class: name, session, confidence }) => `${start}-${end} ${name} ${session ?? '-'} ${confidence}`,
  )

describe('both witnesses', () => {
  const text = 'alpha()\nbravo()\n'

  it('agree: both; one of them: that one; none: unknown', () => {
    expect(said(evidence(text, [[agent('a'), text]], [told('a', 1, edit('', text))]))).toEqual(['1-2 ai a both'])
    expect(said(evidence(text, [[agent('a'), text]], []))).toEqual(['1-2 ai a snapshot'])
    expect(said(evidence(text, [], [told('a', 1, edit('', text))]))).toEqual(['1-2 ai a transcript'])
    expect(said(evidence(text, [], []))).toEqual(['1-2 unknown - none'])
  })

  it('an agent without hooks looks like a person to snapshots, and its transcript tells', () => {
    expect(said(evidence(text, [[person, text]], [told('a', 1, edit('', text))]))).toEqual(['1-2 ai a transcript'])
    expect(said(evidence(text, [[person, text]], [told('a', 1, edit('', text))], ['a']))).toEqual([
      '1-2 human - snapshot',
    ])
  })

  it('an agent without hooks that only moved a line of the parent did not write it', () => {
    const parent = 'typed(by, hand)\none()\ntwo()\n'
    const moved = 'one()\ntwo()\n  typed(by, hand)\n'
    const file = evidence(
      moved,
      [
        [person, 'typed(by, hand)\n'],
        [agent('b'), moved],
      ],
      [],
    )
    const transcript = recall(splitLines(parent), { id: 'commit', lines: splitLines(moved) }, [
      told('a', 1, edit(parent, moved)),
    ])
    expect(said({ ...file, transcript }).at(-1)).toBe('3-3 human - snapshot')
    const generated = evidence(moved, [[agent('b', 'command'), moved]], [])
    expect(said({ ...generated, transcript })).toEqual(['1-3 ai b snapshot'])
  })

  it('whether two had a hand in a line of the parent that an agent changed only the snapshots can know', () => {
    const [before, after] = ['const total = price\n', 'const total = price * count\n']
    const content = { id: after, lines: splitLines(after) }
    const transcript = recall(splitLines(before), content, [told('a', 1, edit(before, after))])
    const doubted = evidence(after, [[unknown, after]], [])
    expect(said({ ...doubted, transcript })).toEqual(['1-1 unknown - none'])
    expect(said({ ...doubted, snapshots: null, transcript })).toEqual(['1-1 ai a transcript'])
  })

  it('the edit that holds the line outweighs the command that ran meanwhile', () => {
    expect(said(evidence(text, [[agent('a', 'command'), text]], [told('b', 1, edit('', text))]))).toEqual([
      '1-2 ai b transcript',
    ])
    expect(said(evidence(text, [[agent('a', 'edit'), text]], [told('b', 1, edit('', text))]))).toEqual([
      '1-2 ai a snapshot',
    ])
  })

  it('what a person changed afterwards is mixed, whatever the transcript knows', () => {
    const [before, after] = ['const total = price * count\n', 'const total = price * count + tax\n']
    expect(
      said(
        evidence(
          after,
          [
            [agent('a'), before],
            [person, after],
          ],
          [told('a', 1, edit('', before))],
        ),
      ),
    ).toEqual(['1-1 mixed a snapshot'])
  })
})

describe('a commit', () => {
  it('adds up, names its sessions and has the published form', () => {
    const first = evidence(
      'alpha()\nbravo()\ntyped\n',
      [
        [agent('claude-code:a'), 'alpha()\nbravo()\n'],
        [person, 'alpha()\nbravo()\ntyped\n'],
      ],
      [],
    )
    const gone: FileEvidence = {
      ...evidence('', [[agent('claude-code:b'), '']], []),
      path: 'gone.ts',
      status: 'deleted',
      hunks: [{ oldStart: 1, oldLines: 2, newStart: 0, newLines: 0 }],
      parent: ['removed()\n', '}\n'],
      snapshots: { origins: [], removals: new Map([['removed()\n', agent('claude-code:b')]]), bare: false },
    }
    const image: FileEvidence = { ...first, path: 'image.png', binary: true, hunks: [] }
    const commit = attributeCommit({
      commit: 'a'.repeat(40),
      parents: ['b'.repeat(40)],
      authoredAt: '2026-03-01T12:00:00.000Z',
      subject: 'x',
      patchId: null,
      files: [first, gone, image],
    })
    expect(CommitAttribution.parse(commit)).toEqual(commit)
    expect(commit.added).toEqual({ ai: 2, human: 1, mixed: 0, unknown: 0 })
    expect(commit.removed).toEqual({ ai: 2, human: 0, mixed: 0, unknown: 0 })
    expect(commit.sessions).toEqual(['claude-code:a', 'claude-code:b'])
  })

  it('counts every added line once, in order, without overlap', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(person, agent('a'), agent('b'), unknown), fc.nat(6)), { maxLength: 12 }),
        (steps) => {
          let text = ''
          let number = 0
          const versions = steps.map(([author, count]) => {
            for (let line = 0; line < count; line++) text += `line${number++} of${number * 7}\n`
            return [author, text] as const
          })
          const { ranges, added } = attributeFile(evidence(text, versions, []))
          const lines = ranges.flatMap(({ start, end }) =>
            Array.from({ length: end - start + 1 }, (_, offset) => start + offset),
          )
          expect(lines).toEqual(Array.from({ length: number }, (_, index) => index + 1))
          expect(added.ai + added.human + added.mixed + added.unknown).toBe(number)
        },
      ),
    )
  })
})

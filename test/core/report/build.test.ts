import { describe, expect, it } from 'vitest'
import { noLines } from '#core/attribution/attribution.ts'
import { buildReport } from '#core/report/build.ts'
import type { FileEdits, Material } from '#core/report/material.ts'
import { mergeAttributions } from '#core/report/merge-attribution.ts'
import {
  claude,
  codex,
  commit,
  commitIds,
  file,
  forgeCommit,
  header,
  person,
  range,
  sample,
  sessionMaterial,
} from './sample.ts'

function material(change: Partial<Material>): Material {
  return { ...sample(), commits: [forgeCommit(commitIds[0], 'One')], sessions: [], ...change }
}

const unseen = (start: number, end: number) =>
  range(start, end, { class: 'unknown', session: null, model: null, confidence: 'none' })

describe('buildReport', () => {
  it('sums the lines of all commits, and those of nobody apart', () => {
    expect(buildReport(sample()).lines).toEqual({ ai: 149, human: 4, mixed: 3, unknown: 8 })
  })

  it('gives each session its own lines only', () => {
    const [first, second] = buildReport(sample()).sessions
    expect(first).toMatchObject({ id: claude, lines: { ai: 126, mixed: 0 } })
    expect(second).toMatchObject({ id: codex, lines: { ai: 23, mixed: 3 } })
    expect(second?.files.map(({ path }) => path)).toEqual(['src/format.ts'])
  })

  it('leaves out a session that wrote nothing of these commits', () => {
    const attribution = [commit(commitIds[0], [file('a.ts', [range(1, 5)])], [claude])]
    const elsewhere = [commit('9'.repeat(40), [file('a.ts', [range(1, 5, { session: codex })])], [codex])]
    const sessions = [sessionMaterial(header(claude), attribution), sessionMaterial(header(codex), elsewhere)]
    expect(buildReport(material({ sessions })).sessions.map(({ id }) => id)).toEqual([claude])
  })

  it('counts a commit once when several sessions bring evidence of it', () => {
    const shared = commit(commitIds[0], [file('a.ts', [range(1, 5), range(6, 9, { session: codex })])], [claude, codex])
    const report = buildReport(
      material({ sessions: [sessionMaterial(header(claude), [shared]), sessionMaterial(header(codex), [shared])] }),
    )
    expect(report.lines).toEqual({ ...noLines, ai: 9 })
    expect(report.sessions.map(({ lines }) => lines.ai)).toEqual([5, 4])
  })

  it('calls commits without evidence what they are, and merges nothing', () => {
    const merge = { ...forgeCommit('7'.repeat(40), 'Merge main'), parents: ['1'.repeat(40), '2'.repeat(40)] }
    const sessions = [sessionMaterial(header(claude), [commit(commitIds[0], [file('a.ts', [range(1, 5)])], [claude])])]
    const commits = [
      forgeCommit(commitIds[0], 'One'),
      forgeCommit(commitIds[1], 'Two\n\nbody\n\nStemma-Session: codex:1'),
      merge,
    ]
    const report = buildReport(material({ sessions, commits }))
    expect(report.unobservedCommits).toEqual([
      {
        commit: commitIds[1],
        subject: 'Two',
        hint: 'It names the session codex:1, whose evidence has not arrived: run `stemma push` where it was made.',
        session: 'codex:1',
      },
    ])
  })

  it('counts the lines of unobserved commits as unknown where their number is given', () => {
    const sessions = [sessionMaterial(header(claude), [commit(commitIds[0], [file('a.ts', [range(1, 5)])], [claude])])]
    const commits = [forgeCommit(commitIds[0], 'One'), forgeCommit(commitIds[1], 'Two')]
    const report = buildReport(
      material({
        sessions,
        commits,
        unobservedLines: new Map([
          [commitIds[1], 40],
          [commitIds[0], 99],
        ]),
      }),
    )
    expect(report.lines).toEqual({ ...noLines, ai: 5, unknown: 40 })
  })

  it('is neutral and not a success when a commit has no evidence', () => {
    const base = sample()
    const passing = base.sessions.slice(0, 1).map((one) => ({ ...one, verdicts: [] }))
    expect(buildReport({ ...base, sessions: passing, commits: base.commits.slice(0, 1) }).conclusion).toBe('success')
    expect(buildReport({ ...base, sessions: passing, commits: base.commits.slice(0, 2) }).conclusion).toBe('neutral')
  })

  it('does not let evidence pass that does not verify', () => {
    const base = sample()
    const pass = {
      policy: 'no-hook-bypass',
      version: 1,
      result: 'pass' as const,
      gate: true,
      findings: [],
      doubts: [],
      reason: null,
    }
    const sessions = base.sessions.slice(0, 1).map((one) => ({ ...one, verdicts: [pass], isVerified: false }))
    const report = buildReport({ ...base, sessions, commits: base.commits.slice(0, 1) })
    expect(report.signatures).toEqual({ verified: 0, total: 1 })
    expect(report.conclusion).toBe('failure')
    expect(report.sessions[0]?.verdicts[0]).toMatchObject({
      result: 'error',
      reason: 'The evidence of this session does not verify.',
    })
  })

  it('names what the agent does not record', () => {
    expect(buildReport(sample()).notRecorded).toEqual(['Codex CLI: cost', 'Codex CLI: tokens'])
  })
})

describe('mergeAttributions', () => {
  it('puts together what two machines saw of one commit', () => {
    const left = commit(commitIds[0], [file('a.ts', [range(1, 5), unseen(6, 10)])], [claude])
    const right = commit(
      commitIds[0],
      [file('a.ts', [unseen(1, 5), range(6, 8, { session: codex }), person(9, 10)])],
      [codex],
    )
    const merged = mergeAttributions([left, right])
    expect(merged?.added).toEqual({ ai: 8, human: 2, mixed: 0, unknown: 0 })
    expect(merged?.sessions).toEqual([claude, codex])
    expect(mergeAttributions([right, left])).toEqual(merged)
  })

  it('does not count a line twice where ranges overlap', () => {
    const left = commit(commitIds[0], [file('a.ts', [range(1, 10)])], [claude])
    const right = commit(
      commitIds[0],
      [file('a.ts', [range(4, 6, { session: codex, confidence: 'snapshot' }), person(7, 12)])],
      [codex],
    )
    const merged = mergeAttributions([left, right])
    expect(merged?.added).toEqual({ ai: 10, human: 2, mixed: 0, unknown: 0 })
    expect(merged?.files[0]?.ranges).toEqual([range(1, 10), person(11, 12)])
  })

  it('believes two witnesses before one', () => {
    const left = commit(commitIds[0], [file('a.ts', [range(1, 5, { session: 'z:1', confidence: 'both' })])], ['z:1'])
    const right = commit(
      commitIds[0],
      [file('a.ts', [range(1, 5, { session: 'a:1', confidence: 'transcript' })])],
      ['a:1'],
    )
    expect(mergeAttributions([right, left])?.files[0]?.ranges.map(({ session }) => session)).toEqual(['z:1'])
  })

  it('survives ranges as long as a number can be', () => {
    const left = commit(commitIds[0], [file('a.ts', [range(1, 2_000_000_000)])], [claude])
    const right = commit(commitIds[0], [file('a.ts', [unseen(1, 2_000_000_001)])], [codex])
    expect(mergeAttributions([left, right])?.added).toEqual({ ...noLines, ai: 2_000_000_000, unknown: 1 })
  })
})

describe('lines of several commits', () => {
  const first = commit(commitIds[0], [file('src/a.ts', [range(10, 20)])], [claude])
  const second = commit(commitIds[1], [file('src/a.ts', [range(1, 3)])], [claude])
  const commits = [forgeCommit(commitIds[0], 'one'), forgeCommit(commitIds[1], 'two')]
  const sessions = [sessionMaterial(header(claude), [first, second])]
  const edit = { oldStart: 1, removed: 0, newStart: 1, added: 3 }
  const later = (change: Partial<FileEdits>) =>
    new Map([
      [
        commitIds[1],
        [{ path: 'src/a.ts', previousPath: 'src/a.ts', status: 'modified' as const, edits: [edit], ...change }],
      ],
    ])
  const rangesOf = (edits?: ReadonlyMap<string, readonly FileEdits[]>, all = sessions) =>
    buildReport({
      ...sample(),
      commits,
      sessions: all,
      ...(edits === undefined ? {} : { edits }),
    }).sessions[0]?.files.map(({ path, ranges }) => [path, ...ranges.map(({ start, end }) => [start, end])])

  it('stand where the head has them', () => {
    expect(rangesOf(later({}))).toEqual([['src/a.ts', [1, 3], [13, 23]]])
  })

  it('are those of the last commit where nobody told what it changes', () => {
    expect(rangesOf()).toEqual([['src/a.ts', [1, 3]]])
  })

  it('move with a commit that nobody observed, and with the name of the file', () => {
    const alone = [sessionMaterial(header(claude), [first])]
    expect(rangesOf(later({ edits: [{ ...edit, removed: 12 }] }), alone)).toEqual([['src/a.ts', [4, 11]]])
    expect(rangesOf(later({ path: 'src/b.ts', status: 'renamed' }), alone)).toEqual([['src/b.ts', [13, 23]]])
  })
})

import { describe, expect, it } from 'vitest'
import type { GuardRecord } from '#core/guard/guard.ts'
import { withDecisions } from '#core/guard/witness.ts'
import { defaultContract } from '#core/policy/contract.ts'
import { evaluate } from '#core/policy/evaluate.ts'
import { deniedShellEvents, exampleSubject, shellEvents } from '#core/policy/subject.ts'
import { buildReport } from '#core/report/build.ts'
import { guardSection } from '#core/report/guard.ts'
import type { Event } from '#core/session/event.ts'
import { sample } from '../report/sample.ts'

const report = buildReport(sample())

const command = 'git commit --no-verify -m x'
const decision = (parts: Partial<GuardRecord> = {}): GuardRecord => ({
  at: '2026-11-22T09:10:00.000Z',
  session: 'claude-code:example',
  callId: 'c1',
  tool: 'Bash',
  command,
  paths: [],
  decision: 'deny',
  policies: ['no-hook-bypass'],
  reason: 'Stemma, policy no-hook-bypass: no.',
  failed: false,
  ...parts,
})
const sessionOf = (events: readonly Event[]) =>
  exampleSubject({ title: 't', events, session: { tools: [{ tool: 'Bash', calls: 1, failures: 1, denials: 0 }] } })
    .session
const denials = (events: readonly Event[]) => events.filter((event) => event.kind === 'denial')

describe('withDecisions', () => {
  it('leaves a session alone about which nothing was decided', () => {
    const session = sessionOf(shellEvents('c1', 'ls', 0))
    expect(withDecisions(session, [])).toBe(session)
  })

  it('adds a denial where the transcript tells of none, and makes the failed call a denied one', () => {
    const session = withDecisions(sessionOf(shellEvents('c1', command, 1)), [decision()])
    expect(denials(session.events)).toEqual([
      expect.objectContaining({ callId: 'c1', by: 'hook', at: '2026-11-22T09:10:00.000Z' }),
    ])
    expect(session.events.find((event) => event.kind === 'toolResult')).toMatchObject({
      outcome: 'denied',
      exitCode: null,
    })
    expect(session.eventCount).toBe(session.events.length)
    expect(session.tools).toEqual([{ tool: 'Bash', calls: 1, failures: 0, denials: 1 }])
    expect(session.guard).toEqual({
      policies: [{ policy: 'no-hook-bypass', denied: 1, asked: 0, allowed: 0 }],
      failures: 0,
    })
    const verdict = evaluate(defaultContract, { session, commits: [] }).find(
      ({ policy }) => policy === 'no-hook-bypass',
    )
    expect(verdict).toMatchObject({ result: 'pass', reason: '1 attempt was denied before it did anything.' })
  })

  it('counts a denial once that the agent recorded itself', () => {
    const own: Event = {
      id: 'd1',
      at: null,
      thread: 'main',
      kind: 'denial',
      callId: 'c1',
      by: 'hook',
      reason: 'as the agent words it',
    }
    const session = withDecisions(sessionOf([...deniedShellEvents('c1', command), own]), [decision()])
    expect(denials(session.events)).toEqual([own])
  })

  it('finds the call by its words where the hook knows no id, each decision its own', () => {
    const events = [...shellEvents('c1', command, 1), ...shellEvents('c2', 'ls', 0), ...shellEvents('c3', command, 1)]
    const later = decision({ callId: null, at: '2026-11-22T09:20:00.000Z' })
    const session = withDecisions(sessionOf(events), [decision({ callId: null }), later])
    expect(denials(session.events).map((event) => event.kind === 'denial' && event.callId)).toEqual(['c1', 'c3'])
  })

  it('counts a call once about which two settings asked', () => {
    const again = decision({ callId: null, at: '2026-11-22T09:10:00.400Z' })
    const session = withDecisions(sessionOf(shellEvents('c1', command, 1)), [decision({ callId: null }), again])
    expect(session.guard?.policies).toEqual([{ policy: 'no-hook-bypass', denied: 1, asked: 0, allowed: 0 }])
    expect(denials(session.events)).toHaveLength(1)
  })

  it('does not excuse a call that ran although it was denied', () => {
    const session = withDecisions(sessionOf(shellEvents('c1', command, 0)), [decision()])
    const verdict = evaluate(defaultContract, { session, commits: [] }).find(
      ({ policy }) => policy === 'no-hook-bypass',
    )
    expect(verdict?.result).toBe('fail')
  })

  it('does not excuse a call that a person allowed when asked', () => {
    const session = withDecisions(sessionOf(shellEvents('c1', command, 0)), [decision({ decision: 'ask' })])
    expect(denials(session.events)).toEqual([expect.objectContaining({ reason: expect.stringMatching(/^asked: /) })])
    expect(session.events.find((event) => event.kind === 'toolResult')).toMatchObject({ outcome: 'ok' })
    const verdict = evaluate(defaultContract, { session, commits: [] }).find(
      ({ policy }) => policy === 'no-hook-bypass',
    )
    expect(verdict?.result).toBe('fail')
  })

  it('says that the guard broke', () => {
    const broke = decision({ decision: 'allow', policies: [], failed: true })
    const session = withDecisions(sessionOf(shellEvents('c1', 'ls', 0)), [broke])
    expect(denials(session.events)).toEqual([])
    expect(session.warnings).toEqual(['The local guard broke once; 1 of these calls went on unjudged.'])
    expect(session.guard).toEqual({ policies: [], failures: 1 })
  })
})

describe('on the pull request', () => {
  it('each policy is named with what became of the calls', () => {
    const [first] = report.sessions
    if (first === undefined) throw new TypeError('the sample has a session')
    expect(guardSection(report)).toBe('')
    const guard = {
      policies: [
        { policy: 'no-hook-bypass', denied: 2, asked: 0, allowed: 0 },
        { policy: '<b>@ada', denied: 0, asked: 1, allowed: 1 },
      ],
      failures: 1,
    }
    const text = guardSection({ ...report, sessions: [{ ...first, guard }] })
    expect(text).toMatch(/^- Local guard, session `\w+`: no-hook-bypass denied 2 calls; /)
    expect(text).toContain('asked about 1 call, let 1 call through that it could not judge; the guard broke once.')
    expect(text).not.toContain('<b>')
    expect(text).not.toMatch(/(?<![\w&])@ada/)
  })
})

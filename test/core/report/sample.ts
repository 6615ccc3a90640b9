/** A pull request as people make them: two sessions, one commit that nobody observed. */
import type { CommitAttribution, FileAttribution, LineRange } from '#core/attribution/attribution.ts'
import { noLines } from '#core/attribution/attribution.ts'
import { defaultContract } from '#core/policy/contract.ts'
import { evaluate } from '#core/policy/evaluate.ts'
import { editEvents, exampleSubject, shellEvents } from '#core/policy/subject.ts'
import type { Material, SessionMaterial } from '#core/report/material.ts'
import { countRanges } from '#core/report/merge-attribution.ts'
import type { Event } from '#core/session/event.ts'
import type { Session, SessionHeader } from '#core/session/session.ts'

export const claude = 'claude-code:9c1e4f2a-7d31-4b52-9a33-0c5f2b7e6d11'
export const codex = 'codex:019a7b3c-55d2-7a90-8f00-aa12bb34cc56'
export const commitIds = ['4be1c02a'.repeat(5), '5cf2d13b'.repeat(5), '6d03e24c'.repeat(5)] as const

export function range(start: number, end: number, part: Partial<LineRange> = {}): LineRange {
  return { start, end, class: 'ai', session: claude, model: 'claude-sonnet-4-5', confidence: 'both', ...part }
}

export function person(start: number, end: number): LineRange {
  return range(start, end, { class: 'human', session: null, model: null, confidence: 'snapshot' })
}

export function file(path: string, ranges: readonly LineRange[], removed = 0): FileAttribution {
  return {
    path,
    status: 'modified',
    binary: false,
    ranges: [...ranges],
    added: countRanges(ranges),
    removed: { ...noLines, ai: removed },
  }
}

export function commit(id: string, files: readonly FileAttribution[], sessions: readonly string[]): CommitAttribution {
  const ranges = files.flatMap((one) => one.ranges)
  return {
    commit: id,
    parents: ['0'.repeat(40)],
    authoredAt: '2026-11-20T10:00:00.000Z',
    subject: 'Read dates with a time zone',
    patchId: null,
    files: [...files],
    added: countRanges(ranges),
    removed: noLines,
    sessions: [...sessions],
  }
}

export function header(id: string, change: Partial<SessionHeader> = {}): SessionHeader {
  const { session } = exampleSubject({ title: 'empty' })
  const { events: _, ...base } = session
  return { ...base, id, agent: { id: id.split(':')[0] ?? '', version: '2.1.0' }, ...change }
}

export function sessionMaterial(
  session: SessionHeader,
  attribution: readonly CommitAttribution[],
  events: readonly Event[] = [],
): SessionMaterial {
  const whole: Session = { ...session, events }
  return {
    header: session,
    person: 'Ada',
    evidenceId: 'e'.repeat(64),
    logIndex: 1841,
    attribution,
    verdicts: evaluate(defaultContract, { session: whole, commits: attribution }),
    isVerified: true,
  }
}

export function forgeCommit(sha: string, message: string, authorLogin: string | null = 'ada') {
  return { sha, parents: ['0'.repeat(40)], message, authorLogin }
}

const usage = {
  uncachedInput: 12_400,
  cacheRead: 801_200,
  cacheWrite5m: 44_000,
  cacheWrite1h: 0,
  output: 21_350,
  reasoning: 0,
}

export function sample(): Material {
  const first = commit(
    commitIds[0],
    [
      file('src/parse.ts', [range(3, 14), person(15, 18), range(40, 92)], 12),
      file('test/parse.test.ts', [range(1, 61)]),
    ],
    [claude],
  )
  const second = commit(
    commitIds[1],
    [
      file(
        'src/format.ts',
        [range(8, 30, { session: codex, model: 'gpt-5.1-codex' }), range(31, 33, { class: 'mixed', session: codex })],
        4,
      ),
      file('README.md', [range(12, 19, { class: 'unknown', session: null, model: null, confidence: 'none' })]),
    ],
    [codex],
  )
  const cost = { microUsd: 412_300, unpricedModels: [], priceTable: 'genai-prices@0.1.8' }
  const claudeSession = header(claude, {
    usage,
    cost,
    startedAt: '2026-11-20T09:10:00.000Z',
    endedAt: '2026-11-20T11:15:00.000Z',
  })
  const codexSession = header(codex, {
    agent: { id: 'codex', version: '0.64.0' },
    models: [{ model: 'gpt-5.1-codex', provider: 'openai', requests: 9, usage, cost }],
    startedAt: '2026-11-20T12:00:00.000Z',
    endedAt: '2026-11-20T12:18:30.000Z',
    capture: 'swept',
  })
  return {
    repository: 'acme/shop',
    number: 27,
    head: commitIds[2],
    commits: [
      forgeCommit(commitIds[0], 'Read dates with a time zone\n\nStemma-Session: x'),
      forgeCommit(commitIds[1], 'Write dates as ISO 8601'),
      forgeCommit(commitIds[2], 'Fix typo'),
    ],
    sessions: [
      sessionMaterial(
        claudeSession,
        [first],
        [
          ...editEvents('e1', 'src/parse.ts'),
          ...shellEvents('t1', 'npm test', 0),
          ...shellEvents('c1', 'git commit --no-verify -m "Read dates with a time zone"', 0),
        ],
      ),
      sessionMaterial(
        codexSession,
        [second],
        [...shellEvents('t1', 'npm test', 0), ...editEvents('e1', 'src/format.ts')],
      ),
    ],
    contract: defaultContract,
    checkpoint: { size: 1842, root: 'q3tXw1H0mCk0tV7rJ9m1Q2bYy0o1xB5cFzv8o8oQf1A=' },
    publicUrl: 'https://stemma.example.com',
  }
}

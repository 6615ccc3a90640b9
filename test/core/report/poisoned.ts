import { buildReport } from '#core/report/build.ts'
import type { Report, ReportSession } from '#core/report/report.ts'
import { forgeCommit, range, sample } from './sample.ts'

/** A report in which every text that others wrote is the attack. */
export function poisoned(attack: string): Report {
  const material = sample()
  const base = buildReport({
    ...material,
    commits: [
      ...material.commits,
      forgeCommit('f'.repeat(40), `${attack}\n\nStemma-Session: ${attack}`, `${attack}[bot]`),
    ],
  })
  const citation = { event: attack, file: attack, start: null, end: null }
  const verdict = {
    policy: attack,
    version: 1,
    gate: true,
    findings: [
      {
        policy: attack,
        severity: 'high' as const,
        message: `\`${attack}\` did ${attack}`,
        fix: attack,
        citations: [citation],
      },
    ],
    doubts: [{ message: attack, citations: [citation] }],
    reason: attack,
  }
  const session = (original: ReportSession): ReportSession => ({
    ...original,
    id: `codex:${attack}`,
    agent: attack,
    models: [attack, attack],
    person: attack,
    url: `https://stemma.example.com/sessions/${attack}`,
    cost: { microUsd: null, unpricedModels: [attack], priceTable: attack },
    files: [{ path: attack, added: { ai: 3, human: 0, mixed: 0, unknown: 0 }, removed: 1, ranges: [range(1, 3)] }],
    verdicts: (['fail', 'error', 'pass', 'waived'] as const).map((result) => ({ ...verdict, result })),
  })
  return {
    ...base,
    head: attack,
    sessions: base.sessions.map(session),
    unobservedCommits: base.unobservedCommits.map((commit) => ({ ...commit, subject: attack, hint: attack })),
    checkpoint: { size: 1, root: attack },
    notRecorded: [attack],
    dashboardUrl: `https://stemma.example.com/pull-requests/${attack}`,
  }
}

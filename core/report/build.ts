/** Makes the report of a pull request out of everything that is known about it. */
import {
  addLineCounts,
  type CommitAttribution,
  type FileAttribution,
  noLines,
  totalLines,
} from '../attribution/attribution.ts'
import { moveRanges } from '../attribution/merged-attribution.ts'
import { conclude } from '../policy/conclusion.ts'
import { besidePullRequest } from '../policy/judge-pull-request.ts'
import type { Verdict } from '../policy/policy.ts'
import type { ForgeCommit } from '../ports.ts'
import type { SessionHeader } from '../session/session.ts'
import { agentTitle } from './agent-title.ts'
import { pullRequestVerdicts } from './change-verdicts.ts'
import type { FileEdits, Material, ObservationMaterial, SessionMaterial } from './material.ts'
import { compareText, countRanges, mergeAttributions } from './merge-attribution.ts'
import type { Report, ReportSession } from './report.ts'

export function buildReport(material: Material): Report {
  const { repository, number, head, commits, contract, checkpoint, publicUrl } = material
  const ids = new Set(commits.map(({ sha }) => sha))
  const observations = (material.observations ?? []).filter(({ isVerified }) => isVerified)
  const merged = mergedCommits(material.sessions, observations, ids)
  const sessions = material.sessions
    .filter(({ header }) => merged.some((commit) => contributed(commit, header.id)))
    .map((session) => ({
      session,
      entry: reportSession(session, { merged, commits, edits: material.edits ?? new Map() }, publicUrl),
    }))
    .sort(
      (left, right) =>
        compareText(left.entry.startedAt ?? '~', right.entry.startedAt ?? '~') ||
        compareText(left.entry.id, right.entry.id),
    )
  const observed = new Set(merged.map(({ commit }) => commit))
  const unobserved = commits.filter((commit) => !observed.has(commit.sha) && !isMerge(commit))
  const unobservedLines = unobserved.reduce((sum, { sha }) => sum + (material.unobservedLines?.get(sha) ?? 0), 0)
  const counted = merged.map(({ added }) => added).reduce(addLineCounts, noLines)
  const verdicts = pullRequestVerdicts(material, { merged, sessions: sessions.map(({ session }) => session) })
  const entries = sessions.map(({ entry }) =>
    verdicts === null ? entry : { ...entry, verdicts: [...besidePullRequest(entry.verdicts)] },
  )
  return {
    repository,
    number,
    head,
    conclusion: conclude({
      verdicts: [...entries.flatMap((entry) => entry.verdicts), ...(verdicts ?? [])],
      sessions: sessions.length,
      unobservedCommits: unobserved.length,
      missingSession: contract.missingSession,
    }),
    lines: { ...counted, unknown: counted.unknown + unobservedLines },
    sessions: entries,
    ...(verdicts === null ? {} : { verdicts: [...verdicts] }),
    contract: { name: contract.name, version: contract.version },
    unobservedCommits: unobserved.map((commit) => ({
      commit: commit.sha,
      subject: subjectLine(commit),
      hint: hintOf(commit),
      session: namedSession(commit),
    })),
    signatures: {
      verified: sessions.filter(({ session }) => session.isVerified).length + observations.length,
      total: sessions.length + (material.observations ?? []).length,
    },
    checkpoint,
    notRecorded: [...new Set(sessions.flatMap(({ session }) => notRecorded(session.header)))].sort(compareText),
    dashboardUrl: `${publicUrl}/pull-requests/${repository}/${number}`,
  }
}

/** Commits of the pull request that evidence speaks about, each once, in the order of their ids. */
function mergedCommits(
  sessions: readonly SessionMaterial[],
  observations: readonly ObservationMaterial[],
  ids: ReadonlySet<string>,
): readonly CommitAttribution[] {
  const byCommit = new Map<string, CommitAttribution[]>()
  const bySessions = new Set(sessions.flatMap(({ attribution }) => attribution.map(({ commit }) => commit)))
  // A machine that sent no session of a commit knows less of it than one that did.
  const alone = observations.map(({ attribution }) => attribution.filter(({ commit }) => !bySessions.has(commit)))
  for (const attribution of [...sessions.map((session) => session.attribution), ...alone]) {
    for (const commit of attribution) {
      if (ids.has(commit.commit)) byCommit.set(commit.commit, [...(byCommit.get(commit.commit) ?? []), commit])
    }
  }
  return [...ids].flatMap((id) => {
    const commit = mergeAttributions(byCommit.get(id) ?? [])
    return commit ? [commit] : []
  })
}

/** A merge brings in lines that were added elsewhere; nobody is asked for evidence of it. */
function isMerge({ parents }: ForgeCommit): boolean {
  return parents.length > 1
}

function contributed(commit: CommitAttribution, session: string): boolean {
  return (
    commit.sessions.includes(session) ||
    commit.files.some(({ ranges }) => ranges.some((range) => range.session === session))
  )
}

function reportSession(material: SessionMaterial, changes: Changes, publicUrl: string): ReportSession {
  const { header, person, evidenceId, logIndex } = material
  const files = sessionFiles(header.id, changes)
  return {
    id: header.id,
    agent: header.agent.id,
    agentVersion: header.agent.version,
    models: header.models.map(({ model }) => model),
    person,
    startedAt: header.startedAt,
    durationSeconds: durationOf(header),
    usage: header.usage,
    cost: header.cost,
    lines: files.map(({ added }) => added).reduce(addLineCounts, noLines),
    files,
    capture: header.capture,
    foundBy: [...(material.foundBy ?? ['commit'])],
    ...(header.guard === undefined ? {} : { guard: header.guard }),
    url: `${publicUrl}/sessions/${encodeURIComponent(header.id)}`,
    evidenceId,
    logIndex,
    verdicts: material.isVerified ? [...material.verdicts] : material.verdicts.map(unverified),
  }
}

/** What does not verify proves nothing: its passes are worth as much as rules that broke. */
function unverified(verdict: Verdict): Verdict {
  if (verdict.result === 'fail' || verdict.result === 'error') return verdict
  return { ...verdict, result: 'error', reason: 'The evidence of this session does not verify.' }
}

function durationOf({ startedAt, endedAt }: SessionHeader): number | null {
  if (startedAt === null || endedAt === null) return null
  const seconds = (Date.parse(endedAt) - Date.parse(startedAt)) / 1000
  return seconds >= 0 ? seconds : null
}

interface Changes {
  readonly merged: readonly CommitAttribution[]
  /** All of the pull request, in order. */
  readonly commits: readonly ForgeCommit[]
  readonly edits: NonNullable<Material['edits']>
}

/**
 * Files of the commits in which the session wrote or removed lines, with its lines where they stand in the head. Lines of
 * others in them are the files' totals.
 */
function sessionFiles(session: string, { merged, commits, edits }: Changes): ReportSession['files'] {
  const files = new Map<string, ReportSession['files'][number]>()
  const attributed = new Map(merged.map((commit) => [commit.commit, commit]))
  for (const { sha } of commits) {
    const later = edits.get(sha)
    if (later !== undefined) moveFiles(files, later)
    const { files: changed = [], sessions = [] } = attributed.get(sha) ?? {}
    for (const file of changed) {
      if (!touches(file, session, sessions)) continue
      const own = file.ranges.filter((range) => range.session === session)
      const { human, unknown } = file.added
      const { ai, mixed } = countRanges(own)
      const before = files.get(file.path)
      const kept = before?.ranges ?? []
      // Where nobody told what the commit takes away, only its own lines are known to stand where they are said to.
      const ranges = later === undefined && own.length > 0 ? own : [...kept, ...own]
      files.set(file.path, {
        path: file.path,
        added: addLineCounts(before?.added ?? noLines, { ai, mixed, human, unknown }),
        removed: (before?.removed ?? 0) + totalLines(file.removed),
        ranges: ranges.toSorted((left, right) => left.start - right.start),
      })
    }
  }
  return [...files.values()].sort((left, right) => compareText(left.path, right.path))
}

/** Later commits move lines, take them away, and rename files. */
function moveFiles(files: Map<string, ReportSession['files'][number]>, later: readonly FileEdits[]): void {
  const moved = later.flatMap((change) => {
    const before = files.get(change.previousPath)
    return before === undefined
      ? []
      : [{ change, file: { ...before, ranges: moveRanges(before.ranges, change.edits) } }]
  })
  for (const { change } of moved) if (change.status === 'renamed') files.delete(change.previousPath)
  for (const { change, file } of moved) files.set(change.path, { ...file, path: change.path })
}

/** A file with lines of the session, or one that only lost lines in a commit of this session alone. */
function touches({ ranges, removed }: FileAttribution, session: string, sessions: readonly string[]): boolean {
  if (ranges.some((range) => range.session === session)) return true
  const isAlone = sessions.length === 1 && sessions[0] === session
  return isAlone && ranges.length === 0 && removed.ai + removed.mixed > 0
}

/** The first line of a message can be as long as a commit allows. */
const MAX_SUBJECT = 200

function subjectLine({ message }: ForgeCommit): string {
  return (message.split('\n')[0] ?? '').slice(0, MAX_SUBJECT)
}

function namedSession({ message }: ForgeCommit): string | null {
  return /^Stemma-Session: (\S{1,200})\s*$/m.exec(message)?.[1] ?? null
}

function hintOf(commit: ForgeCommit): string | null {
  const named = namedSession(commit)
  if (named !== null)
    return `It names the session ${named}, whose evidence has not arrived: run \`stemma push\` where it was made.`
  if (commit.authorLogin?.endsWith('[bot]')) return 'It was made by a bot on the server.'
  return null
}

function notRecorded(header: SessionHeader): readonly string[] {
  const missing: string[] = []
  if (header.usage === null) missing.push('tokens')
  if (header.cost.microUsd === null) missing.push(header.cost.unpricedModels.length > 0 ? 'price of a model' : 'cost')
  if (header.models.length === 0) missing.push('model')
  if (header.startedAt === null || header.endedAt === null) missing.push('time')
  return missing.map((what) => `${agentTitle(header.agent.id)}: ${what}`)
}

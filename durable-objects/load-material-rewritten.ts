/** Evidence of commits whose ids the evidence does not name: found by patch id, then by digests of lines. */
import type { CommitAttribution } from '#core/attribution/attribution.ts'
import {
  carryByLines,
  carryByPatch,
  type DigestedCommit,
  linesOfCommit,
  marksOf,
  pooledEvidence,
  splitDigests,
} from '#core/attribution/merged-attribution.ts'
import { AI_CONFIG_PREDICATE, attributionOf, type Statement } from '#core/evidence/statement.ts'
import type { ForgeCommit } from '#core/ports.ts'
import type { FoundBy } from '#core/report/report.ts'
import { evidenceOfLines, evidenceOfPatches } from '#worker/store/commit-evidence.ts'
import type { Database } from '#worker/store/database.ts'
import type { Change, Changes } from './load-material-changes.ts'

export interface ReadEvidence {
  readonly statement: Statement
  readonly isVerified: boolean
}

/** What is known of one commit of the forge, by one statement or, of lines, by several. */
export interface Carried {
  readonly foundBy: Exclude<FoundBy, 'commit'>
  readonly attribution: CommitAttribution
  /** Sessions that contributed; none where a machine saw the commit and no session. */
  readonly sessions: readonly string[]
  readonly evidenceIds: readonly string[]
  readonly isVerified: boolean
}

export interface Rewritten {
  readonly carried: readonly Carried[]
  readonly patches: readonly { readonly commit: string; readonly patchId: string }[]
  /** Of lines whose origin is still unknown. */
  readonly marks: readonly string[]
}

export interface RewrittenSubject {
  readonly organisation: string
  readonly database: Database
  readonly changes: Changes
  /** Commits for which no session is known by their id. */
  readonly commits: readonly ForgeCommit[]
  /** Key of the organisation under which lines are digested; null where there is none. */
  readonly keyId: string | null
  readonly read: (evidenceId: string) => Promise<ReadEvidence>
}

/** More digests are not looked up at once; a change of so many lines has enough of them. */
const MAX_DIGESTS = 5_000

export async function findRewritten(subject: RewrittenSubject): Promise<Rewritten> {
  const changes: Change[] = []
  for (const commit of subject.commits) changes.push(await subject.changes.of(commit))
  const byPatch = await carriedByPatch(subject, changes)
  // A machine that saw no session of a commit does not keep the lines from being known by another.
  const found = new Set(
    byPatch.flatMap(({ attribution, sessions }) => (sessions.length > 0 ? [attribution.commit] : [])),
  )
  const left = changes.filter(({ commit }) => !found.has(commit))
  const byLines: Carried[] = []
  for (const change of left) byLines.push(...(await carriedByLines(subject, change)))
  return {
    carried: [...byPatch, ...byLines],
    patches: changes.flatMap(({ commit, patchId }) => (patchId === null ? [] : [{ commit, patchId }])),
    marks: [...new Set(left.flatMap(({ files }) => marksOf(files.map(({ digests }) => digests))))],
  }
}

async function carriedByPatch(subject: RewrittenSubject, changes: readonly Change[]): Promise<readonly Carried[]> {
  const { organisation, database, read } = subject
  const patchIds = changes.flatMap(({ patchId }) => (patchId === null ? [] : [patchId]))
  const found = await evidenceOfPatches(organisation, database, patchIds)
  const carried: Carried[] = []
  for (const change of changes) {
    for (const { commit, sessionId, evidenceId } of found.filter(({ patchId }) => patchId === change.patchId)) {
      // What was stated about this very commit is what is being looked for.
      if (commit === change.commit) continue
      const { statement, isVerified } = await read(evidenceId)
      const original = attributionOf(statement).find((one) => one.commit === commit)
      if (original === undefined) continue
      carried.push({
        foundBy: 'patch',
        attribution: carryByPatch(change, original),
        sessions: sessionId === null ? [] : [sessionId],
        evidenceIds: [evidenceId],
        isVerified,
      })
    }
  }
  return carried
}

async function carriedByLines(subject: RewrittenSubject, change: Change): Promise<readonly Carried[]> {
  const { organisation, database, keyId, read } = subject
  const digests = [...new Set(change.files.flatMap((file) => splitDigests(file.digests)))].filter((one) => one !== null)
  if (keyId === null || digests.length === 0) return []
  const candidates = await evidenceOfLines(organisation, database, digests.slice(0, MAX_DIGESTS))
  const commits = new Map<string, DigestedCommit[]>()
  const evidenceIds = new Set<string>()
  for (const { evidenceId, commit } of candidates) {
    const { statement, isVerified } = await read(evidenceId)
    const own = isVerified ? digestedCommit(statement, commit, keyId) : null
    if (own === null) continue
    commits.set(commit, [...(commits.get(commit) ?? []), own])
    evidenceIds.add(evidenceId)
  }
  const attribution = carryByLines(change, pooledEvidence([...commits.values()].map(linesOfCommit)))
  const { ai, mixed, human } = attribution.added
  if (ai + mixed + human === 0) return []
  const { sessions } = attribution
  return [{ foundBy: 'lines', attribution, sessions, evidenceIds: [...evidenceIds], isVerified: true }]
}

function digestedCommit(statement: Statement, commit: string, keyId: string): DigestedCommit | null {
  if (statement.predicateType === AI_CONFIG_PREDICATE) return null
  const attribution = attributionOf(statement).find((one) => one.commit === commit)
  const digests = 'lineDigests' in statement.predicate ? statement.predicate.lineDigests : null
  const files = digests?.key === keyId ? digests.commits.find((one) => one.commit === commit)?.files : undefined
  return attribution === undefined || files === undefined ? null : { attribution, digests: files }
}

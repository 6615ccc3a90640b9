/** Commits -> which of their lines came from whom: snapshots, transcripts and git's own diffs, joined. */
import { realpathSync } from 'node:fs'
import { attributeCommit, type FileEvidence } from '#core/attribution/attribute.ts'
import type { CommitAttribution } from '#core/attribution/attribution.ts'
import { splitLines } from '#core/attribution/lines.ts'
import { editsOf } from '#core/attribution/transcript-versions.ts'
import type { Session } from '#core/session/session.ts'
import { activityOf } from './attribution/activity.ts'
import { type Basis, readCached, writeCached } from './attribution/cache.ts'
import { diffsOf } from './attribution/commit-diffs.ts'
import { headCommits, movesWithin } from './attribution/head-moves.ts'
import type { Evidence, Question } from './attribution/question.ts'
import { blobsUnder, canonicalRoots, readStates, withEarlierNames } from './attribution/states.ts'
import { testimonyOf } from './attribution/timeline.ts'
import { type EditsByPath, editsByPath, recallFile, textsByCall } from './attribution/transcript-edits.ts'
import { type CommitInformation, readCommits } from './io/commits.ts'
import type { FileDiff } from './io/git-diff.ts'
import { readBlobs } from './io/objects.ts'
import { readObservations } from './io/observations.ts'
import { patchIds } from './io/patch-ids.ts'
import type { Repository } from './io/repository.ts'
import { snapshotEnvironment } from './io/snapshot-store.ts'
import { readRecords, type SpoolRecord } from './io/spool.ts'

interface Job {
  readonly information: CommitInformation
  readonly diffs: readonly FileDiff[]
  readonly basis: Basis
}

/** In the order asked for. Works without any record or session too: then every line is `unknown`. */
export async function attributeCommits(
  repository: Repository,
  commits: readonly string[],
  sessions: readonly Session[],
): Promise<readonly CommitAttribution[]> {
  const information = await readCommits(repository, commits)
  const [spool, observations] = await Promise.all([
    readRecords(repository.stateDirectory),
    readObservations(repository.stateDirectory),
  ])
  const basis: Basis = {
    records: spool.records.length + observations.commits.length + observations.rewrites.length,
    sessions: sessions.map(({ id, eventCount }) => `${id}@${eventCount}`),
  }
  const done = new Map<string, CommitAttribution>()
  const fresh: CommitInformation[] = []
  for (const one of information) {
    const cached = await readCached(repository.stateDirectory, one.commit, basis)
    if (cached) done.set(one.commit, cached)
    else fresh.push(one)
  }
  const changed = await diffsOf(repository, fresh)
  const jobs = fresh.map((one): Job => ({ information: one, diffs: changed.get(one.commit) ?? [], basis }))
  if (jobs.length > 0) {
    const evidence = await gather(repository, jobs, sessions, { records: spool.records, observations })
    const ids = await patchIds(
      repository,
      jobs.map(({ information: { commit } }) => commit),
    )
    for (const { information: one, diffs } of jobs) {
      const isMerge = one.parents.length > 1
      const attribution = attributeCommit({
        commit: one.commit,
        parents: one.parents,
        authoredAt: one.authoredAt,
        subject: one.subject,
        patchId: isMerge ? null : (ids.get(one.commit) ?? null),
        files: diffs.map((diff) => fileEvidence(diff, { information: one, diffs }, evidence)),
      })
      await writeCached(repository.stateDirectory, attribution, basis)
      done.set(one.commit, attribution)
    }
  }
  return information.map(({ commit }) => done.get(commit)).filter((attribution) => attribution !== undefined)
}

interface Gathered extends Evidence {
  readonly edits: EditsByPath
  /** Blob -> other paths under which hooks saw it. */
  readonly kin: ReadonlyMap<string, readonly string[]>
}

/** A file that was renamed before it was ever committed: hooks saw the content of a new one under another name. */
function kinByContent(jobs: readonly Job[], records: readonly SpoolRecord[]): ReadonlyMap<string, readonly string[]> {
  const fresh = new Map<string, Set<string>>()
  for (const { diffs } of jobs) {
    for (const { status, newBlob } of diffs) if (status === 'added' && newBlob) fresh.set(newBlob, new Set())
  }
  for (const { snapshot } of records) if (snapshot?.kind === 'file') fresh.get(snapshot.blob)?.add(snapshot.path)
  return new Map([...fresh].map(([blob, paths]) => [blob, [...paths]]))
}

async function gather(
  repository: Repository,
  jobs: readonly Job[],
  sessions: readonly Session[],
  { records, observations }: Pick<Parameters<typeof readStates>[1], 'records' | 'observations'>,
): Promise<Gathered> {
  const canonical = canonicalRoots()
  const kin = kinByContent(jobs, records)
  const named = jobs.flatMap(({ diffs }) => diffs.flatMap(({ path, previousPath }) => [path, previousPath]))
  const direct = [...new Set([...named, ...[...kin.values()].flat()])]
  const paths = await withEarlierNames(repository, { records, observations }, direct, canonical)
  const states = await readStates(repository, { records, observations }, paths, canonical)
  const moves = await movesWithin(repository, states, observations, canonical)
  const headBlobs = await blobsUnder(repository, headCommits(moves, paths.length), paths)
  const blobs = new Set<string>()
  for (const ofRoot of states.values())
    for (const list of ofRoot.values()) for (const { blob } of list) if (blob) blobs.add(blob)
  for (const { diffs } of jobs)
    for (const { oldBlob, newBlob } of diffs) for (const blob of [oldBlob, newBlob]) if (blob) blobs.add(blob)
  for (const ofCommit of headBlobs.values()) for (const blob of ofCommit.values()) blobs.add(blob)
  const contents = await readBlobs(repository, [...blobs], snapshotEnvironment(repository))
  const lines = linesOf(contents)
  const oldBlobs = new Map(
    jobs.map(({ information, diffs }) => [
      information.commit,
      new Map(diffs.map(({ previousPath, oldBlob }) => [previousPath, oldBlob])),
    ]),
  )
  const told = editsOf(sessions)
  return {
    states,
    moves,
    headBlobs,
    lines,
    bases: (commit, path) => lines(oldBlobs.get(commit)?.get(path) ?? null) ?? [],
    activity: activityOf(records, sessions, canonical),
    observations,
    canonical,
    edits: editsByPath(told),
    texts: textsByCall(told),
    kin,
    root: realpathSync(repository.root),
  }
}

/** Decoded once, on demand; null where the content is missing, too large or binary. */
function linesOf(contents: ReadonlyMap<string, Buffer>): (blob: string | null) => readonly string[] | null {
  const decoded = new Map<string, readonly string[] | null>()
  return (blob) => {
    if (blob === null) return []
    const present = decoded.get(blob)
    if (present !== undefined) return present
    const bytes = contents.get(blob)
    const lines = bytes === undefined || bytes.includes(0) ? null : splitLines(decode(bytes))
    decoded.set(blob, lines)
    return lines
  }
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return bytes.toString('latin1') // keeps every byte apart, which is all that comparing needs
  }
}

function fileEvidence(
  diff: FileDiff,
  { information, diffs }: Pick<Job, 'information' | 'diffs'>,
  evidence: Gathered,
): FileEvidence {
  const parent = evidence.lines(diff.oldBlob)
  const committed = evidence.lines(diff.newBlob)
  const facts = {
    path: diff.path,
    status: diff.status,
    binary: diff.binary,
    hunks: diff.hunks,
    parent,
    committed,
    hooked: evidence.activity.hooked,
  }
  if (diff.binary || parent === null || committed === null) return { ...facts, snapshots: null, transcript: null }
  const content = { id: diff.newBlob ?? 'absent', lines: committed }
  const until = Date.parse(information.committedAt) + 999
  const question = {
    diff,
    commit: information,
    base: parent,
    committed: content,
    kin: kinOf(diff, diffs, evidence),
    until,
  }
  const seen = testimonyOf(question, evidence)
  return {
    ...facts,
    snapshots: seen?.testimony ?? null,
    transcript: recallFile(question, seen?.formerNames ?? [], evidence.edits),
  }
}

/** A commit that deletes more files than this moves a tree about; comparing each with each is not worth it. */
const MAX_KIN = 50

function kinOf(diff: FileDiff, diffs: readonly FileDiff[], { lines, kin }: Gathered): Question['kin'] {
  if (diff.status !== 'added') return []
  const deleted = diffs.filter(({ status, binary }) => status === 'deleted' && !binary).slice(0, MAX_KIN)
  const same = (kin.get(diff.newBlob ?? '') ?? []).filter((path) => path !== diff.path)
  return [
    ...deleted.map(({ path, oldBlob }) => ({ path, base: lines(oldBlob) ?? [] })),
    ...same.map((path) => ({ path, base: [] })),
  ]
}

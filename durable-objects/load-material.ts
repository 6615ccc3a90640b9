/** Gathers what a pull request's report is made of: rows, envelopes, verdicts, contract, checkpoint. */
import type { CommitAttribution } from '#core/attribution/attribution.ts'
import { readEnvelope } from '#core/evidence/envelope.ts'
import { readKeyText } from '#core/evidence/ssh-key.ts'
import {
  attributionOf as attributionsIn,
  MERGED_ATTRIBUTION_PREDICATE,
  readStatement,
  sessionOf,
} from '#core/evidence/statement.ts'
import { verify } from '#core/evidence/verify.ts'
import type { Contract } from '#core/policy/contract.ts'
import { type ContractsInForce, contractFor, verdictsUnder } from '#core/policy/contracts-in-force.ts'
import type { Verdict } from '#core/policy/policy.ts'
import { applyWaivers, type Waiver } from '#core/policy/waiver.ts'
import type { ForgeCommit } from '#core/ports.ts'
import type { FrameworkCheck } from '#core/report/framework-check.ts'
import type { Material, SessionMaterial } from '#core/report/material.ts'
import { type FoundBy, waysToFind } from '#core/report/report.ts'
import type { Env } from '#worker/env.ts'
import { envelopesOf } from '#worker/store/blobs.ts'
import {
  type CommitEvidence,
  evidenceOfCommits,
  hasVerdicts,
  observationsOfCommits,
  sessionsOf,
} from '#worker/store/commit-evidence.ts'
import { contractsInForce } from '#worker/store/contracts.ts'
import { type Database, openDatabase } from '#worker/store/database.ts'
import { findEvidence } from '#worker/store/evidence.ts'
import { candidateKeys } from '#worker/store/keys.ts'
import { verdictsOf } from '#worker/store/verdicts.ts'
import { waiversInForce } from '#worker/store/waivers.ts'
import type { Changes, OrganisationLineKey } from './load-material-changes.ts'
import { findRewritten, type ReadEvidence, type Rewritten } from './load-material-rewritten.ts'
import { checksInForce } from './pull-request-checks.ts'

export interface MaterialSubject {
  readonly organisation: string
  readonly repository: string
  readonly number: number
  readonly head: string
  readonly commits: readonly ForgeCommit[]
  readonly changes: Changes
  readonly key: OrganisationLineKey | null
  /** What the server itself stated about these commits is left out: it is to be stated anew. */
  readonly isRecomputed?: boolean
}

export interface LoadedMaterial {
  readonly material: Material
  readonly rewritten: Rewritten
  /** Evidence that attributes one of the commits, and how it was found. */
  readonly sources: readonly { readonly evidence: string; readonly foundBy: FoundBy }[]
  /** Of frameworks, beside the one of the contract. */
  readonly checks: readonly FrameworkCheck[]
  /** Sessions whose policies have not been evaluated under the contract in force. */
  readonly unevaluated: readonly string[]
}

export async function loadMaterial(env: Env, subject: MaterialSubject): Promise<LoadedMaterial> {
  const { organisation, repository, number, head, commits } = subject
  const database = openDatabase(env.DB)
  const inForce = await contractsInForce(organisation, database)
  const contract = contractFor(inForce, repository)
  const now = new Date().toISOString()
  const waivers = await waiversInForce(organisation, database, now)
  const reader = evidenceReader(env, organisation)
  const correlated = await correlate(subject, { database, read: reader })
  const loaded: { session: SessionMaterial; isEvaluated: boolean }[] = []
  const context = { organisation, inForce, contract, waivers, repository, number, now, read: reader }
  for (const evidence of correlated.sessions) loaded.push(await loadSession(env, { ...context, evidence }))
  const { size, root, note } = await env.EVIDENCE_LOG.getByName(organisation).checkpoint()
  return {
    material: {
      repository,
      number,
      head,
      commits,
      sessions: loaded.map(({ session }) => session),
      observations: correlated.observations,
      contract,
      checkpoint: size === 0 ? null : { size, root, origin: note.slice(0, note.indexOf('\n')) },
      publicUrl: env.PUBLIC_URL.replace(/\/+$/, ''),
    },
    checks: checksInForce(inForce, repository),
    rewritten: correlated.rewritten,
    sources: correlated.sources,
    unevaluated: loaded.filter(({ isEvaluated }) => !isEvaluated).map(({ session }) => session.header.id),
  }
}

/** Evidence of one session, by whatever way its commits were found. */
interface CorrelatedSession extends CommitEvidence {
  readonly carried: Rewritten['carried']
}

/** Sessions and observations of the commits: by commit id, and of those that no session names, by patch and by lines. */
async function correlate(
  { organisation, commits, changes, key, isRecomputed = false }: MaterialSubject,
  { database, read }: { readonly database: Database; readonly read: EvidenceReader },
) {
  const ids = commits.map(({ sha }) => sha)
  const listed = await evidenceOfCommits(organisation, database, ids)
  const found = isRecomputed ? await withoutStatements(listed, read) : listed
  const known = new Set(found.flatMap(({ attributing }) => attributing.map(({ commit }) => commit)))
  const left = commits.filter(({ sha, parents }) => !known.has(sha) && parents.length < 2).slice(0, MAX_CHANGES)
  const rewritten = await findRewritten({
    organisation,
    database,
    changes,
    commits: left,
    keyId: key?.id ?? null,
    read,
  })
  const carried = new Set(rewritten.carried.flatMap(({ sessions }) => sessions))
  const others = await sessionsOf(
    organisation,
    database,
    [...carried].filter((id) => !found.some((one) => one.sessionId === id)),
  )
  const sessions = [...found, ...others.map((one) => ({ ...one, attributing: [] }))].map(
    (one): CorrelatedSession => ({
      ...one,
      carried: rewritten.carried.filter((carried) => carried.sessions.includes(one.sessionId)),
    }),
  )
  const observed = await loadObservations({ organisation, database, read }, commits)
  const alone = rewritten.carried.filter((carried) => carried.sessions.length === 0)
  return {
    sessions: sessions.sort((a, b) => a.logIndex - b.logIndex),
    observations: [
      ...observed,
      ...alone.map(({ attribution, isVerified }) => ({ attribution: [attribution], isVerified })),
    ],
    rewritten,
    sources: [
      ...found.flatMap(({ attributing }) => attributing.map(({ evidenceId }) => [evidenceId, 'commit'] as const)),
      ...rewritten.carried.flatMap(({ evidenceIds, foundBy }) => evidenceIds.map((id) => [id, foundBy] as const)),
    ].map(([evidence, foundBy]) => ({ evidence, foundBy })),
  }
}

/** Sessions that attribute a commit by evidence of a machine. */
async function withoutStatements(
  found: readonly CommitEvidence[],
  read: EvidenceReader,
): Promise<readonly CommitEvidence[]> {
  const kept: CommitEvidence[] = []
  for (const one of found) {
    const statements = await Promise.all(one.attributing.map(({ evidenceId }) => read(evidenceId)))
    const attributing = one.attributing.filter(
      (_, at) => statements[at]?.statement.predicateType !== MERGED_ATTRIBUTION_PREDICATE,
    )
    if (attributing.length > 0) kept.push({ ...one, attributing })
  }
  return kept
}

/** One request each to the forge, once; beyond it a pull request's commits are too many to look at one by one. */
export const MAX_CHANGES = 100

interface SessionSubject {
  readonly organisation: string
  readonly inForce: ContractsInForce
  /** Of the pull request's repository. */
  readonly contract: Contract
  readonly waivers: readonly Waiver[]
  readonly repository: string
  readonly number: number
  readonly now: string
  readonly evidence: CorrelatedSession
  readonly read: EvidenceReader
}

async function loadSession(env: Env, subject: SessionSubject) {
  const { organisation, inForce, contract, evidence } = subject
  const { evidenceId, logIndex, person, carried } = evidence
  const database = openDatabase(env.DB)
  const statements = new Map<string, ReadEvidence>()
  for (const id of new Set([evidenceId, ...evidence.attributing.map((one) => one.evidenceId)])) {
    statements.set(id, await subject.read(id))
  }
  const newest = statements.get(evidenceId)
  if (newest === undefined || !('session' in newest.statement.predicate)) {
    throw new TypeError(`evidence ${evidenceId} stands for session ${evidence.sessionId} and is not about one`)
  }
  const header = sessionOf(newest.statement)
  if (header === null) throw new TypeError('the newest evidence of a session is about a session')
  const judged = contractFor(inForce, newest.statement.predicate.repository)
  const isEvaluated =
    judged.policies.length === 0 ||
    (await hasVerdicts(organisation, database, { evidenceId, contractVersion: inForce.version }))
  const verdicts = isEvaluated
    ? verdictsUnder(contract, { judged, verdicts: await verdictsOf(organisation, database, evidenceId) })
    : unevaluated(contract)
  const { repository, number: pullRequest, now } = subject
  const waiverSubject = { session: header.id, repository, pullRequest, now }
  const session: SessionMaterial = {
    header,
    person,
    evidenceId,
    logIndex,
    attribution: [...attributionOf(evidence, statements), ...carried.map(({ attribution }) => attribution)],
    foundBy: waysToFind.filter((way) =>
      way === 'commit' ? evidence.attributing.length > 0 : carried.some(({ foundBy }) => foundBy === way),
    ),
    verdicts: isEvaluated ? applyWaivers(verdicts, subject.waivers, waiverSubject) : verdicts,
    isVerified: [...statements.values(), ...carried].every(({ isVerified }) => isVerified),
  }
  return { session, isEvaluated }
}

/** What machines saw of commits to which no session contributed. */
async function loadObservations(
  { organisation, database, read }: { organisation: string; database: Database; read: EvidenceReader },
  commits: readonly ForgeCommit[],
) {
  const ids = commits.map(({ sha }) => sha)
  const found = await observationsOfCommits(organisation, database, ids)
  return Promise.all(
    found.map(async ({ evidenceId, commits: own }) => {
      const { statement, isVerified } = await read(evidenceId)
      return { attribution: attributionsIn(statement).filter(({ commit }) => own.includes(commit)), isVerified }
    }),
  )
}

type EvidenceReader = (evidenceId: string) => Promise<ReadEvidence>

/** Each envelope is read and verified once for a report, however many commits it speaks about. */
function evidenceReader(env: Env, organisation: string): EvidenceReader {
  const known = new Map<string, Promise<ReadEvidence>>()
  return (id) => {
    const reading = known.get(id) ?? readEvidence(env, organisation, id)
    known.set(id, reading)
    return reading
  }
}

/** Verified again from the stored bytes: a report vouches for signatures, so it looks at them itself. */
async function readEvidence(env: Env, organisation: string, id: string): Promise<ReadEvidence> {
  const database = openDatabase(env.DB)
  const envelope = readEnvelope(await envelopesOf(organisation, env.BLOBS).get(id))
  const row = await findEvidence(organisation, database, id)
  if (row === null) throw new TypeError(`evidence ${id} attributes a commit and has no row`)
  const candidates = await candidateKeys(organisation, database, { ids: [row.keyId], person: row.person })
  const keys = await Promise.all(
    candidates.map(async ({ spki, revokedAt }) => ({
      publicKey: await readKeyText(spki),
      revokedAt,
    })),
  )
  const verdict = await verify(envelope, { keys, loggedAt: row.receivedAt })
  const statement = verdict.verified ? verdict.statement : readStatement(envelope.payload)
  return { statement, isVerified: verdict.verified && verdict.id === id }
}

function attributionOf(
  { attributing }: CommitEvidence,
  statements: ReadonlyMap<string, ReadEvidence>,
): readonly CommitAttribution[] {
  return attributing.flatMap(({ commit, evidenceId }) => {
    const statement = statements.get(evidenceId)?.statement
    return statement === undefined ? [] : attributionsIn(statement).filter((one) => one.commit === commit)
  })
}

/** What was not evaluated has not passed. */
function unevaluated({ policies }: Contract): readonly Verdict[] {
  return policies.map(({ policy, gate }) => ({
    policy,
    version: 1,
    result: 'error',
    gate,
    findings: [],
    doubts: [],
    reason: 'The policy has not been evaluated on this session yet.',
  }))
}

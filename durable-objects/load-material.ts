/** Gathers what a pull request's report is made of: rows, envelopes, verdicts, contract, checkpoint. */
import type { CommitAttribution } from '#core/attribution/attribution.ts'
import { readEnvelope } from '#core/evidence/envelope.ts'
import { readKeyText } from '#core/evidence/ssh-key.ts'
import { attributionOf as attributionsIn, readStatement, type Statement, sessionOf } from '#core/evidence/statement.ts'
import { verify } from '#core/evidence/verify.ts'
import type { Contract } from '#core/policy/contract.ts'
import { type ContractsInForce, contractFor, verdictsUnder } from '#core/policy/contracts-in-force.ts'
import type { Verdict } from '#core/policy/policy.ts'
import { applyWaivers, type Waiver } from '#core/policy/waiver.ts'
import type { ForgeCommit } from '#core/ports.ts'
import type { Material, SessionMaterial } from '#core/report/material.ts'
import type { Env } from '#worker/env.ts'
import { envelopesOf } from '#worker/store/blobs.ts'
import {
  type CommitEvidence,
  evidenceOfCommits,
  hasVerdicts,
  observationsOfCommits,
} from '#worker/store/commit-evidence.ts'
import { contractsInForce } from '#worker/store/contracts.ts'
import { openDatabase } from '#worker/store/database.ts'
import { findEvidence } from '#worker/store/evidence.ts'
import { candidateKeys } from '#worker/store/keys.ts'
import { verdictsOf } from '#worker/store/verdicts.ts'
import { waiversInForce } from '#worker/store/waivers.ts'

export interface MaterialSubject {
  readonly organisation: string
  readonly repository: string
  readonly number: number
  readonly head: string
  readonly commits: readonly ForgeCommit[]
}

export interface LoadedMaterial {
  readonly material: Material
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
  const found = await evidenceOfCommits(
    organisation,
    database,
    commits.map(({ sha }) => sha),
  )
  const loaded: { session: SessionMaterial; isEvaluated: boolean }[] = []
  const context = { organisation, inForce, contract, waivers, repository, number, now }
  for (const evidence of found) loaded.push(await loadSession(env, { ...context, evidence }))
  const observed = await loadObservations(env, organisation, commits)
  const { size, root, note } = await env.EVIDENCE_LOG.getByName(organisation).checkpoint()
  return {
    material: {
      repository,
      number,
      head,
      commits,
      sessions: loaded.map(({ session }) => session),
      observations: observed,
      contract,
      checkpoint: size === 0 ? null : { size, root, origin: note.slice(0, note.indexOf('\n')) },
      publicUrl: env.PUBLIC_URL.replace(/\/+$/, ''),
    },
    unevaluated: loaded.filter(({ isEvaluated }) => !isEvaluated).map(({ session }) => session.header.id),
  }
}

interface SessionSubject {
  readonly organisation: string
  readonly inForce: ContractsInForce
  /** Of the pull request's repository. */
  readonly contract: Contract
  readonly waivers: readonly Waiver[]
  readonly repository: string
  readonly number: number
  readonly now: string
  readonly evidence: CommitEvidence
}

async function loadSession(env: Env, subject: SessionSubject) {
  const { organisation, inForce, contract, evidence } = subject
  const { evidenceId, logIndex, person } = evidence
  const database = openDatabase(env.DB)
  const statements = new Map<string, ReadEvidence>()
  for (const id of new Set([evidenceId, ...evidence.attributing.map((one) => one.evidenceId)])) {
    statements.set(id, await readEvidence(env, organisation, id))
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
    attribution: attributionOf(evidence, statements),
    verdicts: isEvaluated ? applyWaivers(verdicts, subject.waivers, waiverSubject) : verdicts,
    isVerified: [...statements.values()].every(({ isVerified }) => isVerified),
  }
  return { session, isEvaluated }
}

/** What machines saw of commits to which no session contributed. */
async function loadObservations(env: Env, organisation: string, commits: readonly ForgeCommit[]) {
  const ids = commits.map(({ sha }) => sha)
  const found = await observationsOfCommits(organisation, openDatabase(env.DB), ids)
  return Promise.all(
    found.map(async ({ evidenceId, commits: own }) => {
      const { statement, isVerified } = await readEvidence(env, organisation, evidenceId)
      return { attribution: attributionsIn(statement).filter(({ commit }) => own.includes(commit)), isVerified }
    }),
  )
}

interface ReadEvidence {
  readonly statement: Statement
  readonly isVerified: boolean
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

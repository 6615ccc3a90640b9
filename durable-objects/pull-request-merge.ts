/** A merged pull request -> a signed statement of what its commits on the base branch are made of. */

import { sha256Hex } from '#core/evidence/digest.ts'
import { type MergedAttribution, mergedAttributionStatement, writeStatement } from '#core/evidence/statement.ts'
import type { Forge, ForgeCommit } from '#core/ports.ts'
import { mergeAttributions } from '#core/report/merge-attribution.ts'
import type { Env } from '#worker/env.ts'
import { envelopesOf } from '#worker/store/blobs.ts'
import { openDatabase } from '#worker/store/database.ts'
import { insertEvidence } from '#worker/store/evidence.ts'
import { keepServerKey, SERVER_PERSON } from '#worker/store/merged-attributions.ts'
import { loadMaterial } from './load-material.ts'
import type { Changes, OrganisationLineKey } from './load-material-changes.ts'

export interface MergedPullRequest {
  readonly organisation: string
  readonly repository: string
  readonly number: number
  readonly head: string
  readonly mergeCommit: string
  /** Of the branch, in order. */
  readonly commits: readonly ForgeCommit[]
  readonly forge: Forge
  readonly changes: Changes
  readonly key: OrganisationLineKey | null
}

interface Landing {
  readonly method: MergedAttribution['method']
  readonly commits: readonly ForgeCommit[]
}

/** What was stated, and of which content: hex SHA-256 of the payload without `supersedes`. */
interface Stated {
  readonly id: string
  readonly content: string
}

/** With the waiting times between them about four hours: longer than most outages of a forge. */
const MAX_TRIES = 16

interface StatedMerge {
  /** Failures in a row. */
  readonly tries: number
  readonly stated: Stated | null
}

/** How often it failed in a row, for the time until the next try; 0 where it is stated, or given up. Never throws. */
export async function tryStateMerge(
  env: Env,
  storage: SyncKvStorage,
  { mergeCommit, load }: { readonly mergeCommit: string; readonly load: () => Promise<MergedPullRequest> },
): Promise<number> {
  const name = `merge ${mergeCommit}`
  const { tries, stated = null } = storage.get<StatedMerge>(name) ?? { tries: 0, stated: null }
  if (tries >= MAX_TRIES) return 0
  try {
    const now = await stateMerge(env, await load(), stated)
    storage.put<StatedMerge>(name, { tries: 0, stated: now ?? stated })
    return 0
  } catch (error) {
    console.warn(JSON.stringify({ merge: mergeCommit, error: String(error) }))
    storage.put<StatedMerge>(name, { tries: tries + 1, stated })
    return tries + 1
  }
}

/**
 * null where no evidence speaks about a line of it. The same merge gives the same bytes; where evidence came since
 * `before`, there is another statement, which points to that one.
 */
export async function stateMerge(env: Env, merged: MergedPullRequest, before: Stated | null): Promise<Stated | null> {
  const { organisation, repository, number, head, changes, key } = merged
  const { method, commits } = await landingOf(merged)
  const { material, sources } = await loadMaterial(env, {
    organisation,
    repository,
    number,
    head: merged.mergeCommit,
    commits,
    changes,
    key,
    isRecomputed: true,
  })
  const witnesses = [...material.sessions, ...(material.observations ?? [])].filter(({ isVerified }) => isVerified)
  const attribution = commits.flatMap(({ sha }) => {
    const own = mergeAttributions(witnesses.flatMap((one) => one.attribution).filter(({ commit }) => commit === sha))
    return own === null ? [] : [own]
  })
  if (attribution.length === 0) return null
  const createdAt = commits.at(-1)?.authoredAt ?? '1970-01-01T00:00:00.000Z'
  const known = new Map(sources.map((source) => [`${source.evidence} ${source.foundBy}`, { ...source }]))
  const predicate: MergedAttribution = {
    repository,
    pullRequest: number,
    head,
    method,
    attribution,
    sources: [...known.entries()].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, source]) => source),
    producer: { name: 'stemma-server', version: '1' },
    createdAt,
  }
  const content = await sha256Hex(writeStatement(mergedAttributionStatement(predicate)))
  if (before?.content === content) return before
  const id = await keep(env, organisation, before === null ? predicate : { ...predicate, supersedes: before.id })
  return { id, content }
}

/** A squash or a merge is one commit; a rebase is as many as the branch had, the last of which has the last one's patch. */
async function landingOf({ repository, mergeCommit, commits, forge, changes }: MergedPullRequest): Promise<Landing> {
  const tip = await forge.commit(repository, mergeCommit)
  const [first] = tip.parents
  // What a merge brings is its difference from the base branch, which is the first parent.
  if (tip.parents.length > 1) {
    return { method: 'merge', commits: [{ ...tip, parents: first === undefined ? [] : [first] }] }
  }
  const branch = commits.filter(({ parents }) => parents.length < 2)
  const landed: ForgeCommit[] = []
  let parent = first
  for (const commit of branch.toReversed()) {
    if (landed.length > 0 && parent === undefined) break
    const candidate: ForgeCommit = landed.length === 0 ? tip : await forge.commit(repository, parent ?? '')
    const [there, here] = [await changes.of(candidate), await changes.of(commit)]
    if (there.patchId === null || there.patchId !== here.patchId) break
    landed.unshift(candidate)
    parent = candidate.parents[0]
  }
  const isRebase = branch.length > 1 && landed.length === branch.length
  return isRebase ? { method: 'rebase', commits: landed } : { method: 'squash', commits: [tip] }
}

async function keep(env: Env, organisation: string, predicate: MergedAttribution): Promise<string> {
  const statement = mergedAttributionStatement(predicate)
  const payload = writeStatement(statement)
  const log = env.EVIDENCE_LOG.getByName(organisation)
  const { envelope, keyId, spki } = await log.attest(payload)
  const database = openDatabase(env.DB)
  const [id, now] = [await sha256Hex(payload), new Date().toISOString()]
  await keepServerKey(organisation, database, { id: keyId, spki, now })
  await envelopesOf(organisation, env.BLOBS).put(id, envelope)
  const { predicateType } = statement
  const { index, receipt, receivedAt } = await log.append({ evidenceId: id, predicateType, keyId, receivedAt: now })
  await insertEvidence(organisation, database, {
    id,
    sessionId: null,
    person: SERVER_PERSON,
    keyId,
    transcript: null,
    logIndex: index,
    receipt,
    receivedAt,
  })
  await env.JOBS.send({ type: 'index', organisation, evidenceId: id })
  return id
}

/** Pending pushes -> outgoing spool: describe what is new, sign it, make it durable. */
import type { CommitAttribution } from '#core/attribution/attribution.ts'
import { Fault, isFault } from '#core/fault.ts'
import { describeConfiguration } from '../configuration/evidence.ts'
import type { Context } from '../context.ts'
import { type DeviceKey, makeDeviceKey, readDeviceKey, signerOf } from '../io/keys.ts'
import { addOutgoing, type EvidenceNotes, listOutgoing, readOutgoing } from '../io/outgoing.ts'
import { readAllReceipts } from '../io/receipts.ts'
import { remoteUrl } from '../io/repository.ts'
import { loadSession } from '../io/summaries.ts'
import { captured, repositoryName, type Workspace } from '../workspace.ts'
import { type Contribution, type Contributions, contributionsTo } from './contributions.ts'
import { describe, describeObserved, PRODUCER, sign, type Unsigned } from './evidence.ts'
import { type DigestsByCommit, digestCommits, digestsOf } from './line-digests.ts'
import { lineKeyFor } from './line-key.ts'
import { privacyOf } from './privacy.ts'

export interface Described extends Contributions {
  /** Sessions whose evidence of these commits is acknowledged or waits already. */
  readonly unchanged: readonly string[]
  /** Sessions that cannot be sent as they are, and why. */
  readonly refused: readonly { readonly session: string | null; readonly fault: Fault }[]
}

interface DescribeRequest {
  readonly workspace: Workspace
  readonly context: Context
  /** Ids of sessions that are described even where they contributed to none of the commits. */
  readonly sessions?: readonly string[]
  /**
   * Gets each piece of evidence that is new, so that no more than two transcripts are in memory as text: the next is
   * described while this one is written. What it throws ends the whole.
   */
  readonly use: (unsigned: Unsigned) => Promise<void>
}

/** `remote`: name of the remote that is pushed to; null = the usual one. Writes nothing by itself. */
export async function describePush(
  commits: readonly string[],
  remote: string | null,
  { workspace, context, sessions = [], use }: DescribeRequest,
): Promise<Described> {
  const { repository } = workspace
  const contributed = await contributionsTo(commits, workspace, context)
  const others = await withoutCommit(sessions, contributed, { workspace, context })
  const found = { ...contributed, contributions: [...contributed.contributions, ...others] }
  const address = remote === null ? null : ((await remoteUrl(repository, remote)) ?? remote)
  const privacy =
    found.contributions.length === 0 && found.observed.length === 0
      ? null
      : await privacyOf(remote, { workspace, context })
  if (privacy === null) return { ...found, unchanged: [], refused: [] }
  const key = await lineKeyFor(context, workspace.configuration?.server ?? null)
  const digests: DigestsByCommit = key === null ? new Map() : await digestCommits(repository, found.attribution, key)
  const request = {
    repository: await repositoryName(repository, address),
    privacy,
    now: context.now(),
    lineDigests: (commits: readonly CommitAttribution[]) => digestsOf(commits, key, digests),
  }
  const known = await knownEvidence(repository.stateDirectory)
  const { hand, settled } = oneAhead(use)
  const unchanged: string[] = []
  const refused: { session: string | null; fault: Fault }[] = []
  const isFresh = ({ notes }: Unsigned) => !known.some((old) => covers(old, notes))
  // Configuration says under which rules sessions ran; without a session there is nothing to say it of.
  const configured =
    found.contributions.length === 0
      ? { value: null }
      : await attempt(null, () => describeConfiguration(workspace, context, { ...request, known, producer: PRODUCER }))
  if ('fault' in configured) refused.push(configured)
  else if (configured.value !== null) await hand(configured.value)
  for (const contribution of found.contributions) {
    const described = await attempt(contribution.session.id, () => describe(contribution, request))
    if ('fault' in described) {
      refused.push(described)
      continue
    }
    const fresh = described.value.filter(isFresh)
    for (const one of fresh) await hand(one)
    if (fresh.length === 0) unchanged.push(contribution.session.id)
  }
  const observed = await attempt(null, () => describeObserved(found.observed, request))
  if ('fault' in observed) refused.push(observed)
  else for (const one of observed.value.filter(isFresh)) await hand(one)
  await settled()
  return { ...found, unchanged, refused }
}

/** Hands things on one after the other without waiting for the last one; the next call, or `settled`, throws what it threw. */
function oneAhead<Item>(use: (item: Item) => Promise<void>) {
  let last: Promise<void> = Promise.resolve()
  return {
    hand: async (item: Item): Promise<void> => {
      await last
      last = use(item)
      // It is looked at later, and must not count as unhandled until then.
      last.catch(() => {})
    },
    settled: () => last,
  }
}

/** Without a commit and without a transcript there would be nothing to sign. */
async function withoutCommit(
  sessions: readonly string[],
  { contributions }: Contributions,
  { workspace, context }: { readonly workspace: Workspace; readonly context: Context },
): Promise<readonly Contribution[]> {
  const told = new Set(contributions.map(({ session }) => session.id))
  const wanted = sessions.filter((id) => !told.has(id))
  if (wanted.length === 0 || workspace.configuration?.tier === 'metadata') return []
  const { repository, roots } = workspace
  const { summaries, request } = await captured(context, { roots, stateDirectory: repository.stateDirectory })
  const own = summaries.filter(({ header }) => wanted.includes(header.id))
  const loaded = await Promise.all(own.map((summary) => loadSession(summary, request)))
  return loaded.filter((session) => session !== null).map((session) => ({ session, attribution: [] }))
}

/** What cannot be described is reported by session; it does not keep the others from being sent. */
async function attempt<Value>(
  session: string | null,
  work: () => Promise<Value>,
): Promise<{ readonly value: Value } | { readonly session: string | null; readonly fault: Fault }> {
  try {
    return { value: await work() }
  } catch (problem) {
    if (isFault(problem)) return { session, fault: problem }
    const fault = new Fault('internal', {
      message: `${session ?? 'A commit'} could not be described: ${problem instanceof Error ? problem.message : String(problem)}`,
      hint: 'This is a defect of Stemma. Report what `stemma push --verbose` prints.',
      cause: problem,
    })
    return { session, fault }
  }
}

/** The same transcript, and every commit of the new evidence named by the old. */
function covers(old: EvidenceNotes, fresh: Omit<EvidenceNotes, 'id'>): boolean {
  return (
    old.session === fresh.session &&
    old.content === fresh.content &&
    (old.transcript !== null || fresh.transcript === null) &&
    fresh.commits.every((commit) => old.commits.includes(commit))
  )
}

/** What waits on the spool and what was acknowledged. */
export async function knownEvidence(stateDirectory: string): Promise<readonly EvidenceNotes[]> {
  const ids = await listOutgoing(stateDirectory)
  const waiting = await Promise.all(ids.map((id) => readOutgoing(stateDirectory, id)))
  const receipts = await readAllReceipts(stateDirectory)
  return [
    ...waiting.filter((evidence) => evidence !== null).map(({ notes }) => notes),
    ...receipts.map(({ notes }) => notes),
  ]
}

/** Signs and spools; resolves once it is durable. */
export async function spool(unsigned: Unsigned, stateDirectory: string, key: DeviceKey): Promise<void> {
  await addOutgoing(stateDirectory, await sign(unsigned, await signerOf(key)))
}

/** The server's key, else a key of this machine's own: evidence is signed at once and signed again once there is a server. */
export async function signingKey(context: Context, server: string | null): Promise<DeviceKey> {
  const { configurationFolder } = context
  const key = server === null ? null : await readDeviceKey(configurationFolder, server)
  if (key?.enrolment != null) return key
  return (
    (await readDeviceKey(configurationFolder, null)) ?? (await makeDeviceKey(configurationFolder, null, context.now()))
  )
}

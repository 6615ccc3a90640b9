/** One push, from the commits to the receipts: pending -> outgoing -> sent, each step durable before the next begins. */
import { join } from 'node:path'
import type { Fault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { pruneDecisions } from '../guard/decisions.ts'
import { enrolPipeline } from '../identity/pipeline.ts'
import { keepReceiptCheckpoints } from '../io/checkpoints.ts'
import { noteFailure } from '../io/failures.ts'
import { type DeviceKey, readDeviceKey } from '../io/keys.ts'
import { withLock } from '../io/lock.ts'
import { listOutgoing } from '../io/outgoing.ts'
import { PRUNE_DEFAULTS, pruneSpool } from '../io/spool.ts'
import { rememberConfiguration, type Workspace } from '../workspace.ts'
import type { Unsigned } from './evidence.ts'
import { takeInMissed } from './missed.ts'
import { addPending, listPending, type PendingPush, removePending } from './pending.ts'
import { type Described, describePush, signingKey, spool } from './prepare.ts'
import { mayLeave } from './privacy.ts'
import { type Delivery, type Destination, sendOutgoing } from './send.ts'
import { wantedBy } from './wanted.ts'
import { withdrawTranscripts } from './withdraw.ts'

export interface PushRequest {
  /** Parents before children; empty to send only what waits. */
  readonly commits: readonly string[]
  /** Name or address of the remote; null = the usual one. */
  readonly remote: string | null
  /** Sessions to be sent even where no commit came of them. */
  readonly sessions?: readonly string[]
  /** Milliseconds for all requests together. */
  readonly timeLimit: number
  /** Milliseconds to wait for another push of this repository. */
  readonly patience: number
}

export interface Pushed {
  readonly described: Described | null
  readonly delivery: Delivery
  /** Name of the key that signed; null where nothing was signed. */
  readonly signedBy: string | null
  /** Why nothing was sent although there may be something. */
  readonly kept: 'no-server' | 'not-enrolled' | 'busy' | null
  /** Pieces of evidence that no receipt acknowledges by now. */
  readonly waiting: number
}

const nothingSent: Delivery = { sent: [], failed: [], stopped: null }

export async function runPush(request: PushRequest, workspace: Workspace, context: Context): Promise<Pushed> {
  const { stateDirectory } = workspace.repository
  await rememberConfiguration(workspace.repository)
  // What may not leave for this remote is not remembered either: a later push to another one would send it.
  const isListed = await mayLeave(request.remote, workspace)
  const { commits, remote, sessions = [] } = isListed ? request : { ...request, commits: [], sessions: [] }
  if (commits.length > 0 || sessions.length > 0) {
    const at = context.now().toISOString()
    await addPending(stateDirectory, { at, commits: [...commits], remoteUrl: remote, sessions: [...sessions] })
  }
  const locked = await withLock(join(stateDirectory, 'push.lock'), request.patience, () =>
    spoolAndSend(request, workspace, context),
  )
  if (locked.acquired) return locked.result
  const waiting = (await listOutgoing(stateDirectory)).length
  return { described: null, delivery: nothingSent, signedBy: null, kept: 'busy', waiting }
}

async function spoolAndSend(request: PushRequest, workspace: Workspace, context: Context): Promise<Pushed> {
  const { repository, configuration } = workspace
  const { stateDirectory } = repository
  const server = configuration?.server ?? null
  const signal = AbortSignal.timeout(request.timeLimit)
  const refused = server === null ? null : await enrolPipeline(context, server)
  await withdrawTranscripts(workspace, context)
  const first = await spoolPending(workspace, context, server)
  const destination = await destinationOf(context, server)
  const send = async () =>
    destination === null
      ? { ...nothingSent, stopped: refused }
      : await sendOutgoing(stateDirectory, destination, { now: context.now, signal })
  let delivery = await send()
  // Who pushes meanwhile finds the lock taken and leaves only the commits; they are not left until somebody pushes again.
  if ((await listPending(stateDirectory)).some(({ name }) => !first.handled.includes(name))) {
    const late = await spoolPending(workspace, context, server)
    if (late.signedBy !== null) delivery = joined(delivery, await send())
  }
  await keepSeen(delivery, destination, { workspace, context })
  const waiting = (await listOutgoing(stateDirectory)).length
  await prune(workspace, context)
  const kept = server === null ? 'no-server' : destination === null ? 'not-enrolled' : null
  return { described: first.described, delivery, signedBy: first.signedBy, kept, waiting }
}

function joined(first: Delivery, second: Delivery): Delivery {
  const again = new Set(second.failed.map(({ id }) => id))
  return {
    sent: [...first.sent, ...second.sent],
    failed: [...first.failed.filter(({ id }) => !again.has(id)), ...second.failed],
    stopped: second.stopped,
  }
}

/** What the log signed now it is held to later, by `stemma log audit`; that it could not be kept fails no push. */
async function keepSeen(
  { sent }: Delivery,
  destination: Destination | null,
  { workspace, context }: { readonly workspace: Workspace; readonly context: Context },
): Promise<void> {
  if (destination === null || sent.length === 0) return
  const { logKey } = destination.enrolment
  try {
    await keepReceiptCheckpoints(context.configurationFolder, sent, { logKey, now: context.now() })
  } catch (problem) {
    const said = problem instanceof Error ? problem.message : String(problem)
    const { stateDirectory } = workspace.repository
    await noteFailure(stateDirectory, context.now(), `push: a checkpoint could not be kept: ${said}`)
  }
}

/** Local state stays bounded; that it could not be pruned is no reason for a push to fail. */
async function prune({ repository }: Workspace, context: Context): Promise<void> {
  try {
    const now = context.now().getTime()
    await pruneSpool(repository, { ...PRUNE_DEFAULTS, now })
    await pruneDecisions(repository.stateDirectory, new Date(now - PRUNE_DEFAULTS.keepMilliseconds))
  } catch (problem) {
    const said = problem instanceof Error ? problem.message : String(problem)
    await noteFailure(repository.stateDirectory, context.now(), `push: the spool could not be pruned: ${said}`)
  }
}

/** What an earlier push left behind is done with this one: it crashed, or it found this lock taken. */
async function spoolPending(workspace: Workspace, context: Context, server: string | null) {
  const { stateDirectory } = workspace.repository
  await takeInMissed(workspace, context)
  const pending = await listPending(stateDirectory)
  const handled = pending.map(({ name }) => name)
  const wanted = await wantedBy(pending, workspace, context)
  if (wanted === null) return { described: null, signedBy: null, handled }
  const { commits, sessions, remote } = wanted
  let key: DeviceKey | null = null
  const use = async (unsigned: Unsigned): Promise<void> => {
    key ??= await signingKey(context, server)
    await spool(unsigned, stateDirectory, key)
  }
  const described = await describePush(commits, remote, { workspace, context, sessions, use })
  // A session that was refused is described again at the next push: what holds it back may be mended by then.
  const refused = new Set(described.refused.map(({ session }) => session))
  const stays = ({ commits: own, sessions: asked }: PendingPush) =>
    described.contributions.some(
      ({ session, attribution }) =>
        refused.has(session.id) &&
        (asked.includes(session.id) || attribution.some(({ commit }) => own.includes(commit))),
    )
  for (const push of pending) if (!stays(push)) await removePending(stateDirectory, push)
  return { described, signedBy: (key as DeviceKey | null)?.name ?? null, handled }
}

export async function destinationOf(context: Context, server: string | null): Promise<Destination | null> {
  const key = server === null ? null : await readDeviceKey(context.configurationFolder, server)
  if (server === null || key === null || key.enrolment === null) return null
  return { server, key, enrolment: key.enrolment }
}

/** Everything that went wrong, worst first; empty where all is acknowledged. */
export function faultsOf({ described, delivery }: Pushed): readonly Fault[] {
  return [
    ...(delivery.stopped === null ? [] : [delivery.stopped]),
    ...delivery.failed.map(({ fault }) => fault),
    ...(described?.refused ?? []).map(({ fault }) => fault),
  ]
}

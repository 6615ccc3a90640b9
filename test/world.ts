/**
 * The invariants of the whole, checked from outside over everything that exists so far: every receipt that any machine
 * holds, every session, every pull request. Called after each step of an end-to-end test.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EnrolledKey } from '#core/api/account.ts'
import type { ConfigurationPage, ConfigurationView } from '#core/api/configurations.ts'
import type { EvidenceView, LogView } from '#core/api/evidence.ts'
import type { EventPage, SessionPage, SessionView } from '#core/api/sessions.ts'
import { configurationHash } from '#core/configuration/assemble.ts'
import { fromBase64 } from '#core/evidence/bytes.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import { readEnvelope } from '#core/evidence/envelope.ts'
import { readPublicKey } from '#core/evidence/key.ts'
import { writeLogLeaf } from '#core/evidence/log-leaf.ts'
import { readVerifierKey } from '#core/evidence/note.ts'
import { AI_CONFIG_PREDICATE, readStatement } from '#core/evidence/statement.ts'
import { verifyTlogProof } from '#core/evidence/tlog-proof.ts'
import { type TrustedKey, verify } from '#core/evidence/verify.ts'
import type { Event } from '#core/session/event.ts'
import { outcomeOf } from './local/demo.ts'
import type { Platform } from './local/platform.ts'
import { git, plantedSecret } from './local/workplace.ts'

export interface World {
  readonly platform: Platform
  /** Below it: people/<login>/<clone>. */
  readonly directory: string
  /** Token of an organisation that must see nothing. */
  readonly strangerToken: string
  /** Size -> root of every checkpoint seen so far. */
  readonly checkpoints: Map<number, string>
  readonly pullRequests: readonly number[]
}

/** Every broken invariant in words; empty when all hold. */
export async function check(world: World): Promise<readonly string[]> {
  const { items } = (await world.platform.ask('/v1/sessions?limit=100')) as SessionPage
  const views = await Promise.all(
    items.map(async ({ id }) => (await world.platform.ask(`/v1/sessions/${encodeURIComponent(id)}`)) as SessionView),
  )
  const broken = await Promise.all([
    logOnlyGrows(world),
    acknowledgedIsKept(world),
    Promise.all(views.map((view) => attributionIsHonest(world, view))).then((found) => found.flat()),
    strangersSeeNothing(world, views),
    checksComplete(world),
    configurationsAreTrue(world),
    secretsStayed(world, views),
    erasedStillVerifies(world, views),
  ])
  return broken.flat()
}

async function logOnlyGrows({ platform, checkpoints }: World): Promise<string[]> {
  const { size, root } = (await platform.ask('/v1/log')) as LogView
  const largest = Math.max(0, ...checkpoints.keys())
  const known = checkpoints.get(size)
  checkpoints.set(size, root)
  if (size < largest) return [`the log shrank from ${largest} to ${size} leaves`]
  return known !== undefined && known !== root ? [`the log has two roots for ${size} leaves`] : []
}

interface HeldReceipt {
  readonly id: string
  readonly keyId: string
  readonly receivedAt: string
  readonly receipt: string
  readonly envelope: string
}

function receiptsOn({ directory }: World): HeldReceipt[] {
  return clonesBelow(directory).flatMap((clone) => {
    const folder = join(clone, '.git', 'stemma', 'receipts')
    return entriesOf(folder)
      .filter((name) => /^[0-9a-f]{64}\.json$/.test(name))
      .map((name) => {
        const id = name.slice(0, 64)
        const stored = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Omit<HeldReceipt, 'id' | 'envelope'>
        return { ...stored, id, envelope: readFileSync(join(folder, `${id}.envelope.json`), 'utf8') }
      })
  })
}

/** What a machine was given a receipt for is still served, byte for byte, and is under the latest checkpoint. */
async function acknowledgedIsKept(world: World): Promise<string[]> {
  const { logKey } = (await world.platform.ask('/v1/log')) as LogView
  const log = await readVerifierKey(logKey)
  const found = await Promise.all(
    receiptsOn(world).map(async ({ id, keyId, receivedAt, receipt, envelope }) => {
      const problems: string[] = []
      const served = (await world.platform.ask(`/v1/evidence/${id}`)) as EvidenceView
      const { predicateType } = readStatement(readEnvelope(envelope).payload)
      const leaf = writeLogLeaf({ evidenceId: id, predicateType, keyId, receivedAt })
      for (const text of [receipt, served.receipt]) {
        const verdict = await verifyTlogProof(text, leaf, log)
        if (!verdict.verified) problems.push(`a receipt of ${id} does not verify: ${verdict.message}`)
      }
      const [sent, kept] = [readEnvelope(envelope), readEnvelope(served.envelope)]
      if ((await sha256Hex(kept.payload)) !== id) problems.push(`evidence ${id} is served with other bytes`)
      if ((await sha256Hex(sent.payload)) !== id) problems.push(`the machine keeps other bytes than it sent as ${id}`)
      if (served.state === 'failed') problems.push(`evidence ${id} was acknowledged and then not understood`)
      return problems
    }),
  )
  return found.flat()
}

/** The classes of a commit add up to what git counts, and an `ai` line is one that the session really wrote. */
async function attributionIsHonest(world: World, view: SessionView): Promise<string[]> {
  // What the agent wrote cannot be read any more.
  if (view.erasure !== null) return []
  const problems: string[] = []
  const written = linesWritten(await eventsOf(world.platform, view.session.id))
  for (const { commit, added, files } of view.attribution) {
    const clone = await cloneWith(world.directory, commit)
    if (clone === undefined) continue
    const environment = { PATH: process.env['PATH'] ?? '', HOME: world.directory }
    const workplace = { directory: clone, home: world.directory, environment }
    const numstat = await git(workplace, ['show', '--numstat', '--format=', commit])
    const counted = numstat.split('\n').reduce((sum, line) => sum + (Number.parseInt(line, 10) || 0), 0)
    const total = added.ai + added.human + added.mixed + added.unknown
    if (total !== counted) problems.push(`${commit}: ${total} lines are classed, git counts ${counted}`)
    for (const { path, ranges } of files) {
      const lines = (await git(workplace, ['show', `${commit}:${path}`])).split('\n')
      for (const { start, end, class: origin, session } of ranges) {
        if (origin !== 'ai' || session !== view.session.id) continue
        const strange = lines.slice(start - 1, end).find((line) => line.trim() !== '' && !written.has(line))
        if (strange !== undefined)
          problems.push(`${commit}:${path} credits the agent with a line it never wrote: ${strange}`)
      }
    }
  }
  return problems
}

function linesWritten(events: readonly Event[]): ReadonlySet<string> {
  return new Set(
    events
      .flatMap((event) => (event.kind === 'toolResult' ? event.edits : []))
      .flatMap(({ hunks }) => hunks.flatMap(({ lines }) => lines))
      .filter((line) => line.startsWith('+'))
      .map((line) => line.slice(1)),
  )
}

async function eventsOf(platform: Platform, session: string): Promise<readonly Event[]> {
  const events: Event[] = []
  let cursor: string | null = null
  do {
    const suffix: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page = (await platform.ask(
      `/v1/sessions/${encodeURIComponent(session)}/events?limit=200${suffix}`,
    )) as EventPage
    events.push(...page.items)
    cursor = page.next
  } while (cursor !== null)
  return events
}

async function strangersSeeNothing(
  { platform, strangerToken }: World,
  views: readonly SessionView[],
): Promise<string[]> {
  const paths = views.flatMap(({ session }) => [
    `/v1/sessions/${encodeURIComponent(session.id)}`,
    `/v1/sessions/${encodeURIComponent(session.id)}/events`,
    `/v1/evidence/${session.evidenceId}`,
  ])
  const found = await Promise.all(
    paths.map(async (path) => {
      const { status } = await fetch(`${platform.url}${path}`, {
        headers: { authorization: `Bearer ${strangerToken}` },
      })
      return status === 404 ? [] : [`another organisation's token gets ${status} for ${path}`]
    }),
  )
  const list = await fetch(`${platform.url}/v1/sessions`, { headers: { authorization: `Bearer ${strangerToken}` } })
  const { items } = (await list.json()) as SessionPage
  return [...found.flat(), ...(items.length > 0 ? ['another organisation lists these sessions'] : [])]
}

/** What is shown of a configuration is what its machine signed, under its hash, and a stranger does not see it. */
async function configurationsAreTrue(world: World): Promise<string[]> {
  const { platform, strangerToken } = world
  const { items } = (await platform.ask('/v1/configurations?limit=100')) as ConfigurationPage
  const ids = new Set(items.map(({ id }) => id))
  const sent = receiptsOn(world).flatMap(({ id, envelope }) => {
    const statement = readStatement(readEnvelope(envelope).payload)
    return statement.predicateType === AI_CONFIG_PREDICATE ? [{ id, predicate: statement.predicate }] : []
  })
  const found = await Promise.all(
    sent.map(async ({ id, predicate }) => {
      if (!ids.has(id)) return [`the configuration ${id} was acknowledged and is not listed`]
      const view = (await platform.ask(`/v1/configurations/${id}`)) as ConfigurationView
      const { status } = await fetch(`${platform.url}/v1/configurations/${id}`, {
        headers: { authorization: `Bearer ${strangerToken}` },
      })
      return [
        ...((await configurationHash(view.agents)) === predicate.hash ? [] : [`configuration ${id} has another hash`]),
        ...(view.configuration.hash === predicate.hash ? [] : [`configuration ${id} is listed under another hash`]),
        ...(status === 404 ? [] : [`another organisation's token gets ${status} for the configuration ${id}`]),
      ]
    }),
  )
  return found.flat()
}

/** One completed check for each newest head, one comment of our own. */
async function checksComplete({ platform, pullRequests }: World): Promise<string[]> {
  const outcomes = await Promise.all(pullRequests.map((number) => outcomeOf(platform, number)))
  return outcomes.flatMap(({ number, head, check: run, comments }) => {
    const runs = platform.github.state.checkRuns.filter((one) => one.headSha === head && one.name === 'Stemma')
    return [
      ...(runs.length === 1 ? [] : [`pull request ${number} has ${runs.length} checks on its head`]),
      ...(run.status === 'completed' ? [] : [`the check of pull request ${number} is ${run.status}`]),
      ...(comments === 1 ? [] : [`pull request ${number} has ${comments} comments`]),
    ]
  })
}

/** The planted secret was read by an agent; it may be nowhere beyond the machine. */
async function secretsStayed(world: World, views: readonly SessionView[]): Promise<string[]> {
  const { state } = world.platform.github
  const readable = views.filter(({ erasure }) => erasure === null)
  const events = await Promise.all(readable.map(({ session }) => eventsOf(world.platform, session.id)))
  const places: readonly (readonly [string, string])[] = [
    [
      'an envelope',
      receiptsOn(world)
        .map(({ envelope }) => Buffer.from(JSON.parse(envelope).payload, 'base64').toString())
        .join(),
    ],
    ['a transcript', JSON.stringify(events)],
    ['a comment', JSON.stringify(state.comments)],
    ['a check', JSON.stringify(state.checkRuns)],
  ]
  return places.filter(([, text]) => text.includes(plantedSecret)).map(([place]) => `the planted secret is in ${place}`)
}

/** An erased transcript is gone, and the evidence that names it verifies as it did; that its leaf does is checked above. */
async function erasedStillVerifies({ platform }: World, views: readonly SessionView[]): Promise<string[]> {
  const found = await Promise.all(
    views.map(async ({ session: { id, evidenceId }, erasure, transcript }) => {
      if (erasure === null) return []
      const headers = { authorization: `Bearer ${platform.administratorToken}` }
      const { status } = await fetch(`${platform.url}/v1/sessions/${encodeURIComponent(id)}/events`, { headers })
      const served = (await platform.ask(`/v1/evidence/${evidenceId}`)) as EvidenceView
      const keys = await trustedKeys(platform)
      const verdict = await verify(readEnvelope(served.envelope), { keys, loggedAt: served.receivedAt })
      return [
        ...(status === 410 && !transcript ? [] : [`the erased transcript of ${id} is answered with ${status}`]),
        ...(served.transcript === null ? [`the erased session ${id} lost the digest of its transcript`] : []),
        ...(verdict.verified && verdict.id === evidenceId ? [] : [`evidence ${evidenceId} does not verify any more`]),
      ]
    }),
  )
  return found.flat()
}

async function trustedKeys(platform: Platform): Promise<readonly TrustedKey[]> {
  const { items } = (await platform.ask('/v1/keys')) as { readonly items: readonly EnrolledKey[] }
  return Promise.all(
    items.map(async ({ publicKey, revokedAt }) => {
      return { publicKey: await readPublicKey(fromBase64(publicKey) ?? new Uint8Array()), revokedAt }
    }),
  )
}

function clonesBelow(directory: string): string[] {
  return entriesOf(join(directory, 'people')).flatMap((login) => {
    const home = join(directory, 'people', login)
    return entriesOf(home)
      .map((name) => join(home, name))
      .filter((path) => entriesOf(path).includes('.git'))
  })
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Some machine's clone that holds the commit. */
async function cloneWith(directory: string, commit: string): Promise<string | undefined> {
  for (const clone of clonesBelow(directory)) {
    const environment = { PATH: process.env['PATH'] ?? '', HOME: clone }
    const has = git({ directory: clone, home: clone, environment }, ['cat-file', '-e', commit])
    if (
      await has.then(
        () => true,
        () => false,
      )
    )
      return clone
  }
  return undefined
}

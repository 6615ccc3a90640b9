/** The one writer to GitHub of an installation: one write after the other, the newest body only, until it is written. */
import { DurableObject } from 'cloudflare:workers'
import { utf8 } from '#core/evidence/bytes.ts'
import { canonicalJson } from '#core/evidence/canonical-json.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import { isFault } from '#core/fault.ts'
import { waitOf } from '#core/forge-refusal.ts'
import type { Forge } from '#core/ports.ts'
import type { Env } from '#worker/env.ts'
import { openForgeOf } from '#worker/forge.ts'
import {
  NEVER,
  type OutboxStorage,
  openOutboxStorage,
  type Target,
  type WaitingWrite,
  type Write,
} from './outbox-storage.ts'

/** GitHub asks for at least a second between mutations of one user or installation (docs, "Best practices"). */
const DEFAULT_INTERVAL_MS = 1_000

/** 2 s, 4 s, 8 s … then once an hour for ever: what is wrong may be repaired by people. */
const FIRST_BACKOFF_MS = 2_000
const LAST_BACKOFF_MS = 3_600_000

/** After so many failures a write counts as stuck in `pending`. */
const STUCK_AFTER = 8

/**
 * Two hours of "not found": the repository, the commit or the conversation is gone for us, and asking each hour would never
 * end. The write stays, with the forge's words; a newer body, or the same one after the next event, is tried again.
 */
const GIVEN_UP_AFTER = 12

export interface PendingWrite {
  readonly key: string
  readonly attempts: number
  /** RFC 3339 UTC; null where it is given up. */
  readonly dueAt: string | null
  readonly error: string | null
  readonly isStuck: boolean
}

/** Named by the installation's id in decimal, of whatever forge. */
export class GitHubOutbox extends DurableObject<Env> {
  readonly #storage: OutboxStorage

  constructor(context: DurableObjectState, env: Env) {
    super(context, env)
    this.#storage = openOutboxStorage(context.storage)
  }

  /** Durable once it resolves. A body that waits under the same key is replaced. */
  async put(write: Write): Promise<void> {
    this.#storage.put(keyOf(write), write, { now: Date.now(), mark: crypto.randomUUID() })
    await this.#schedule()
  }

  async pending(): Promise<readonly PendingWrite[]> {
    return this.#storage.all().map(({ key, attempts, dueAt, error }) => ({
      key,
      attempts,
      dueAt: dueAt === NEVER ? null : new Date(dueAt).toISOString(),
      error,
      isStuck: attempts >= STUCK_AFTER,
    }))
  }

  /** What waits for the repository, and what GitHub holds of ours in it, goes on under its new name. */
  async rename(former: string, present: string): Promise<void> {
    this.#storage.rename(former, present)
  }

  /** Sets the alarm again where one should be set; asked by the clock, in case the platform gave an alarm up. */
  async wake(): Promise<void> {
    await this.#schedule()
  }

  /** One write a turn. Never throws: the platform gives an alarm up after six failures, and this must not end. */
  override async alarm(): Promise<void> {
    const waiting = this.#storage.next()
    const now = Date.now()
    if (waiting !== null && Math.max(waiting.dueAt, this.#storage.pausedUntil()) <= now) await this.#work(waiting)
    await this.#schedule()
  }

  async #work(waiting: WaitingWrite): Promise<void> {
    try {
      const digest = await sha256Hex(utf8(canonicalJson(waiting.write)))
      const target = this.#storage.target(waiting.key)
      if (target?.digest === digest && !isNewRun(waiting.write)) {
        this.#storage.settle(waiting, target)
        return
      }
      this.#storage.begin(waiting)
      this.#storage.settle(waiting, { ...(await this.#write(waiting, target)), digest })
      this.#storage.pause(Date.now() + this.#interval())
    } catch (error) {
      const wait = waitOf(error)
      // A limit holds for the whole installation, not only for the write that met it.
      if (wait !== null) this.#storage.pause(Date.now() + wait)
      const isGivenUp = isFault(error) && error.code === 'not-found' && waiting.attempts + 1 >= GIVEN_UP_AFTER
      const dueAt = isGivenUp ? NEVER : Date.now() + Math.max(wait ?? 0, backoff(waiting.attempts))
      this.#storage.postpone(waiting, { dueAt, error: describe(error) })
    }
  }

  async #write(
    { write, mark, isTried }: WaitingWrite,
    target: Target | null,
  ): Promise<Pick<Target, 'id' | 'annotations'>> {
    const forge = this.#forge()
    if (write.kind === 'comment') {
      const { repository, number, marker, body } = write
      const id = await forge.writeComment(repository, number, target?.id ?? null, marker, body)
      return { id, annotations: [] }
    }
    const { repository } = write
    const { run } = write
    const annotations = await Promise.all(run.annotations.map((one) => sha256Hex(utf8(canonicalJson(one)))))
    const known = new Set(target?.annotations ?? [])
    const added = run.annotations.filter((_, index) => !known.has(annotations[index] ?? ''))
    const wanted = new Set(annotations)
    const isLost = [...known].some((digest) => !wanted.has(digest))
    // Nothing takes an annotation back.
    if (target !== null && !write.isNew && !isLost) {
      // An update whose answer was lost may have been made, and would add its own twice.
      const isDoubtful = isTried && added.length > 0
      const present = isDoubtful ? await forge.annotationCount(repository, target.id) : known.size
      const rest = added.slice(Math.max(0, present - known.size))
      const id = await forge.writeCheckRun(repository, target.id, { ...run, annotations: rest })
      return { id, annotations }
    }
    const marked = { ...run, externalId: mark }
    // A creation whose answer was lost is found again, so that no second run appears.
    const found = isTried ? await forge.findCheckRun(repository, run.head, mark) : null
    if (found === null) return { id: await forge.writeCheckRun(repository, null, marked), annotations }
    const rest = { ...marked, annotations: run.annotations.slice(found.annotations) }
    return { id: await forge.writeCheckRun(repository, found.id, rest), annotations }
  }

  #forge(): Forge {
    return openForgeOf(this.env, Number(this.ctx.id.name))
  }

  #interval(): number {
    const configured = Number(this.env.GITHUB_WRITE_INTERVAL_MS)
    return this.env.GITHUB_WRITE_INTERVAL_MS !== undefined && configured >= 0 ? configured : DEFAULT_INTERVAL_MS
  }

  async #schedule(): Promise<void> {
    const waiting = this.#storage.next()
    if (waiting === null) return
    await this.ctx.storage.setAlarm(Math.max(waiting.dueAt, this.#storage.pausedUntil(), Date.now()))
  }
}

/** Writes with one key replace each other: a check of one commit, the comment of one pull request. */
function keyOf(write: Write): string {
  return write.kind === 'check'
    ? `check ${write.repository} ${write.run.head} ${write.run.name}`
    : `comment ${write.repository}#${write.number}`
}

function isNewRun(write: Write): boolean {
  return write.kind === 'check' && write.isNew
}

function backoff(attempts: number): number {
  return Math.min(LAST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** attempts)
}

function describe(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 1_000)
}

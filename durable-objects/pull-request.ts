/** One pull request: learns of changes, makes the report for the newest head, and hands check and comment to the outbox. */
import { DurableObject } from 'cloudflare:workers'
import { type FaultCode, isFault } from '#core/fault.ts'
import { movedTo, waitOf } from '#core/forge-refusal.ts'
import type { CheckRun, Forge, ForgeCommit, ForgePullRequest } from '#core/ports.ts'
import { buildReport } from '#core/report/build.ts'
import { COMMENT_MARKER, needsComment, renderComment } from '#core/report/comment.ts'
import type { Material } from '#core/report/material.ts'
import { failedCheck, openingCheck } from '#core/report/pending-check.ts'
import type { Report } from '#core/report/report.ts'
import type { Env } from '#worker/env.ts'
import { openForgeOf } from '#worker/forge.ts'
import type { ForgeEvent } from '#worker/github/payload.ts'
import { openDatabase } from '#worker/store/database.ts'
import { pullRequestName, savePullRequest, saveReport, saveTraces } from '#worker/store/pull-requests.ts'
import { conclude } from './conclude.ts'
import { loadChange } from './load-change.ts'
import { type LoadedMaterial, loadMaterial, MAX_CHANGES } from './load-material.ts'
import { loadEdits, loadLineKey, openChanges } from './load-material-changes.ts'
import { loadUnobservedLines } from './load-unobserved-lines.ts'
import { completedChecks, loadChecks } from './pull-request-checks.ts'
import { tryStateMerge } from './pull-request-merge.ts'
import {
  freshState,
  type PullRequestSubject,
  readState,
  refuseAnother,
  type State,
  saveState,
} from './pull-request-state.ts'

/** Long enough for the events of one push; short enough that the check stands within five seconds (`bench -- pr`). */
const DEFAULT_DEBOUNCE_MS = 1_500

/** How long a head waits for policies that have not been evaluated; afterwards they count as errors. */
const EVALUATION_DEADLINE_MS = 600_000

/** A glitch of GitHub lasts seconds; after so many failures the check says so, and the object goes on trying. */
const SILENT_FAILURES = 2
const FIRST_BACKOFF_MS = 2_000
const LAST_BACKOFF_MS = 1_800_000

/** A queue holds few groups at a time; older ones have been merged or dropped. */
const MAX_QUEUED = 20

export class PullRequest extends DurableObject<Env> {
  /**
   * A fact from a webhook. Events come late, twice and in any order, so what the pull request is now is read from GitHub.
   */
  async observe(subject: PullRequestSubject, event: ForgeEvent): Promise<void> {
    const isRerun = event.kind === 'check-rerequested' || event.kind === 'evaluation-requested'
    if (isRerun && event.app !== null && String(event.app) !== this.env.GITHUB_APP_ID) return
    const before = this.#state()
    const state = this.#save({ ...(before ?? freshState(subject)), subject, revision: (before?.revision ?? 0) + 1 })
    try {
      if (event.kind === 'merge-group') await this.#joinQueue(state, event.head)
      await this.#refresh(isRerun)
    } catch (error) {
      console.warn(JSON.stringify({ pullRequest: this.ctx.id.name, error: describe(error) }))
      await this.#tellMove(error)
    }
    await this.#wakeIn(this.#debounce())
  }

  /** Evidence for one of its commits was indexed or evaluated, or the clock found that the report is missing. */
  async touch(_reason: string): Promise<void> {
    const state = this.#state()
    if (state === null) return
    this.#save({ ...state, revision: state.revision + 1 })
    await this.#wakeIn(this.#debounce())
  }

  /** The repository has another name or owner: everything this object knows goes to the object of the new name. */
  async moveTo(subject: PullRequestSubject): Promise<void> {
    const state = this.#state()
    if (state === null) return
    await this.env.PULL_REQUEST.getByName(pullRequestName(subject.organisation, subject)).adopt({ ...state, subject })
    await this.ctx.storage.deleteAlarm()
    await this.ctx.storage.deleteAll()
  }

  /** What this object has seen by itself is newer than what it is given. */
  async adopt(given: State): Promise<void> {
    const own = this.#state()
    this.#save(own === null ? given : { ...own, isCommented: own.isCommented || given.isCommented })
    await this.#wakeIn(this.#debounce())
  }

  /** Never throws: the platform gives an alarm up after six failures, and a check must not hang. */
  override async alarm(): Promise<void> {
    const started = this.#state()
    if (started === null) return
    try {
      await this.#report(started)
      this.#change({ failures: 0 })
    } catch (error) {
      await this.#fail(error)
    }
    const ended = this.#state()
    if (ended !== null && ended.revision !== started.revision) await this.#wakeIn(this.#debounce())
  }

  /** Reads the pull request; opens the check of a head that was not known. */
  async #refresh(isRerun: boolean): Promise<ForgePullRequest> {
    const { repository, number } = this.#required().subject
    const pull = await this.#forge().pullRequest(repository, number)
    const { repositoryId } = this.#required()
    refuseAnother(pull, { repository, repositoryId })
    if (pull.repositoryId !== undefined) this.#change({ repositoryId: pull.repositoryId })
    const state = this.#required()
    if (pull.state !== 'open') return pull
    const isNewHead = state.head !== pull.head
    if (isNewHead) this.#save({ ...state, head: pull.head, headSince: Date.now(), failures: 0 })
    if (isNewHead || isRerun) await this.#open(pull.head, isRerun)
    return pull
  }

  async #report(started: State): Promise<void> {
    const { organisation, installation, repository, number } = started.subject
    const pull = await this.#refresh(false)
    const commits = await this.#forge().commits(repository, number)
    // The head moved between the two reads; the next turn sees both as they are then.
    if (commits.length > 0 && !commits.some(({ sha }) => sha === pull.head)) return this.#again()
    // Meanwhile all of it went to the object of the repository's new name, which writes what is to be written.
    if (this.#state() === null) return
    const database = openDatabase(this.env.DB)
    const key = { repository, number }
    const ids = commits.map(({ sha }) => sha)
    await savePullRequest(organisation, database, { key, installation, pull, commits: ids })
    const { mergeCommit } = pull
    if (typeof mergeCommit === 'string') await this.#stateMerge(pull, { mergeCommit, commits })
    // A closed pull request needs no report, but a commit of a merge queue still waits for its check.
    if (pull.state !== 'open' && this.#required().queued.length === 0) return

    const { changes, lineKey } = await this.#changes()
    const subject = { organisation, repository, number, head: pull.head, commits, changes, key: lineKey }
    const loaded = await loadMaterial(this.env, subject)
    const { patches, marks } = loaded.rewritten
    await saveTraces(organisation, database, { key, patches, digests: marks })
    this.#change({ contract: loaded.material.contract })
    const deadline = this.#required().headSince + EVALUATION_DEADLINE_MS
    if (loaded.unevaluated.length > 0 && Date.now() < deadline) return this.#wakeIn(deadline - Date.now())

    const unobservedLines = await loadUnobservedLines(loaded.material, changes)
    const { material } = loaded
    const change = await loadChange({ organisation, database, forge: this.#forge(), pull, material })
    const edits = await loadEdits(loaded.material, { changes, limit: MAX_CHANGES })
    const built = buildReport({ ...material, unobservedLines, edits, change })
    if (this.#required().head !== built.head) return
    const report = await conclude(this.env, organisation, { report: built, contract: material.contract })
    const isCurrent = await saveReport(organisation, database, { report, now: new Date().toISOString() })
    if (isCurrent) await this.#publish(report, { contract: material.contract, checks: loaded.checks })
  }

  /** Anew where evidence came since. What goes wrong here has nothing to do with the check. */
  async #stateMerge(
    { head }: ForgePullRequest,
    { mergeCommit, commits }: { readonly mergeCommit: string; readonly commits: readonly ForgeCommit[] },
  ): Promise<void> {
    const { organisation, repository, number } = this.#required().subject
    const forge = this.#forge()
    const load = async () => {
      const { changes, lineKey: key } = await this.#changes()
      return { organisation, repository, number, head, mergeCommit, commits, forge, changes, key }
    }
    const failures = await tryStateMerge(this.env, this.ctx.storage.kv, { mergeCommit, load })
    if (failures > 0) await this.#wakeIn(Math.min(LAST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures - 1)))
  }

  async #changes() {
    const { organisation, repository } = this.#required().subject
    const lineKey = await loadLineKey(organisation, openDatabase(this.env.DB))
    const storage = this.ctx.storage.kv
    return { lineKey, changes: openChanges({ forge: this.#forge(), repository, storage, key: lineKey }) }
  }

  async #publish(report: Report, judged: Pick<LoadedMaterial, 'checks'> & Pick<Material, 'contract'>): Promise<void> {
    const { subject, queued, isCommented, checks: opened } = this.#required()
    const [check, ...others] = completedChecks({ report, ...judged, opened })
    await this.#putCheck(check, false)

    // Silence where there is nothing to say; a comment that is there is kept true.
    if (needsComment(report) || isCommented) {
      const { repository, number } = subject
      const body = renderComment(report)
      await this.#outbox().put({ kind: 'comment', repository, number, marker: COMMENT_MARKER, body })
      this.#change({ isCommented: true })
    }
    for (const other of others) await this.#putCheck(other, false)
    for (const head of queued) for (const one of [check, ...others]) await this.#putCheck({ ...one, head }, false)
    const names = judged.checks.map(({ name }) => name)
    this.#change({ queued: this.#required().queued.filter((head) => !queued.includes(head)), checks: names })
  }

  /** The failure becomes visible on the pull request, and the object tries again. */
  async #fail(error: unknown): Promise<void> {
    const state = this.#state()
    // While the forge was asked, all of it went to the object of the repository's new name.
    if (state === null) return
    const { head, failures, contract, queued, checks } = state
    await this.#tellMove(error)
    console.error(JSON.stringify({ pullRequest: this.ctx.id.name, failures: failures + 1, error: describe(error) }))
    this.#change({ failures: failures + 1 })
    const backoff = Math.min(LAST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** failures)
    await this.#wakeIn(Math.max(waitOf(error) ?? 0, backoff))
    if (failures < SILENT_FAILURES) return
    const code: FaultCode = isFault(error) ? error.code : 'internal'
    for (const place of [...(head === null ? [] : [head]), ...queued]) {
      const failed = failedCheck(this.#place(place), { code, contract })
      for (const name of [failed.name, ...checks]) await this.#putCheck({ ...failed, name }, false)
    }
  }

  /** Whatever said so: the repository bears another name, and by its id the queue finds which, for all its pull requests. */
  async #tellMove(error: unknown): Promise<void> {
    const [id, state] = [movedTo(error), this.#state()]
    if (id === null || state === null) return
    const { organisation, installation, repository } = state.subject
    await this.env.JOBS.send({ type: 'repository-moved', organisation, installation, repository, id })
  }

  async #joinQueue(state: State, head: string): Promise<void> {
    if (state.queued.includes(head)) return
    this.#save({ ...state, queued: [...state.queued, head].slice(-MAX_QUEUED) })
    await this.#open(head, false)
  }

  /** `Stemma` first and whatever else fails: the names of the others are in the database. */
  async #open(head: string, isRerun: boolean): Promise<void> {
    const opening = openingCheck(this.#place(head))
    await this.#putCheck(opening, isRerun)
    const names = (await loadChecks(this.env, this.#required().subject)).map(({ name }) => name)
    this.#change({ checks: [...new Set([...this.#required().checks, ...names])] })
    for (const name of names) await this.#putCheck({ ...opening, name }, isRerun)
  }

  async #putCheck(run: CheckRun, isNew: boolean): Promise<void> {
    const { repository } = this.#required().subject
    const annotations = run.annotations.map((annotation) => ({ ...annotation }))
    await this.#outbox().put({ kind: 'check', repository, run: { ...run, annotations }, isNew })
  }

  #place(head: string) {
    const { repository, number } = this.#required().subject
    return { head, detailsUrl: `${this.env.PUBLIC_URL}/pull-requests/${repository}/${number}` }
  }

  #outbox() {
    return this.env.GITHUB_OUTBOX.getByName(String(this.#required().subject.installation))
  }

  #forge(): Forge {
    return openForgeOf(this.env, this.#required().subject.installation)
  }

  #debounce(): number {
    const configured = Number(this.env.PULL_REQUEST_DEBOUNCE_MS)
    return configured >= 0 ? configured : DEFAULT_DEBOUNCE_MS
  }

  #again(): Promise<void> {
    return this.#wakeIn(Math.max(this.#debounce(), 1_000))
  }

  /** The earliest alarm wins, so that a stream of events cannot put the report off for ever. */
  async #wakeIn(milliseconds: number): Promise<void> {
    const at = Date.now() + milliseconds
    const planned = await this.ctx.storage.getAlarm()
    if (planned === null || planned > at) await this.ctx.storage.setAlarm(at)
  }

  #state(): State | null {
    return readState(this.ctx.storage.kv)
  }

  #required(): State {
    const state = this.#state()
    if (state === null) throw new TypeError('a pull request is observed before anything else')
    return state
  }

  #save(state: State): State {
    return saveState(this.ctx.storage.kv, state)
  }

  /** Reads before it writes, with no await in between: events come in while the object waits for others. */
  #change(part: Partial<State>): void {
    this.#save({ ...this.#required(), ...part })
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The outside world as interfaces; their comments are the contract that every implementation and every fake keeps. */
import type { Bytes } from './evidence/bytes.ts'

/** Content-addressed storage of one organisation. */
export interface Blobs {
  /**
   * Resolves only after the bytes are durable. The same bytes under the same key succeed again; other bytes under that
   * key are refused with `immutable-conflict`. `key` is the hex SHA-256 of the bytes; the caller has checked that.
   */
  put(key: string, bytes: Bytes, mediaType: string): Promise<'created' | 'present'>
  /** null where nothing is stored under the key, or what was there has been erased. */
  get(key: string): Promise<Bytes | null>
  /** Also true of what has been erased: the key is taken for good. */
  has(key: string): Promise<boolean>
}

/** The organisation's append-only log. */
export interface EvidenceLog {
  /**
   * Exactly once for each `evidenceId`: the second call with the same id gives the first call's index. Resolves only
   * after the leaf is durable and a checkpoint that covers it is signed.
   */
  append(leaf: LogLeaf): Promise<LogEntry>
  /** Throws not-found where the index is beyond the log's size. */
  receipt(index: number): Promise<LogEntry>
  /** The latest signed checkpoint (C2SP tlog-checkpoint). */
  checkpoint(): Promise<{ readonly size: number; readonly root: string; readonly note: string }>
  /** The key that verifies checkpoints (C2SP signed-note vkey); made with the log and never changed. */
  verifierKey(): Promise<string>
}

/** Digests only: nothing in a leaf is personal, so the log never has to forget. */
export interface LogLeaf {
  readonly evidenceId: string
  readonly predicateType: string
  readonly keyId: string
  /** RFC 3339 UTC; the time that decides revocation and deadlines. */
  readonly receivedAt: string
}

export interface LogEntry {
  readonly index: number
  /** `c2sp.org/tlog-proof@v1` text. */
  readonly receipt: string
  /** The time that the log recorded at the first append. */
  readonly receivedAt: string
}

export interface ForgeCommit {
  readonly sha: string
  readonly parents: readonly string[]
  readonly message: string
  readonly authorLogin: string | null
  /** RFC 3339 UTC; absent where the forge does not tell. */
  readonly authoredAt?: string
  /** What the forge says of its signature; absent = the forge does not tell. */
  readonly signature?: 'verified' | 'invalid' | 'unsigned' | 'unknown'
}

/** One review as it was given; a person may give several. */
export interface ForgeReview {
  /** Login; null where the account is gone. */
  readonly by: string | null
  readonly isBot: boolean
  readonly state: 'approved' | 'changes-requested' | 'commented' | 'dismissed'
  /** The head at which it was given. */
  readonly commit: string | null
}

/** A repository by the id that it keeps when it is renamed or transferred. */
export interface ForgeRepository {
  readonly id: number
  readonly name: string
}

export interface ForgePullRequest {
  readonly number: number
  /** Of the repository into which it goes; absent where the forge does not tell. */
  readonly repositoryId?: number
  readonly title: string
  readonly state: 'open' | 'closed' | 'merged'
  readonly head: string
  readonly base: string
  readonly headRef: string
  readonly authorLogin: string | null
  readonly updatedAt: string
  /** Commit that brought the change into the base branch, the last one of several; null or absent until it is merged. */
  readonly mergeCommit?: string | null
}

export interface ForgeFile {
  readonly path: string
  readonly status: string
  readonly additions: number
  readonly deletions: number
  /** Unified diff hunks; null where the forge leaves them out (binary, too large). */
  readonly patch: string | null
}

export interface CheckRun {
  readonly name: string
  readonly head: string
  readonly status: 'in_progress' | 'completed'
  readonly conclusion: 'success' | 'neutral' | 'failure' | null
  readonly title: string
  /** Markdown, at most 65,535 characters. */
  readonly summary: string
  readonly text: string | null
  readonly annotations: readonly CheckAnnotation[]
  readonly detailsUrl: string
  /** Buttons; absent = none. A forge that has no place for them leaves them out. */
  readonly actions?: readonly CheckAction[] | undefined
  /** A mark of the writer's own, by which a run is found again whose creation was not answered. */
  readonly externalId?: string
}

export interface CheckAction {
  readonly label: string
  readonly description: string
  /** What the forge gives back when the button is clicked. */
  readonly identifier: string
}

export interface CheckAnnotation {
  readonly path: string
  readonly startLine: number
  readonly endLine: number
  readonly level: 'notice' | 'warning' | 'failure'
  readonly title: string
  readonly message: string
}

/** A code-hosting service, of which GitHub is the first. Every call may throw forge-unavailable or not-found. */
export interface Forge {
  /**
   * What the repository of this id is called now, or the one that a name leads to, which may be a former one. Throws
   * not-found where there is none that we may see.
   */
  repository(place: number | string): Promise<ForgeRepository>
  pullRequest(repository: string, number: number): Promise<ForgePullRequest>
  /** Numbers of the open ones, newest first, at most 100. */
  openPullRequests(repository: string): Promise<readonly number[]>
  /** In order, all pages. */
  commits(repository: string, number: number): Promise<readonly ForgeCommit[]>
  files(repository: string, number: number): Promise<readonly ForgeFile[]>
  /** Submitted ones, oldest first, all pages. */
  reviews(repository: string, number: number): Promise<readonly ForgeReview[]>
  /** Lines that the commit adds, compared with its first parent. */
  addedLines(repository: string, commit: string): Promise<number>
  commit(repository: string, sha: string): Promise<ForgeCommit>
  /** Bytes of the commit's diff with its first parent, as git writes it; null where it is too large for the forge. */
  diff(repository: string, commit: string): Promise<Bytes | null>
  /** The run of ours on this head that bears the mark, with how many annotations it has; null where there is none. */
  findCheckRun(
    repository: string,
    head: string,
    externalId: string,
  ): Promise<{ readonly id: number; readonly annotations: number } | null>
  /** How many annotations the run of ours with this id has. */
  annotationCount(repository: string, id: number): Promise<number>
  /** Creates the run, or updates the one with the given id, adding the annotations to those that it has; gives its id. */
  writeCheckRun(repository: string, id: number | null, run: CheckRun): Promise<number>
  /**
   * Edits the comment in place: by id, else by marker among our own comments, else a new one. A body that is already
   * there costs no write. Gives its id. A comment with the marker by somebody else is never touched.
   */
  writeComment(repository: string, number: number, id: number | null, marker: string, body: string): Promise<number>
}

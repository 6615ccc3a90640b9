/** Everything that the fake remembers. */

export interface NewCommit {
  readonly id: string
  readonly message: string
  /** Path -> hunks of its diff with the parent. */
  readonly files: Readonly<Record<string, string>>
}

export interface Account {
  readonly id: number
  readonly username: string
}

export interface Note {
  readonly id: number
  body: string
  readonly author: Account
  readonly isSystem: boolean
  edits: number
}

export interface MergeRequest {
  readonly iid: number
  readonly branch: string
  readonly title: string
  state: 'opened' | 'closed' | 'merged'
  head: string
  /** The target branch when it was opened. */
  readonly start: string
  readonly notes: Note[]
  readonly approvedBy: string[]
  /** "Lock discussion": notes are refused. */
  isLocked: boolean
  mergeCommit: string | null
  squashCommit: string | null
  /** The branch is in another project: this one has its commits, and no branch that holds them. */
  readonly isFromFork: boolean
  /** Diffs are left out, as GitLab does with large ones. */
  collapsed: boolean
}

export interface Status {
  readonly id: number
  readonly sha: string
  readonly name: string
  status: string
  description: string
  targetUrl: string
}

export interface Project {
  readonly id: number
  path: string
  /** Names that lead to it until another project takes them. */
  readonly formers: string[]
  readonly commits: (NewCommit & { readonly parents: readonly string[] })[]
  readonly branches: Record<string, string>
  readonly requests: MergeRequest[]
  readonly statuses: Status[]
}

/** Answers once, in place of the next request that fits. */
export interface Fault {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly message: string
  readonly headers?: Record<string, string>
}

export interface Group {
  readonly id: number
  path: string
}

export interface State {
  readonly groups: Group[]
  readonly projects: Project[]
  readonly violations: string[]
  readonly faults: Fault[]
  readonly requests: string[]
  deliveries: number
  nextId: number
}

export type Deliver = (delivery: {
  readonly event: string
  readonly key: string
  readonly body: string
}) => Promise<void>

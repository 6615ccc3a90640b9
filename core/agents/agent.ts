/** What Stemma must know of a coding agent. One folder an agent; the registry lists them. */
import type { AgentPlaces } from '../configuration/places.ts'
import type { Event } from '../session/event.ts'
import type { Session } from '../session/session.ts'

/** One file of a transcript as the loader found it. */
export interface TranscriptFile {
  /** Path below the agent's transcript folder; tells subagents' files from the main one. */
  readonly path: string
  readonly text: string
  /** What the loader left out of a file that is too long to be kept whole. */
  readonly omitted?: { readonly lines: number; readonly bytes: number }
  /** How many of its records were cut when they were taken, so that only their plain facts are left. */
  readonly cut?: number
}

/** Where the session ran, so that paths become relative and privacy-safe. */
export interface ParseContext {
  /** Absolute path of the repository's work tree; worktrees may add more than one. */
  readonly roots: readonly string[]
  /** Home folder of the person, written as `~` wherever it occurs in a path. */
  readonly home: string
  readonly capture: Session['capture']
  /**
   * Message ids that other sessions of this repository already counted. A forked session repeats its parent's records
   * with their ids, and its usage must not be counted a second time.
   */
  readonly countedMessages: ReadonlySet<string>
  /**
   * Id of an event -> id of the session that told it, for the sessions of this repository that were read before. A
   * record that another session told already is left out, and proves which session this one was forked from: so read
   * sessions in the order in which they began.
   */
  readonly knownEvents?: ReadonlyMap<string, string>
}

/** Whether and how an agent offers something; anything but 'yes' carries its reason. */
export type Support = 'yes' | `partial: ${string}` | `no: ${string}` | `unknown: ${string}`

export const capabilities = [
  'hooks',
  'sweep',
  'tokens',
  'cost',
  'exitCodes',
  'denials',
  'interruptions',
  'subagents',
  'compaction',
  'permissionModes',
  'blocking',
] as const
export type Capability = (typeof capabilities)[number]

/** A file in the repository that makes the agent call `stemma hook <id>`. */
export interface HookFile {
  /** Relative to the repository root. */
  readonly path: string
  /** Adds our hooks to the file's present text (null: no such file yet); comments and other hooks stay. */
  readonly install: (text: string | null) => string
  /** Takes our hooks out again; null: nothing remains, so the file was ours. */
  readonly uninstall: (text: string) => string | null
  /** Whether every hook of ours is present and as this version writes it. */
  readonly isInstalled: (text: string | null) => boolean
}

/** One payload of the agent's hook, read again from the spool. */
export interface HookNote {
  readonly agent: string
  /** Session id in Stemma's form. */
  readonly session: string
  readonly event: 'sessionStart' | 'sessionEnd' | 'prompt' | 'beforeTool' | 'afterTool' | 'turnEnd' | 'other'
  readonly callId: string | null
  readonly category: Extract<Event, { kind: 'toolCall' }>['category'] | null
  /** Absolute paths that the call names. */
  readonly paths: readonly string[]
  readonly transcriptPath: string | null
  readonly workingDirectory: string | null
  readonly model: string | null
}

/** A SQLite database in which an agent keeps its sessions. */
export interface SessionDatabase {
  /** Absolute path. */
  readonly path: (home: string, environment: Readonly<Record<string, string>>) => string
  /**
   * Query for all sessions: `id`; `parent`, the session that started it, or null; `folder` in which it ran; `modified` in
   * milliseconds since 1970 and `size`, of which one changes when the session does.
   */
  readonly sessions: string
  /** Query for the records of one session; each row becomes a JSON line. `id` is a safe id (safe-id.ts). */
  readonly recordsOf: (id: string) => string
  /** The agent's own program, which answers a query with a JSON list of rows: for Node.js without SQLite. */
  readonly program: { readonly name: string; readonly parameters: (query: string) => readonly string[] }
}

export interface Agent {
  readonly id: string
  readonly title: string
  /** For support matrix and docs. */
  readonly supports: Readonly<Record<Capability, Support>>
  /** null: nothing that Stemma could write makes it call; it must call by itself. */
  readonly hookFile: HookFile | null
  /**
   * Folders that give away that it is used: in the repository, and at home. Absent: the first folder of its hook file, in
   * both places.
   */
  readonly traces?: { readonly repository: readonly string[]; readonly home: readonly string[] }
  /**
   * Where it keeps what it is told and allowed; null where that is not known. Loaded when it is asked for: no hook and no
   * parser needs the readers of settings.
   */
  readonly configuration: (() => Promise<AgentPlaces>) | null
  /** Whether a hook process was started by this agent: from environment and payload, never from the file that configured it. */
  readonly isCaller: (environment: Readonly<Record<string, string>>, payload: unknown) => boolean
  /** Reads one hook payload; null where it is not one of this agent's. */
  readonly readHook: (payload: unknown) => HookNote | null
  /**
   * Folders below which transcripts of sessions that ran in `workingDirectory` lie, as absolute paths.
   * `environment` carries the agent's own overrides.
   */
  readonly transcriptFolders: (
    workingDirectory: string,
    home: string,
    environment: Readonly<Record<string, string>>,
  ) => readonly string[]
  /**
   * Groups the files of one folder into sessions: main file and the files of its subagents. Paths are relative to the
   * folder; the result maps the agent's own session id to its files.
   */
  readonly groupTranscripts: (paths: readonly string[]) => ReadonlyMap<string, readonly string[]>
  /**
   * Where sessions lie in a database: each is handed to `parse` as `<id>.jsonl`, with those that it started. While the
   * database can be read, `transcriptFolders` are not: they hold what older versions left.
   */
  readonly database?: SessionDatabase
  /**
   * The key under which `groupTranscripts` lists the session of that id, where file names carry only a part of it. Absent:
   * the id itself.
   */
  readonly transcriptKey?: (sessionId: string) => string
  /**
   * Folders in which the session ran, absolute; null where the files do not tell. Absent: the records say so as `cwd`.
   */
  readonly workingDirectories?: (files: readonly TranscriptFile[]) => readonly string[] | null
  /**
   * Its hooks are a witness of their own: their payloads are handed to `parse` as one more file (hook-stream.ts), and make a
   * session even where there is no transcript.
   */
  readonly readsHookStream?: true
  /** Folder below Stemma's own state folder in which other programs leave transcripts of this repository. */
  readonly stateFolder?: string
  /**
   * true where one folder holds the sessions of all repositories and each file names in its first record, as `cwd`, where
   * it began: files of other repositories are then read no further.
   */
  readonly beginsWithFolder?: boolean
  /** Never throws on hostile input: what cannot be read is counted in `parse` and named in `warnings`. */
  readonly parse: (files: readonly TranscriptFile[], context: ParseContext) => Session | null
}

/** An agent for which Stemma writes a hook file. */
export interface HookedAgent extends Agent {
  readonly hookFile: HookFile
}

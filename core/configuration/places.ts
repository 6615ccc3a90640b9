/** Where an agent keeps its configuration, as each agent's folder describes it. */
import type { ConfigurationKind } from './configuration.ts'
import type { Facts } from './facts.ts'

/** What a reader may know beside the text. */
export interface ReadingContext {
  /** Absolute path of the work tree: settings of a person's may hold a part for each repository. */
  readonly root: string
}

export interface ConfigurationPlace {
  /** `*` within one folder, `**` over any. A glob that begins with `**` finds what Git tracks. */
  readonly glob: string
  readonly kind: ConfigurationKind
  /** Absent: only its digest is evidence. null: the file is not in a form that can be read. May throw. */
  readonly read?: (text: string, context: ReadingContext) => Facts | null
  /** The agent writes its state there too, so the digest is over what is read and not over the bytes. */
  readonly holdsState?: boolean
}

export interface PlacesBelow {
  /** Absolute. */
  readonly folder: string
  readonly places: readonly ConfigurationPlace[]
}

/** Whose home and environment; the latter carries the agent's own overrides. */
export interface Person {
  readonly home: string
  readonly environment: Readonly<Record<string, string>>
}

export interface AgentPlaces {
  readonly repository: readonly ConfigurationPlace[]
  readonly user: (person: Person) => readonly PlacesBelow[]
  /** Of the machine's administrator. */
  readonly managed: readonly PlacesBelow[]
}

export interface ConfiguredAgent extends AgentPlaces {
  /** Its id. */
  readonly agent: string
}

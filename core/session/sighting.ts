/** Sighting: something seen in a session that a rule may object to, and what proves it. */

export interface Sighting {
  /** `doubt`: it may be one; what decides was computed at run time or is not visible. */
  readonly certainty: 'certain' | 'doubt'
  /** What happened, in words; it may quote hostile text. */
  readonly message: string
  /** The command as written, the path, the host: what an exemption names. */
  readonly text: string
  readonly events: readonly string[]
  /** Stopped before it did anything: a rule, a hook or a person denied the call. */
  readonly denied: boolean
}

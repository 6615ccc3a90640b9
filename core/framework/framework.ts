/** Framework: a named set of controls. Control: a named requirement, the policies that show it, and what only people can say. */
import type { PolicyId } from '../policy/registry.ts'

/** `Name`: of its policies; those that we write may name only what the catalogue has. */
export interface Control<Name extends string = PolicyId> {
  /** The requirement's id in its framework; unique there. Letters, digits, `.`, `-` and `_`, a letter first. */
  readonly id: string
  /** The part of the framework that it belongs to. */
  readonly group: string
  /** In short words of ours; the framework's own text is its publisher's. */
  readonly title: string
  /** Why these policies speak for the requirement, and what of it they do not show. */
  readonly about: string
  /** All of them must hold. Empty = only an attestation can show it. A name that no policy has does not compile. */
  readonly policies: readonly Name[]
  /** What a person may attest to where policies cannot look; null = nothing can replace the policies. */
  readonly attestation: string | null
}

export interface Framework<Name extends string = PolicyId> {
  readonly id: string
  readonly title: string
  /** Edition of the requirements. */
  readonly version: string
  readonly publisher: string
  /** Where the requirements themselves are published; null = they are ours, or not freely available. */
  readonly url: string | null
  /** From which document, part and date the ids are; absent = they are the framework's own. */
  readonly source?: string
  /** What the mapping covers, and what it leaves out. */
  readonly about: string
  readonly controls: readonly Control<Name>[]
}

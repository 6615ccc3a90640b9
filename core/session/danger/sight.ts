/** What a dangerous command is, and what a look at one command finds. */
import type { Session } from '../session.ts'
import type { ShellAnalysis, ShellCommand } from '../shell.ts'

/** What counts as dangerous. What can be taken back with git (`reset --hard`, `clean`) is left out on purpose. */
export const dangerKinds = {
  'wide-removal': 'recursive removal of a root, home, system or whole working folder',
  disk: 'formatting or overwriting of a disk',
  'open-permissions': 'permissions or owners changed on everything below a wide folder',
  'downloaded-code': 'a download that is run without being read',
  'fork-bomb': 'a function that starts ever more of itself',
  'force-push': 'history of a protected branch overwritten or deleted',
  database: 'a database dropped or emptied',
  infrastructure: 'cloud resources, clusters or repositories deleted without a question',
  traces: 'the record of commands erased',
  'remote-shell': 'a shell handed to the network',
  machine: 'the machine or its protection switched off',
} as const
export type DangerKind = keyof typeof dangerKinds

export interface Danger {
  readonly kind: DangerKind
  /** `doubt`: it may be one; what decides was computed at run time or is not visible. */
  readonly certainty: 'certain' | 'doubt'
  readonly message: string
  readonly text: string
  readonly events: readonly string[]
  readonly denied: boolean
}

export type Sight = Pick<Danger, 'kind' | 'certainty' | 'message'>
export interface View {
  readonly command: ShellCommand
  readonly analysis: ShellAnalysis
  readonly session: Session
  readonly trustedHosts: readonly string[]
  readonly isProtected: (branch: string) => boolean
  readonly isDisposable: (database: string) => boolean
}

export function certain(kind: DangerKind, { text }: ShellCommand, what: string): Sight {
  return { kind, certainty: 'certain', message: `\`${text}\` ${what}` }
}

export function doubtful(kind: DangerKind, { text }: ShellCommand, what: string): Sight {
  return { kind, certainty: 'doubt', message: `\`${text}\` ${what}` }
}

/** Inside a container a removal ends with the container. */
export function isContained(via: readonly string[]): boolean {
  return via.some((name) => name === 'docker' || name === 'podman' || name === 'docker-compose')
}

/** On whose behalf a session ran: each session's evidence carries one link, and links of one organisation make the chain. */
import type { SessionHeader } from './session.ts'

type Delegation = NonNullable<SessionHeader['delegation']>

export interface DelegationLink {
  readonly session: string
  readonly orchestrator: string | null
  readonly human: string | null
  /** Whether the person is the session's own word: another than the one whose key signed it, or nobody knows whose that is. */
  readonly isClaim: boolean
}

export interface DelegationChain {
  /** The session itself first, then who started it, and so on. */
  readonly links: readonly DelegationLink[]
  readonly problem:
    | null
    /** A session that started itself, or one that it came from: somebody's evidence says what cannot be. */
    | { readonly kind: 'cycle'; readonly session: string }
    /** Named as the parent, and not a session of the organisation, or not one that was sent. */
    | { readonly kind: 'unknown-session'; readonly session: string }
    | { readonly kind: 'too-long'; readonly session: string }
}

/** Orchestrators nest a few levels; a chain beyond this is made to cost, not to tell. */
export const MAX_DELEGATION_LINKS = 16

interface Delegated {
  readonly id: string
  readonly delegation: Delegation | null
  /** Names by which the person is enrolled whose key signed the session; absent or empty where that is not known. */
  readonly signer?: readonly string[]
}

/** `find`: a session of the same organisation by its id; null where there is none. Asked at most MAX_DELEGATION_LINKS times. */
export async function delegationChain(
  start: Delegated,
  find: (id: string) => Promise<Delegated | null>,
): Promise<DelegationChain> {
  const links: DelegationLink[] = []
  for (let at = start; ; ) {
    const { orchestrator = null, human = null, parent = null } = at.delegation ?? {}
    links.push({ session: at.id, orchestrator, human, isClaim: human !== null && !isOneOf(human, at.signer ?? []) })
    if (parent === null) return { links, problem: null }
    if (links.some(({ session }) => session === parent)) return { links, problem: { kind: 'cycle', session: parent } }
    if (links.length >= MAX_DELEGATION_LINKS) return { links, problem: { kind: 'too-long', session: parent } }
    const next = await find(parent)
    if (next === null) return { links, problem: { kind: 'unknown-session', session: parent } }
    // By the id that was asked for: what was found cannot lead the chain elsewhere.
    at = { ...next, id: parent }
  }
}

/** Logins tell case no apart. */
function isOneOf(human: string, names: readonly string[]): boolean {
  return names.some((name) => name.toLowerCase() === human.toLowerCase())
}

/** Whether a session says that it started itself: for that no other session has to be known. */
export function isSelfDelegated({ id, delegation }: Pick<SessionHeader, 'id' | 'delegation'>): boolean {
  return delegation?.parent === id
}

/** `claude-code:2 <- generic:1 (nightly, for grace, as it claims)` */
export function delegationInWords({ links, problem }: DelegationChain): string {
  const chain = links.map(({ session, orchestrator, human, isClaim }) => {
    const person = human === null ? null : `for ${human}${isClaim ? ', as it claims' : ''}`
    const told = [orchestrator, person].filter((part) => part !== null)
    return told.length === 0 ? session : `${session} (${told.join(', ')})`
  })
  return [...chain, ...(problem === null ? [] : [`${problem.session}: ${problemWords[problem.kind]}`])].join(' <- ')
}

const problemWords = {
  cycle: 'a cycle, which cannot be',
  'unknown-session': 'no session that is known here',
  'too-long': `more than ${MAX_DELEGATION_LINKS} links`,
} as const

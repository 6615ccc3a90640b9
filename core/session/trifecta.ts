/**
 * The three things that together let a stranger's words carry private data away: private data, untrusted content and a
 * way out, all in one session.
 */
import { gitPushes } from './git-push.ts'
import { mcpUses } from './mcp-use.ts'
import { isLocalHost, networkUses } from './network-use.ts'
import { type SecretAccessOptions, secretAccesses, usualSecretFiles } from './secret-access.ts'
import type { Session } from './session.ts'
import { shellRuns } from './shell-run.ts'
import { inputText, toolUses } from './tool-use.ts'

export interface Leg {
  /** What happened, in words that continue "First, …". */
  readonly what: string
  readonly events: readonly string[]
  readonly index: number
  /** `doubt`: what decides was computed at run time. */
  readonly certainty: 'certain' | 'doubt'
}

export interface Trifecta {
  readonly privateData: readonly Leg[]
  readonly untrusted: readonly Leg[]
  readonly waysOut: readonly Leg[]
}

export interface TrifectaOptions {
  readonly secretFiles: SecretAccessOptions
  readonly isPrivatePath: (path: string) => boolean
  readonly isTrustedHost: (host: string) => boolean
  readonly isTrustedServer: (server: string) => boolean
  /** The repository itself is private, so that any read of it counts. */
  readonly repositoryIsPrivate: boolean
  /** A push to a remote of the repository is a way out. */
  readonly pushIsWayOut: boolean
}

export const usualTrifectaOptions: TrifectaOptions = {
  secretFiles: usualSecretFiles,
  isPrivatePath: () => false,
  isTrustedHost: () => false,
  isTrustedServer: () => false,
  repositoryIsPrivate: false,
  pushIsWayOut: false,
}

/** What was denied did not happen, and is left out. */
export function observeTrifecta(session: Session, options: TrifectaOptions = usualTrifectaOptions): Trifecta {
  return {
    privateData: inOrder([...secretLegs(session, options), ...readLegs(session, options)]),
    untrusted: inOrder([...fetchedLegs(session, options), ...serverLegs(session, options, 'answered')]),
    waysOut: inOrder([...sentLegs(session, options), ...serverLegs(session, options, 'was called')]),
  }
}

function inOrder(legs: readonly Leg[]): readonly Leg[] {
  return legs.toSorted((left, right) => left.index - right.index)
}

function secretLegs(session: Session, { secretFiles }: TrifectaOptions): readonly Leg[] {
  return secretAccesses(session, secretFiles)
    .filter(({ denied }) => !denied)
    .map(({ message, events, index, certainty }) => ({ what: message, events, index, certainty }))
}

function readLegs(session: Session, { isPrivatePath, repositoryIsPrivate }: TrifectaOptions): readonly Leg[] {
  return toolUses(session).flatMap((use): Leg[] => {
    const { call, denied, events, index } = use
    if (denied || call.category !== 'read') return []
    const path = call.paths.find((one) => repositoryIsPrivate || isPrivatePath(one))
    return path === undefined ? [] : [{ what: `\`${path}\` was read`, events, index, certainty: 'certain' }]
  })
}

function fetchedLegs(session: Session, { isTrustedHost }: TrifectaOptions): readonly Leg[] {
  const searches = toolUses(session).flatMap((use): Leg[] => {
    const { call, denied, events, index } = use
    if (denied || call.category !== 'web' || inputText(use, 'url', 'uri', 'URL') !== null) return []
    return [{ what: 'the web was searched', events, index, certainty: 'certain' }]
  })
  const fetches = networkUses(session).flatMap(({ target, direction, denied, events, index, text }): Leg[] => {
    // What only sends brings an answer too, but nobody reads a stranger's words by pushing.
    if (denied || (direction === 'out' && !/^https?:/.test(text))) return []
    if (target === null) {
      const what = `\`${text}\` fetched from an address that is computed at run time`
      return [{ what, events, index, certainty: 'doubt' }]
    }
    if (isLocalHost(target) || isTrustedHost(target)) return []
    return [{ what: `content came from ${target}`, events, index, certainty: 'certain' }]
  })
  return [...searches, ...fetches]
}

function sentLegs(session: Session, { isTrustedHost, pushIsWayOut }: TrifectaOptions): readonly Leg[] {
  const sent = networkUses(session).flatMap(({ target, direction, denied, events, index, text }): Leg[] => {
    if (denied || direction === 'in') return []
    if (target === null) {
      return [{ what: `\`${text}\` sent to an address that is computed`, events, index, certainty: 'doubt' }]
    }
    if (isLocalHost(target) || isTrustedHost(target)) return []
    return [{ what: `\`${text}\` sent something to ${target}`, events, index, certainty: 'certain' }]
  })
  if (!pushIsWayOut) return sent
  const place = new Map(shellRuns(session).map((run) => [run.events[0], run.index]))
  const pushes = gitPushes(session).flatMap(({ text, events, denied }): Leg[] => {
    const index = place.get(events[0]) ?? 0
    return denied ? [] : [{ what: `\`${text}\` pushed`, events, index, certainty: 'certain' }]
  })
  return [...sent, ...pushes]
}

function serverLegs(session: Session, { isTrustedServer }: TrifectaOptions, verb: string): readonly Leg[] {
  return mcpUses(session).flatMap(({ server, tool, use }): Leg[] => {
    if (use.denied || (server !== null && isTrustedServer(server))) return []
    const what = `the MCP tool \`${tool}\`${server === null ? '' : ` of \`${server}\``} ${verb}`
    return [{ what, events: use.events, index: use.index, certainty: 'certain' }]
  })
}

/** One of each; the way out stands after the other two wherever one does, since only then can it carry them. */
export function chainOf({ privateData, untrusted, waysOut }: Trifecta): {
  readonly legs: readonly [Leg, Leg, Leg]
  readonly isInOrder: boolean
  readonly certainty: Leg['certainty']
} | null {
  for (const certainty of ['certain', 'doubt'] as const) {
    const among = (legs: readonly Leg[]): readonly Leg[] =>
      certainty === 'certain' ? legs.filter((leg) => leg.certainty === 'certain') : legs
    const data = among(privateData)[0]
    const stranger = among(untrusted)[0]
    const ways = among(waysOut)
    if (data === undefined || stranger === undefined || ways[0] === undefined) continue
    const later = ways.find(({ index }) => index > data.index && index > stranger.index)
    return { legs: [data, stranger, later ?? ways[0]], isInOrder: later !== undefined, certainty }
  }
  return null
}

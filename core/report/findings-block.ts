/** What a program reads of the comment: the items as JSON inside an HTML comment that no reader sees. */
import { z } from 'zod'
import { severities } from '../policy/policy.ts'
import { type Item, itemsOf } from './items.ts'
import { clip } from './markdown-escape.ts'
import { conclusions, type Report } from './report.ts'

/** Begins the block; the JSON and ` -->` follow on the same line. */
export const FINDINGS_MARKER = '<!-- stemma:findings:v1 '

/** The comment has room for 60,000 characters; what people read comes first. */
const MAX_BLOCK = 12_000
const MAX_TEXT = 500
const MAX_PLACES = 20

const Place = z.object({ path: z.string(), start: z.int().positive().nullable(), end: z.int().positive().nullable() })

export const FindingsBlock = z.object({
  version: z.literal(1),
  /** Commit for which this holds; of another head it says nothing. */
  head: z.string(),
  conclusion: z.enum(conclusions),
  findings: z.array(
    z.object({
      /** The same for the same finding in every edit of the comment, whatever else comes or goes; unique within one. */
      id: z.string().regex(/^[0-9a-f]{16}(-[0-9]+)?$/),
      /** null: evidence is missing. */
      policy: z.string().nullable(),
      kind: z.enum(['finding', 'cannot tell', 'missing']),
      /** Whether it stands in the way of merging. */
      gate: z.boolean(),
      severity: z.enum(severities).nullable(),
      /** May quote what a session ran or wrote: data, never an instruction. */
      message: z.string(),
      fix: z.string().nullable(),
      sessions: z.array(z.string()),
      files: z.array(Place),
    }),
  ),
  /** Findings that found no room here; the dashboard has them all. */
  omitted: z.int().nonnegative(),
})
export type FindingsBlock = Readonly<z.infer<typeof FindingsBlock>>

/** One line. As many findings as fit, the most urgent first. */
export function renderFindingsBlock(report: Report): string {
  const findings = findingsOf(report)
  for (let count = findings.length; ; count -= 1) {
    const { head, conclusion } = report
    const omitted = findings.length - count
    const block: FindingsBlock = {
      version: 1,
      head: clip(head, 64),
      conclusion,
      findings: findings.slice(0, count),
      omitted,
    }
    const text = `${FINDINGS_MARKER}${escaped(JSON.stringify(block))} -->`
    if (text.length <= MAX_BLOCK || count === 0) return text
  }
}

/** The block of a comment; null where there is none, or of a later version. Whether the comment is ours only the forge can tell. */
export function readFindingsBlock(comment: string): FindingsBlock | null {
  // The last one: what stands before it may quote others.
  const line = comment.split('\n').findLast((one) => one.startsWith(FINDINGS_MARKER) && one.endsWith(' -->'))
  if (line === undefined) return null
  try {
    const parsed = FindingsBlock.safeParse(JSON.parse(line.slice(FINDINGS_MARKER.length, -' -->'.length)))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

/**
 * Nothing but letters, digits and JSON's own marks: a hyphen or an angle bracket could end the comment, and marks that
 * reverse the reading order could deceive who reads the source.
 */
function escaped(json: string): string {
  return json.replace(/[^\w\s{}[\]":,.\\/ ]|[^\u0020-\u007e]/g, (letter) => {
    return `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

function findingsOf(report: Report): FindingsBlock['findings'] {
  const counts = new Map<string, number>()
  return itemsOf(report).map((item) => {
    const { policy, kind, gate, severity, message, fix, sessions, places } = item
    const base = identify(item)
    const count = (counts.get(base) ?? 0) + 1
    counts.set(base, count)
    return {
      id: count === 1 ? base : `${base}-${count}`,
      policy: policy === null ? null : clip(policy, MAX_TEXT),
      kind,
      gate,
      severity,
      message: clip(message, MAX_TEXT),
      fix: fix === null ? null : clip(fix, MAX_TEXT),
      sessions: sessions.slice(0, MAX_PLACES).map((id) => clip(id, 200)),
      files: places.slice(0, MAX_PLACES).map((place) => ({ ...place, path: clip(place.path, MAX_TEXT) })),
    }
  })
}

/** Of missing evidence there is one item, whose message counts; of a finding the message tells it from others. */
function identify({ policy, kind, message }: Item): string {
  return fingerprint(JSON.stringify(policy === null ? [kind] : [policy, kind, message]))
}

/** FNV-1a of 64 bits over UTF-16 units (Fowler, Noll, Vo): a name, nothing that has to withstand an attack. */
function fingerprint(text: string): string {
  let hash = 0xcbf29ce484222325n
  for (let at = 0; at < text.length; at += 1) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(at))) * 0x100000001b3n)
  }
  return hash.toString(16).padStart(16, '0')
}

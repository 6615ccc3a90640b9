/** `.stemma.yml`, the one file of Stemma that is committed: read with errors that name the line, written with its words. */
import { join } from 'node:path'
import { LineCounter, parseDocument, stringify } from 'yaml'
import { z } from 'zod'
import { Fault } from '#core/fault.ts'
import { RedactionSettings } from '#core/policy/redaction-settings.ts'
import { readProjectText } from './files.ts'

export const CONFIGURATION_FILE = '.stemma.yml'
const API_VERSION = 'stemma.dev/v1'

/**
 * What leaves the machine: `metadata` = the signed statement alone, `redacted` = a transcript too, without secrets and
 * with a digest for each picture or other binary, `full` = the transcript without secrets, binaries included. Secrets
 * leave in no tier: `full` means what it meant before there was `redacted`.
 */
const tiers = ['metadata', 'redacted', 'full'] as const
export type Tier = (typeof tiers)[number]
/**
 * When a push is stopped: never; when its evidence could not be delivered; also when a gated policy fails here; also when
 * it fails on the server, whose verdict is waited for.
 */
export const strictness = ['off', 'evidence', 'policy', 'platform'] as const
export type Strictness = (typeof strictness)[number]

const Configuration = z.strictObject({
  apiVersion: z.literal(API_VERSION),
  server: z
    .string()
    .transform((value, context) => {
      const server = readServer(value)
      if (server !== null) return server
      context.addIssue({ code: 'custom', message: 'must be an https address (http only for this machine)' })
      return z.NEVER
    })
    .optional(),
  organisation: z.string().min(1).max(100).optional(),
  tier: z.enum(tiers).default('redacted'),
  /** The first that matches `host/owner/name` counts; where there is a list, a remote that it does not name gets nothing. */
  remotes: z.array(z.strictObject({ match: z.string().min(1).max(500), tier: z.enum(tiers) })).optional(),
  redaction: RedactionSettings.optional(),
  strict: z.enum(strictness).default('off'),
})
export type Configuration = Readonly<z.infer<typeof Configuration>>

const localHosts: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

/** The server's address in one spelling; null for what evidence must not be sent to. */
export function readServer(value: string): string | null {
  if (!URL.canParse(value)) return null
  const url = new URL(value)
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && localHosts.includes(url.hostname))
  if (!isSafe || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return null
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

/** null where the repository has no such file. Throws configuration-malformed with file and line. */
export async function readConfiguration(root: string): Promise<Configuration | null> {
  const text = await readProjectText(join(root, CONFIGURATION_FILE))
  return text === null ? null : parseConfiguration(text)
}

export function parseConfiguration(text: string): Configuration {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  const [flaw] = document.errors
  if (flaw !== undefined) throw malformed(lines.linePos(flaw.pos[0]).line, flaw.message.split('\n')[0] ?? 'not YAML')
  const parsed = Configuration.safeParse(document.toJS({ maxAliasCount: 0 }) ?? {})
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const path = issue?.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : (issue?.path ?? [])
  throw malformed(lineOf(path), describe(issue, path))

  function lineOf(keys: readonly PropertyKey[]): number {
    // Walk up until a node is found: a missing key has none of its own.
    for (let length = keys.length; length > 0; length--) {
      const node = document.getIn(keys.slice(0, length).map(String), true)
      const range = node !== null && typeof node === 'object' && 'range' in node ? node.range : null
      if (Array.isArray(range)) return lines.linePos(Number(range[0])).line
    }
    return 1
  }
}

function describe(issue: z.core.$ZodIssue | undefined, path: readonly PropertyKey[]): string {
  if (issue === undefined) return 'not readable'
  const key = path.map(String).join('.')
  if (issue.code !== 'unrecognized_keys') return `\`${key}\`: ${issue.message}`
  return `unknown key \`${key}\` (known: ${Object.keys(Configuration.shape).join(', ')})`
}

function malformed(line: number, problem: string): Fault {
  return new Fault('configuration-malformed', {
    message: `${CONFIGURATION_FILE}:${line}: ${problem}`,
    hint: `Edit line ${line} of ${CONFIGURATION_FILE}, then check it with \`stemma doctor\`.`,
  })
}

/** The file as `stemma init` writes it, comments included. */
export function writeConfiguration(settings: {
  readonly server: string | null
  readonly organisation: string | null
}): string {
  // Only YAML's own line feed goes: a name may end in a space of some other kind.
  const scalar = (value: string) => stringify(value, { lineWidth: 0 }).replace(/\n$/, '')
  return [
    '# Stemma keeps signed evidence of how this code was written: https://stemma.dev/docs',
    '# Commit this file, so that everyone who clones the repository uses the same settings.',
    `apiVersion: ${API_VERSION}`,
    '',
    '# Where evidence is sent at `git push`. Without a server it is signed and kept in the Git folder.',
    settings.server === null ? '# server: https://stemma.example.com' : `server: ${scalar(settings.server)}`,
    ...(settings.organisation === null ? [] : [`organisation: ${scalar(settings.organisation)}`]),
    '',
    '# What leaves the machine. metadata: the signed statement alone. redacted: the transcript too, without secrets and',
    '# pictures. full: the transcript without secrets. See exactly what it would be: stemma push --preview',
    'tier: redacted',
    '',
    '# When a push is stopped. off: never. evidence: when evidence cannot be delivered. policy: also when a gated policy fails.',
    'strict: off',
    '',
  ].join('\n')
}

/** Puts another server into a file that exists; everything else in it, comments included, stays as it is. */
export function changeServer(
  text: string,
  settings: { readonly server: string; readonly organisation: string | null },
): string {
  const document = parseDocument(text)
  document.set('server', settings.server)
  if (settings.organisation !== null) document.set('organisation', settings.organisation)
  return document.toString({ lineWidth: 0 })
}

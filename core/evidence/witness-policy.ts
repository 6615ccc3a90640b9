/** Lines of a log policy (C2SP tlog-policy): which witnesses are asked, and for which logs we are a witness. */
import { Fault } from '../fault.ts'
import { type NoteVerifier, readCosignerKey, readVerifierKey } from './note.ts'

export interface ConfiguredWitness {
  /** Its name in the policy, for people. */
  readonly name: string
  readonly verifier: NoteVerifier
  /** Submission prefix, without a trailing slash; null: only its cosignatures are known. */
  readonly url: string | null
}

/** `witness <name> <vkey> [<url>]`, one a line; other lines of a policy are left to whoever verifies. */
export async function readWitnesses(policy: string): Promise<readonly ConfiguredWitness[]> {
  const witnesses: ConfiguredWitness[] = []
  for (const [kind, name, vkey, url] of linesOf(policy)) {
    if (kind !== 'witness') continue
    if (name === undefined || vkey === undefined) throw malformed('witness NAME VKEY [URL]')
    witnesses.push({ name, verifier: await readCosignerKey(vkey), url: url === undefined ? null : prefixOf(url) })
  }
  const keys = witnesses.map(({ verifier }) => verifier.publicKey.id)
  if (new Set(keys).size !== keys.length) throw malformed('each witness key once')
  return witnesses
}

/** `log <vkey> [<url>]`, one a line. */
export async function readLogs(policy: string): Promise<readonly NoteVerifier[]> {
  const lines = linesOf(policy).filter(([kind]) => kind === 'log')
  return Promise.all(
    lines.map(([, vkey]) => {
      if (vkey === undefined) throw malformed('log VKEY [URL]')
      return readVerifierKey(vkey)
    }),
  )
}

function linesOf(policy: string): readonly (readonly string[])[] {
  return policy
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(/[ \t]+/))
}

/** Whoever listens in on plain HTTP could not forge a cosignature, but could keep it back; a loopback has no listener. */
function prefixOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  const isLoopback = url !== null && ['localhost', '127.0.0.1'].includes(url.hostname)
  if (url === null || (url.protocol !== 'https:' && !isLoopback)) throw malformed('an https address')
  return text.replace(/\/+$/, '')
}

function malformed(expected: string): Fault {
  return new Fault('configuration-malformed', {
    message: `A line of the log policy is not what it should be: ${expected}.`,
    hint: 'Mend it and deploy again with `npx wrangler deploy`; the form is described at https://c2sp.org/tlog-policy.',
  })
}

/** A bundle's verdict for people: one line for each piece of evidence and each thing that the platform signed. */
import type { BundleVerdict } from '#core/evidence/verify-bundle.ts'
import type { Context } from '../context.ts'
import { plain } from '../io/terminal.ts'
import { count, shortId } from '../io/words.ts'
import { cosignedInWords } from './witnesses.ts'

interface Line {
  readonly id: string | null
  readonly index: number
  readonly problem: { readonly code: string; readonly message: string } | null
}

export function showBundle(verdict: BundleVerdict, { terminal, json }: Context): 0 | 4 {
  const { verified, origin, problems, evidence, conclusions, witnesses, audit } = verdict
  if (json) {
    const log = { origin, entries: audit?.entries ?? null, problems, witnesses }
    terminal.print(JSON.stringify({ verified, log, evidence, conclusions }, null, 2))
    return verified ? 0 : 4
  }
  const line = ({ id, problem, index }: Line, about: string) => {
    const state = problem === null ? `${terminal.mark('ok')} passed ` : `${terminal.mark('failed')} failed `
    const told = problem === null ? `${about} (leaf ${index})` : `${problem.code}: ${problem.message}`
    terminal.print(`  ${state} ${shortId(id ?? 'unreadable')}  ${plain(told)}`)
  }
  for (const one of evidence) line(one, [one.session ?? 'no session', ...one.commits.map(shortId)].join(', '))
  if (conclusions.length > 0) terminal.print(`  signed by the platform:`)
  for (const one of conclusions) line(one, aboutConclusion(one))
  for (const { code, message } of problems)
    terminal.print(`  ${terminal.mark('failed')} failed  the log: ${plain(`${code}: ${message}`)}`)
  if (audit?.verified === true)
    terminal.print(`  ${terminal.mark('ok')} passed  the log, re-derived from its ${audit.entries} entries`)
  for (const witness of witnesses.filter(({ size }) => size !== null))
    terminal.print(`  ${terminal.mark('ok')} passed  witness ${plain(witness.name)} ${cosignedInWords(witness)}`)
  terminal.print(`  ${endsInWords(verdict)}`)
  terminal.print(verified ? `${terminal.mark('ok')} verified` : `${terminal.mark('failed')} does not verify`)
  return verified ? 0 : 4
}

const kinds: Readonly<Record<string, string>> = {
  'https://in-toto.io/attestation/test-result/v0.1': 'policies',
  'https://slsa.dev/verification_summary/v1': 'summary of a head',
}

function aboutConclusion({
  predicateType,
  verdict,
  commits,
  revocation,
}: BundleVerdict['conclusions'][number]): string {
  if (revocation !== null) return `key ${shortId(revocation.keyId)} revoked at ${revocation.revokedAt}`
  const kind = kinds[predicateType ?? ''] ?? predicateType?.split('/').at(-2) ?? 'unknown'
  return [`${kind}: ${verdict ?? 'unreadable'}`, ...commits.map(shortId)].join(', ')
}

/** What can be said of keys that ended depends on how much of the log is there. */
function endsInWords({ audit, conclusions }: BundleVerdict): string {
  const told = conclusions.filter(({ revocation }) => revocation !== null).length
  const ended = told === 0 ? 'no key' : count(told, 'key')
  return audit === null
    ? `revoked keys: ${ended}, as far as the bundle tells; all of them with \`stemma export --evidence --all\``
    : `revoked keys: ${ended} in the whole log`
}

/** Two verifiers that share no line of code: what each says of a bundle, in one form. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'vitest'
import { readCosignerKey } from '#core/evidence/note.ts'
import { verifyBundle } from '#core/evidence/verify-bundle.ts'

export interface Case {
  readonly name: string
  readonly bundle: string
  readonly logKeys: readonly string[]
  /** Keys of witnesses that must have cosigned. */
  readonly witnesses?: readonly string[]
  /** The reason that both must give; null: it verifies; undefined: they need only agree. */
  readonly reason?: string | null
}

export interface Verdict {
  readonly verified: boolean
  readonly problems: readonly string[]
  readonly evidence: readonly (string | null)[]
  readonly conclusions: readonly (string | null)[]
}

const script = join(import.meta.dirname, '../../docs/verify/verify.py')
const isThere = (program: string, argument: string) => spawnSync(program, [argument]).status === 0

/** Programs that the second verifier needs and this machine lacks. */
export const missing = [
  ...(isThere('python3', '--version') ? [] : ['python3']),
  ...(isThere('openssl', 'version') ? [] : ['openssl']),
]
/** For the name of a test that is skipped. */
export const lacking = missing.length > 0 ? ` (skipped: no ${missing.join(', no ')} here)` : ''

interface Told {
  readonly problem: { readonly code: string } | string | null
}
const codeOf = ({ problem }: Told) => (typeof problem === 'string' ? problem : (problem?.code ?? null))

export async function ours({ bundle, logKeys, witnesses = [] }: Case): Promise<Verdict> {
  const keys = await Promise.all(witnesses.map(readCosignerKey))
  const { verified, problems, evidence, conclusions } = await verifyBundle(bundle, logKeys, keys)
  return {
    verified,
    problems: [...new Set(problems.map(({ code }) => code))].sort(),
    evidence: evidence.map(codeOf),
    conclusions: conclusions.map(codeOf),
  }
}

/** All of them in one process. */
export function theirs(cases: readonly Case[]): readonly Verdict[] {
  const input = cases.map(({ bundle, logKeys, witnesses }) => JSON.stringify({ bundle, logKeys, witnesses })).join('\n')
  const options = { input: `${input}\n`, encoding: 'utf8', maxBuffer: 100_000_000 } as const
  const ran = spawnSync('python3', [script, '--batch'], options)
  if (ran.status !== 0) throw new Error(ran.stderr)
  const lines = ran.stdout.trim().split('\n')
  return lines.map((line) => {
    const { verified, problems, evidence, conclusions } = JSON.parse(line)
    return { verified, problems, evidence: evidence.map(codeOf), conclusions: conclusions.map(codeOf) }
  })
}

/** Cases that ended otherwise than they should, with what was said of them. */
export function wrongOf(cases: readonly Case[], verdicts: readonly Verdict[]) {
  return cases.flatMap(({ name, reason }, at) => {
    const verdict = verdicts[at]
    if (reason === undefined || verdict === undefined) return []
    const said = [...verdict.problems, ...verdict.evidence, ...verdict.conclusions].filter((code) => code !== null)
    const isRight = reason === null ? verdict.verified : !verdict.verified && said.includes(reason)
    return isRight ? [] : [{ name, reason, said }]
  })
}

export function differencesOf(cases: readonly Case[], left: readonly Verdict[], right: readonly Verdict[]) {
  return cases.flatMap(({ name }, at) => {
    const [own, other] = [JSON.stringify(left[at]), JSON.stringify(right[at])]
    return own === other ? [] : [{ name, own, other }]
  })
}

/** Both, as each case wants it. */
export async function agree(cases: readonly Case[]): Promise<void> {
  const verdicts = await Promise.all(cases.map(ours))
  expect(wrongOf(cases, verdicts)).toEqual([])
  if (missing.length === 0) expect(differencesOf(cases, verdicts, theirs(cases))).toEqual([])
}

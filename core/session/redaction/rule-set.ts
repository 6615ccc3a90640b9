/** Rules compiled for one sweep: what each literal proposes, whatever the number of texts. */
import { knownForms } from '../known-secrets.ts'
import type { Span } from '../secret-span.ts'
import { contextRules } from './contexts.ts'
import type { FormRule } from './form-rule.ts'
import { compileLiterals, type Literals } from './literals.ts'
import { tokenRules } from './tokens.ts'

export type Proposer =
  | { readonly kind: 'form'; readonly rule: FormRule }
  /** A name of a secret; a weak one asks for a value that looks random. */
  | { readonly kind: 'name'; readonly isStrong: boolean }
  /** secretlint knows a secret by this name. */
  | { readonly kind: 'linted-name' }
  /** `offset`: how far into the value its literal begins. */
  | { readonly kind: 'known'; readonly form: string; readonly offset: number }
  | { readonly kind: 'private-key' }
  | { readonly kind: 'json-web-key' }

export interface RuleSet {
  readonly literals: Literals
  readonly proposers: readonly Proposer[]
  /** Rules that no literal proposes: an organisation's own, and personal data. */
  readonly others: (text: string) => readonly Span[]
  /** Whether secretlint's rules are asked too. */
  readonly isLinted: boolean
}

export interface RuleSetOptions {
  /** Usable ones only. */
  readonly knownSecrets?: readonly string[]
  readonly others?: (text: string) => readonly Span[]
  readonly isLinted?: boolean
}

const strongNames = [
  ...['password', 'passwd', 'passphrase', 'passcode', 'pwd', 'secret', 'token', 'credential'],
  ...['api', 'access', 'private', 'account', 'client'].flatMap((of) => [`${of}key`, `${of}_key`, `${of}-key`]),
]
const weakNames = [
  ...['_key', '-key', 'key', '_auth', '-auth', '_pass', '-pass', '_pw', '-pw', '_sig', '-sig'],
  ...['_salt', '-salt', '_seed', '-seed'],
]
const lintedNames = ['secretaccesskey', 'secret_accesskey', 'secretaccess_key', 'secret_access_key']

const formProposers = [...tokenRules, ...contextRules].flatMap((rule) =>
  rule.literals.map((literal): readonly [string, Proposer] => [literal, { kind: 'form', rule }]),
)
const nameProposers = [
  ...strongNames.map((name): readonly [string, Proposer] => [name, { kind: 'name', isStrong: true }]),
  ...weakNames.map((name): readonly [string, Proposer] => [name, { kind: 'name', isStrong: false }]),
  ...lintedNames.map((name): readonly [string, Proposer] => [name, { kind: 'linted-name' }]),
]
const markProposers: readonly (readonly [string, Proposer])[] = [
  ['private key', { kind: 'private-key' }],
  ['private+key', { kind: 'private-key' }],
  ['"kty', { kind: 'json-web-key' }],
]

export function compileRules(options: RuleSetOptions = {}): RuleSet {
  const forms = knownForms(options.knownSecrets ?? [])
  const known = forms.flatMap(({ literal, form, offset }): readonly (readonly [string, Proposer])[] =>
    literal === null ? [] : [[literal, { kind: 'known', form, offset }]],
  )
  const foreign = forms.filter(({ literal }) => literal === null).map(({ form }) => form)
  const entries = [...formProposers, ...nameProposers, ...markProposers, ...known]
  return {
    literals: literalsOf(entries.map(([literal]) => literal)),
    proposers: entries.map(([, proposer]) => proposer),
    others: (text) => [...foreignSpans(text, foreign), ...(options.others?.(text) ?? [])],
    isLinted: options.isLinted ?? true,
  }
}

let compiled: { readonly of: readonly string[]; readonly literals: Literals } | null = null

/** The last table again where the literals are the same: a push compiles rules some times for each session. */
function literalsOf(of: readonly string[]): Literals {
  const isSame = compiled?.of.length === of.length && of.every((literal, at) => compiled?.of[at] === literal)
  if (compiled === null || !isSame) compiled = { of, literals: compileLiterals(of) }
  return compiled.literals
}

/** Known values in other scripts, which the sweep has no columns for. */
function foreignSpans(text: string, forms: readonly string[]): readonly Span[] {
  const spans: Span[] = []
  for (const form of forms) {
    for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + form.length)) {
      spans.push({ start: at, end: at + form.length, rule: 'known-secret' })
    }
  }
  return spans
}

/**
 * Several contracts -> the one that holds for a repository.
 *
 * The contracts that apply stand in one order: those attached to repositories before a project's, a project's before a
 * product's, a product's before the organisation's; within one kind an exact repository name before a glob, a glob with
 * more fixed letters before one with fewer; among equals by name. "Nearer" below means earlier in it.
 *
 * | what             | inside one contract                                      | among several                      |
 * |------------------|----------------------------------------------------------|------------------------------------|
 * | `gate`           | the entry; else the groups' (`true` wins); else the       | `true` of any wins; then `false`;  |
 * |                  | reference to the group; else the contract's own `gate`   | where nobody says: `false`         |
 * | `with`           | the entry; else the first group that says one            | the nearest that says one, whole   |
 * | `skip`           | takes the policy out of the contract's own groups        | takes it out of contracts that are |
 * |                  |                                                          | farther, unless one gates it there |
 * | `missingSession` | what it says                                             | the strictest; else `success`      |
 * | `guard`          | what it says                                             | `deny` wins; else `allow`          |
 * | `redaction`      | what it says                                             | all of it                          |
 * | `tier`           | what it says                                             | the narrowest                      |
 * | `privacy`        | what it says                                             | the shortest retention             |
 * | `checks`         | what it says                                             | all of them                        |
 *
 * So a nearer contract may tune a policy and may drop an advisory one, and no contract can open a gate of another: that
 * takes a waiver, which has a reason and an end. Where no contract applies the default one does: a glob that misses a
 * repository must not leave it without any.
 */
import { type Contract, defaultContract } from './contract.ts'
import type { ContractDocument, Document, Gate, GroupReference, PolicyEntry } from './document.ts'
import { customPolicyOf } from './policy-document.ts'
import type { RedactionSettings } from './redaction-settings.ts'
import { policies as registry } from './registry.ts'
import { matchesRepository, specificity } from './repository-glob.ts'

/** `repository`: `owner/name`; null = not known, so that only the organisation's contracts apply. */
export function mergeContracts(
  documents: readonly Document[],
  { repository, version }: { readonly repository: string | null; readonly version: number },
): Contract {
  const applying = documents
    .filter((document) => document.kind === 'Contract')
    .map((document) => ({ document, rank: rankFor(document, repository, documents) }))
    .filter(({ rank }) => rank >= 0)
    .sort((left, right) => right.rank - left.rank || compare(nameOf(left.document), nameOf(right.document)))
    .map(({ document }) => document)
  if (applying.length === 0) return { ...defaultContract, version }

  const groups = new Map(documents.flatMap((one) => (one.kind === 'PolicyGroup' ? [[nameOf(one), one.spec]] : [])))
  const resolved = applying.map((document) => ({ document, entries: entriesOf(document, groups) }))
  const merged = new Map<string, Said>()
  for (const [index, { entries }] of resolved.entries()) {
    const nearer = resolved.slice(0, index).flatMap(({ document }) => document.spec.skip)
    for (const [policy, said] of entries) {
      if (nearer.includes(policy) && said.gate !== true) continue
      const before = merged.get(policy)
      merged.set(policy, before === undefined ? said : both(before, said))
    }
  }
  const custom = documents
    .flatMap((one) => (one.kind === 'Policy' && merged.has(nameOf(one)) ? [customPolicyOf(one)] : []))
    .sort((left, right) => compare(left.id, right.id))
  return {
    name: applying.map(nameOf).join(' + ').slice(0, 200),
    version,
    policies: [...merged]
      .map(([policy, { gate, with: parameters }]) => ({ policy, with: parameters ?? {}, gate: gate ?? false }))
      .sort((left, right) => position(left.policy) - position(right.policy) || compare(left.policy, right.policy)),
    missingSession: strictest(applying.flatMap(({ spec }) => spec.missingSession ?? [])),
    ...mergedGuard(applying.flatMap(({ spec }) => spec.guard ?? [])),
    ...mergedRedaction(applying.flatMap(({ spec }) => spec.redaction ?? [])),
    ...narrowestTier(applying.flatMap(({ spec }) => spec.tier ?? [])),
    ...shortestRetention(applying.flatMap(({ spec }) => spec.privacy?.retention ?? [])),
    ...allChecks(applying.flatMap(({ spec }) => spec.checks ?? [])),
    ...(custom.length === 0 ? {} : { custom }),
  }
}

/** Nothing where no contract speaks of the guard, so that contracts from before it stay as they are. */
function mergedGuard(said: readonly NonNullable<ContractDocument['spec']['guard']>[]): Pick<Contract, 'guard'> {
  if (said.length === 0) return {}
  const strictestOf = (what: 'unsure' | 'failure') => (said.some((one) => one[what] === 'deny') ? 'deny' : 'allow')
  return { guard: { unsure: strictestOf('unsure'), failure: strictestOf('failure') } }
}

/** What one contract takes out no other can put back. */
function mergedRedaction(said: readonly RedactionSettings[]): Pick<Contract, 'redaction'> {
  if (said.length === 0) return {}
  const patterns = new Map(said.flatMap((one) => one.patterns.map((rule) => [JSON.stringify(rule), rule] as const)))
  const personalData = new Set(said.flatMap((one) => one.personalData))
  return { redaction: { patterns: [...patterns.values()], personalData: [...personalData] } }
}

function narrowestTier(said: readonly NonNullable<Contract['tier']>[]): Pick<Contract, 'tier'> {
  const tier = (['metadata', 'redacted', 'full'] as const).find((one) => said.includes(one))
  return tier === undefined ? {} : { tier }
}

function shortestRetention(said: readonly number[]): Pick<Contract, 'privacy'> {
  return said.length === 0 ? {} : { privacy: { retention: Math.min(...said) } }
}

/** The documents name no more than one contract may: check-policy-documents.ts. */
function allChecks(said: readonly string[]): Pick<Contract, 'checks'> {
  return said.length === 0 ? {} : { checks: [...new Set(said)] }
}

/** What one place says about a policy; null = nothing. */
interface Said {
  readonly gate: boolean | null
  readonly with: Readonly<Record<string, unknown>> | null
}

type Groups = ReadonlyMap<
  string,
  { readonly policies: readonly PolicyEntry[]; readonly groups: readonly GroupReference[] }
>

function entriesOf({ spec }: ContractDocument, groups: Groups): ReadonlyMap<string, Said> {
  const entries = entriesOfGroups(spec.groups, groups, new Map())
  for (const entry of spec.policies) entries.set(entry.policy, nearerOf(saidBy(entry), entries.get(entry.policy)))
  for (const policy of spec.skip) entries.delete(policy)
  const usual = saidGate(spec.gate)
  return new Map([...entries].map(([policy, said]) => [policy, { ...said, gate: said.gate ?? usual }]))
}

type Resolved = Map<string, ReadonlyMap<string, Said>>

/** Each group is resolved once, however many ways lead to it. */
function entriesOfGroups(references: readonly GroupReference[], groups: Groups, resolved: Resolved) {
  const entries = new Map<string, Said>()
  for (const { group, gate } of references) {
    for (const [policy, said] of entriesOfGroup(group, groups, resolved)) {
      const qualified = { ...said, gate: said.gate ?? saidGate(gate) }
      const before = entries.get(policy)
      entries.set(policy, before === undefined ? qualified : both(before, qualified))
    }
  }
  return entries
}

function entriesOfGroup(name: string, groups: Groups, resolved: Resolved): ReadonlyMap<string, Said> {
  const known = resolved.get(name)
  if (known !== undefined) return known
  // A circle is refused before it is stored; should one be there, it ends here.
  resolved.set(name, new Map())
  const group = groups.get(name)
  if (group === undefined) return new Map()
  const entries = entriesOfGroups(group.groups, groups, resolved)
  for (const entry of group.policies) entries.set(entry.policy, nearerOf(saidBy(entry), entries.get(entry.policy)))
  resolved.set(name, entries)
  return entries
}

function saidBy(entry: PolicyEntry): Said {
  return { gate: saidGate(entry.gate), with: entry.with ?? null }
}

function saidGate(gate: Gate): boolean | null {
  return gate === 'inherit' ? null : gate
}

/** Two places of one rank: the gate that is shut wins, of parameters the first. */
function both(first: Said, second: Said): Said {
  const gate = first.gate === true || second.gate === true ? true : (first.gate ?? second.gate)
  return { gate, with: first.with ?? second.with }
}

/** An entry of the contract itself decides over what its groups say. */
function nearerOf(entry: Said, group: Said | undefined): Said {
  return { gate: entry.gate ?? group?.gate ?? null, with: entry.with ?? group?.with ?? null }
}

/** More than any glob is specific, so that the kind of place decides first. */
const STEP = 10_000

/** -1 = does not apply. */
function rankFor(
  { spec: { attach } }: ContractDocument,
  repository: string | null,
  documents: readonly Document[],
): number {
  if (attach === 'organisation') return 0
  if (repository === null) return -1
  const rankOf = (globs: readonly string[], step: number): number => {
    const fitting = globs.filter((glob) => matchesRepository(glob, repository))
    return fitting.length === 0 ? -1 : step * STEP + Math.max(...fitting.map(specificity))
  }
  const globsOf = (kind: 'Product' | 'Project', names: readonly string[]): readonly string[] =>
    documents.flatMap((one) => (one.kind === kind && names.includes(nameOf(one)) ? one.spec.repositories : []))
  return Math.max(
    rankOf(attach.repositories ?? [], 3),
    rankOf(globsOf('Project', attach.projects ?? []), 2),
    rankOf(globsOf('Product', attach.products ?? []), 1),
  )
}

function strictest(wanted: readonly Contract['missingSession'][]): Contract['missingSession'] {
  return (['failure', 'neutral'] as const).find((one) => wanted.includes(one)) ?? 'success'
}

function nameOf({ metadata }: Document): string {
  return metadata.name
}

function position(policy: string): number {
  const at = registry.findIndex(({ id }) => id === policy)
  return at < 0 ? registry.length : at
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

/** What documents must hold beyond their form: names that exist and stand once, parameters that fit, rules that compile, groups without circles. */
import { z } from 'zod'
import { checkPolicyDocuments } from './check-policy-documents.ts'
import { policyOfCustom } from './custom-policies.ts'
import type { DocumentProblem, GroupReference, PolicyEntry } from './document.ts'
import { nearest } from './nearest.ts'
import type { Policy } from './policy.ts'
import { customPolicyOf } from './policy-document.ts'
import type { LocatedDocument } from './read-documents.ts'
import { unknownPolicy } from './unknown-policy.ts'

export function checkDocuments(
  located: readonly LocatedDocument[],
  catalogue: readonly Policy[],
): readonly DocumentProblem[] {
  const custom = located.flatMap(({ document }) => (document.kind === 'Policy' ? [customPolicyOf(document)] : []))
  const registry = [...catalogue, ...custom.map(policyOfCustom)]
  const groups = new Map<string, readonly GroupReference[]>()
  for (const { document } of located) {
    if (document.kind === 'PolicyGroup') groups.set(document.metadata.name, document.spec.groups)
  }
  const problems = located.flatMap((one, index) => [
    ...nameProblems(one, located.slice(0, index)),
    ...entriesIn(one).flatMap((entry, at) => entryProblems(one, { entry, at }, registry)),
    ...groupProblems(one, groups),
    ...skipProblems(one, registry),
  ])
  return [...problems, ...checkPolicyDocuments(located, catalogue)]
}

function entriesIn({ document }: LocatedDocument): readonly PolicyEntry[] {
  return document.kind === 'Contract' || document.kind === 'PolicyGroup' ? document.spec.policies : []
}

function nameProblems({ document, problemAt }: LocatedDocument, before: readonly LocatedDocument[]) {
  const { kind, metadata } = document
  const isTaken = before.some((other) => other.document.kind === kind && other.document.metadata.name === metadata.name)
  if (!isTaken) return []
  return [
    problemAt(['metadata', 'name'], `There are two of kind ${kind} named "${metadata.name}".`, 'Rename one of them'),
  ]
}

interface Entry {
  readonly entry: PolicyEntry
  readonly at: number
}

function entryProblems(
  located: LocatedDocument,
  { entry, at }: Entry,
  registry: readonly Policy[],
): readonly DocumentProblem[] {
  const { problemAt } = located
  const path = ['spec', 'policies', at]
  const policy = registry.find(({ id }) => id === entry.policy)
  if (policy === undefined) return [unknownPolicy(problemAt, [...path, 'policy'], entry.policy, registry)]
  const repeated = entriesIn(located).findIndex((other) => other.policy === entry.policy) < at
  const twice = repeated
    ? [problemAt([...path, 'policy'], `${entry.policy} is named twice.`, 'Keep one of the two')]
    : []
  return [...twice, ...parameterProblems(problemAt, [...path, 'with'], entry.with, policy)]
}

/** A mistyped parameter would be left out silently by the rule, which then judges by its default. */
function parameterProblems(
  problemAt: LocatedDocument['problemAt'],
  path: readonly (string | number)[],
  given: PolicyEntry['with'],
  { id, parameters }: Policy,
): readonly DocumentProblem[] {
  if (given === undefined) return []
  const known = parameters instanceof z.ZodObject ? Object.keys(parameters.shape) : null
  const unknown = known === null ? [] : Object.keys(given).filter((key) => !known.includes(key))
  const parsed = parameters.safeParse(given)
  return [
    ...unknown.map((key) => {
      const meant = nearest(key, known ?? [])
      const hint = meant === null ? `Read \`stemma policy explain ${id}\`` : `Did you mean \`${meant}\`?`
      return problemAt([...path, key], `${id} has no parameter ${JSON.stringify(key.slice(0, 60))}.`, hint)
    }),
    ...(parsed.error?.issues ?? []).map((issue) => {
      const inside = issue.path.filter((part) => typeof part !== 'symbol')
      const name = inside.length === 0 ? 'parameters' : `\`${inside.join('.')}\``
      return problemAt([...path, ...inside], `${id}, ${name}: ${issue.message}`, `Read \`stemma policy explain ${id}\``)
    }),
  ]
}

function groupProblems(
  { document, problemAt }: LocatedDocument,
  groups: ReadonlyMap<string, readonly GroupReference[]>,
): readonly DocumentProblem[] {
  if (document.kind !== 'Contract' && document.kind !== 'PolicyGroup') return []
  return document.spec.groups.flatMap(({ group }, at) => {
    const path = ['spec', 'groups', at, 'group']
    if (!groups.has(group)) {
      const meant = nearest(group, [...groups.keys()])
      const hint =
        meant === null ? 'Write a document of `kind: PolicyGroup` with this name' : `Did you mean \`${meant}\`?`
      return [problemAt(path, `There is no PolicyGroup "${group}".`, hint)]
    }
    if (document.spec.groups.findIndex((other) => other.group === group) < at) {
      return [problemAt(path, `The group ${group} is named twice.`, 'Keep one of the two')]
    }
    const circle = document.kind === 'PolicyGroup' ? wayTo(document.metadata.name, group, groups) : null
    if (circle === null) return []
    const way = [document.metadata.name, ...circle].join(' → ')
    return [problemAt(path, `The groups form a circle: ${way}.`, 'Take one of the references out')]
  })
}

/** Names from `start` to `goal`, both included, along references; null where there is no way. */
function wayTo(
  goal: string,
  start: string,
  groups: ReadonlyMap<string, readonly GroupReference[]>,
): readonly string[] | null {
  const ways: (readonly [string, ...string[]])[] = [[start]]
  const seen = new Set([start])
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    const [last] = way
    if (last === goal) return [...way].reverse()
    for (const { group } of groups.get(last) ?? []) {
      if (seen.has(group)) continue
      seen.add(group)
      ways.push([group, ...way])
    }
  }
  return null
}

function skipProblems(
  { document, problemAt }: LocatedDocument,
  registry: readonly Policy[],
): readonly DocumentProblem[] {
  if (document.kind !== 'Contract') return []
  const { skip, policies } = document.spec
  return skip.flatMap((id, at) => {
    const path = ['spec', 'skip', at]
    if (!registry.some((policy) => policy.id === id)) return [unknownPolicy(problemAt, path, id, registry)]
    if (skip.indexOf(id) < at) return [problemAt(path, `${id} is skipped twice.`, 'Keep one of the two')]
    if (!policies.some(({ policy }) => policy === id)) return []
    return [problemAt(path, `${id} is both listed and skipped.`, 'Keep one of the two')]
  })
}

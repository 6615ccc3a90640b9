/** What an organisation's own policies, frameworks and products must hold: rules that compile, names that exist. */
import { frameworks } from '../framework/registry.ts'
import { compileCustomPolicy, policyOfCustom } from './custom-policies.ts'
import { plainSchema } from './custom-policy.ts'
import type { DocumentProblem } from './document.ts'
import { MAX_FRAMEWORK_CHECKS } from './document-head.ts'
import type { FrameworkDocument } from './framework-document.ts'
import { nearest } from './nearest.ts'
import type { Policy } from './policy.ts'
import { customPolicyOf, MAX_CUSTOM_POLICIES, type PolicyDocument } from './policy-document.ts'
import type { LocatedDocument } from './read-documents.ts'
import { unknownPolicy } from './unknown-policy.ts'

/** `catalogue`: the policies that are built in. */
export function checkPolicyDocuments(
  located: readonly LocatedDocument[],
  catalogue: readonly Policy[],
): readonly DocumentProblem[] {
  const documents = located.map(({ document }) => document)
  const own = documents.flatMap((one) => (one.kind === 'Policy' ? [policyOfCustom(customPolicyOf(one))] : []))
  const registry = [...catalogue, ...own]
  const controls = new Set([
    ...frameworks.flatMap(({ id, controls: list }) => list.map((control) => `${id}/${control.id}`)),
    ...documents.flatMap((one) =>
      one.kind === 'Framework' ? one.spec.controls.map(({ id }) => `${one.metadata.name}/${id}`) : [],
    ),
  ])
  const named = (kind: 'Product' | 'Project') =>
    documents.filter((one) => one.kind === kind).map(({ metadata }) => metadata.name)
  const asked = new Set(documents.flatMap((one) => (one.kind === 'Contract' ? (one.spec.checks ?? []) : [])))
  const known = [...new Set([...controls].map((control) => control.slice(0, control.indexOf('/'))))]
  const places = { products: named('Product'), projects: named('Project') }
  let policies = 0
  return located.flatMap((one): readonly DocumentProblem[] => {
    const { document } = one
    if (document.kind === 'Contract') {
      return [...attachProblems(one, places), ...checkProblems(one, { known, asked: asked.size })]
    }
    if (document.kind === 'Framework') return frameworkProblems(one, document, registry)
    if (document.kind !== 'Policy') return []
    policies += 1
    const tooMany =
      policies === MAX_CUSTOM_POLICIES + 1
        ? [one.problemAt([], `There are more than ${MAX_CUSTOM_POLICIES} policies in these documents.`, 'Merge some')]
        : []
    return [...tooMany, ...policyProblems(one, document, { catalogue, controls })]
  })
}

interface Known {
  readonly catalogue: readonly Policy[]
  readonly controls: ReadonlySet<string>
}

function policyProblems(
  { problemAt, problemWithin }: LocatedDocument,
  document: PolicyDocument,
  { catalogue, controls }: Known,
): readonly DocumentProblem[] {
  const { metadata, spec } = document
  const taken = catalogue.some(({ id }) => id === metadata.name)
  const definition = customPolicyOf(document)
  const compiled = spec.rego === undefined ? null : compileCustomPolicy(definition)
  return [
    ...(taken
      ? [problemAt(['metadata', 'name'], `${metadata.name} is a policy of the catalogue.`, 'Give yours another name')]
      : []),
    ...(metadata.version === undefined
      ? []
      : [problemAt(['metadata', 'version'], 'The server numbers the versions of a policy.', 'Take it out')]),
    ...metadata.frameworks.flatMap((control, at) => {
      if (controls.has(control)) return []
      const meant = nearest(control, [...controls])
      const hint = meant === null ? 'List them with `GET /v1/frameworks`' : `Did you mean \`${meant}\`?`
      return [problemAt(['metadata', 'frameworks', at], `There is no control "${control}".`, hint)]
    }),
    ...Object.entries(spec.parameters).flatMap(([name, one]) => {
      const path = ['spec', 'parameters', name]
      if (one.default === undefined || plainSchema(one).safeParse(one.default).success) return []
      return [problemAt([...path, 'default'], `The default of ${name} is not of its own type.`, null)]
    }),
    ...(compiled === null || 'policy' in compiled
      ? []
      : compiled.problems.map(({ file, line = 1, column = 1, message }) =>
          spec.file === undefined
            ? problemWithin(['spec', 'rego'], { line, column }, message)
            : { file: file ?? spec.file, line, column, message, hint: null },
        )),
  ]
}

function frameworkProblems(
  { problemAt }: LocatedDocument,
  { metadata, spec }: FrameworkDocument,
  registry: readonly Policy[],
): readonly DocumentProblem[] {
  const taken = frameworks.some(({ id }) => id === metadata.name)
  const first = taken
    ? [problemAt(['metadata', 'name'], `${metadata.name} is a framework of ours.`, 'Give yours another name')]
    : []
  return [
    ...first,
    ...spec.controls.flatMap((control, at) => {
      const path = ['spec', 'controls', at]
      const twice = spec.controls.findIndex(({ id }) => id === control.id) < at
      return [
        ...(twice ? [problemAt([...path, 'id'], `The control ${control.id} is there twice.`, 'Keep one')] : []),
        ...(control.policies.length === 0 && control.attestation === undefined
          ? [problemAt(path, `Nothing can show ${control.id}.`, 'Name `policies`, or an `attestation`')]
          : []),
        ...control.policies.flatMap((policy, index) =>
          registry.some(({ id }) => id === policy)
            ? []
            : [unknownPolicy(problemAt, [...path, 'policies', index], policy, registry)],
        ),
      ]
    }),
  ]
}

/** A contract attached to what nobody wrote down would silently hold nowhere. */
function attachProblems(
  { document, problemAt }: LocatedDocument,
  known: Readonly<Record<'products' | 'projects', readonly string[]>>,
): readonly DocumentProblem[] {
  if (document.kind !== 'Contract' || document.spec.attach === 'organisation') return []
  const { attach } = document.spec
  return (['products', 'projects'] as const).flatMap((kind) =>
    (attach[kind] ?? []).flatMap((name, at) => {
      if (known[kind].includes(name)) return []
      const word = kind === 'products' ? 'Product' : 'Project'
      const meant = nearest(name, known[kind])
      const hint =
        meant === null ? `Write a document of \`kind: ${word}\` with this name` : `Did you mean \`${meant}\`?`
      return [problemAt(['spec', 'attach', kind, at], `There is no ${word} "${name}".`, hint)]
    }),
  )
}

function checkProblems(
  { document, problemAt }: LocatedDocument,
  { known, asked }: { readonly known: readonly string[]; readonly asked: number },
): readonly DocumentProblem[] {
  if (document.kind !== 'Contract') return []
  const checks = document.spec.checks ?? []
  const path = ['spec', 'checks']
  // Several contracts can hold for one repository, and each check costs writes at the forge.
  const tooMany =
    checks.length > 0 && asked > MAX_FRAMEWORK_CHECKS
      ? [
          problemAt(
            path,
            `The contracts ask for ${asked} checks; the limit is ${MAX_FRAMEWORK_CHECKS}.`,
            'Take some out',
          ),
        ]
      : []
  return [
    ...tooMany,
    ...checks.flatMap((id, at) => {
      if (known.includes(id)) return []
      const meant = nearest(id, known)
      const hint = meant === null ? 'List them with `GET /v1/frameworks`' : `Did you mean \`${meant}\`?`
      return [problemAt([...path, at], `There is no framework "${id}".`, hint)]
    }),
  ]
}

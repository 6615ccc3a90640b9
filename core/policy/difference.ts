/** What applying documents would change, a line for each thing that a reviewer has to know. */
import { z } from 'zod'
import type { ContractDocument, Document } from './document.ts'
import type { FrameworkDocument } from './framework-document.ts'
import type { PolicyDocument } from './policy-document.ts'

type Attach = ContractDocument['spec']['attach']

export const ContractChange = z.object({
  /** `Contract payments` */
  document: z.string(),
  /** `policy no-hook-bypass`, `attach`, `skip approved-models`; `document` for the whole of it. */
  what: z.string(),
  change: z.enum(['added', 'removed', 'changed']),
  before: z.string().nullable(),
  after: z.string().nullable(),
})
export type ContractChange = Readonly<z.infer<typeof ContractChange>>

/** Empty where both say the same, in whatever order. Sorted by document, the whole of it first, and by what changed. */
export function differenceOf(before: readonly Document[], after: readonly Document[]): readonly ContractChange[] {
  const old = flatten(before)
  const fresh = flatten(after)
  return [...new Set([...old.keys(), ...fresh.keys()])].sort().flatMap((key): ContractChange[] => {
    const was = old.get(key)
    const is = fresh.get(key)
    if (was?.text === is?.text) return []
    const { document, what } = was ?? is ?? { document: '', what: '' }
    const change = was === undefined ? 'added' : is === undefined ? 'removed' : 'changed'
    return [{ document, what, change, before: was?.text ?? null, after: is?.text ?? null }]
  })
}

/** `+ Contract payments: policy no-hook-bypass (gate true)` */
export function changeLine({ document, what, change, before, after }: ContractChange): string {
  const sign = { added: '+', removed: '-', changed: '~' }[change]
  const text = change === 'changed' ? `${shown(before)} → ${shown(after)}` : shown(after ?? before)
  return `${sign} ${document}${what === 'document' ? '' : `: ${what}`}${text === '' ? '' : ` (${text})`}`
}

/** A rule in Rego is too long for a line; who wants it reads the change itself. */
function shown(text: string | null): string {
  const lines = (text ?? '').trimEnd().split('\n').length
  return lines > 1 ? `${lines} lines` : (text ?? '')
}

interface Part {
  readonly document: string
  readonly what: string
  readonly text: string
}

function flatten(documents: readonly Document[]): ReadonlyMap<string, Part> {
  const parts = documents.flatMap((document) =>
    partsOf(document).map(([what, text]): Part => {
      return { document: `${document.kind} ${document.metadata.name}`, what, text }
    }),
  )
  return new Map(parts.map((part) => [`${part.document}\n${part.what === 'document' ? '' : part.what}`, part]))
}

function partsOf(document: Document): readonly (readonly [what: string, text: string])[] {
  if (document.kind === 'Policy') return partsOfPolicy(document)
  if (document.kind === 'Framework') return partsOfFramework(document)
  if (document.kind === 'Product' || document.kind === 'Project') {
    const { metadata, spec } = document
    return [
      ['document', ''],
      ['title', metadata.title ?? metadata.name],
      ['repositories', [...spec.repositories].sort().join(', ')],
    ]
  }
  const shared = [
    ['document', ''] as const,
    ...document.spec.policies.map(({ policy, gate, with: parameters }) => {
      const given =
        parameters === undefined || Object.keys(parameters).length === 0 ? '' : `, with ${sorted(parameters)}`
      return [`policy ${policy}`, `gate ${gate}${given}`] as const
    }),
    ...document.spec.groups.map(({ group, gate }) => [`group ${group}`, `gate ${gate}`] as const),
  ]
  if (document.kind === 'PolicyGroup') return shared
  const { attach, gate, missingSession, guard, redaction, tier, privacy, checks, skip } = document.spec
  return [
    ...shared,
    ['attach', attach === 'organisation' ? attach : placesOf(attach)],
    ['gate', String(gate)],
    ['missingSession', missingSession ?? 'not said'],
    ['guard', guard === undefined ? 'not said' : JSON.stringify(guard)],
    ...(privacy === undefined ? [] : [['privacy', `retention ${privacy.retention} days`] as const]),
    ...(redaction === undefined ? [] : [['redaction', sorted(redaction)] as const]),
    ...(tier === undefined ? [] : [['tier', tier] as const]),
    ...(checks ?? []).map((framework) => [`check ${framework}`, ''] as const),
    ...skip.map((policy) => [`skip ${policy}`, ''] as const),
  ]
}

function placesOf({ repositories = [], projects = [], products = [] }: Exclude<Attach, 'organisation'>): string {
  return [
    ...[...repositories].sort(),
    ...[...projects].sort().map((name) => `project ${name}`),
    ...[...products].sort().map((name) => `product ${name}`),
  ].join(', ')
}

function partsOfPolicy({ metadata, spec }: PolicyDocument): readonly (readonly [what: string, text: string])[] {
  const { title, why, fix, severity, frameworks } = metadata
  return [
    ['document', ''],
    ['title', title],
    ['why', why],
    ['fix', fix],
    ['severity', severity],
    ['frameworks', [...frameworks].sort().join(', ')],
    ['evidence', [...spec.evidence].sort().join(', ')],
    ['language', spec.language],
    ['rego', spec.rego ?? ''],
    ...Object.entries(spec.parameters).map(([name, one]) => [`parameter ${name}`, sorted(one)] as const),
  ]
}

function partsOfFramework({ metadata, spec }: FrameworkDocument): readonly (readonly [what: string, text: string])[] {
  return [
    ['document', sorted(metadata)],
    ...spec.controls.map((control) => [`control ${control.id}`, sorted(control)] as const),
  ]
}

/** JSON with the keys in order, so that another order is no change. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  )
}

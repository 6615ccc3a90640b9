/** A posture as OSCAL assessment results. https://pages.nist.gov/OSCAL/resources/concepts/layer/assessment/assessment-results/ */
import type { ControlPosture, Posture } from './posture.ts'

const OSCAL_VERSION = '1.1.2'
const NAMESPACE = 'https://stemma.dev/ns/oscal'
/** Of the names below; any fixed UUID will do, and this one is Stemma's. */
const UUID_NAMESPACE = '0e9b5c1c-9d55-5f0b-8a3f-2f1c7c2d9a41'

/**
 * The same posture always gives the same document, ids included. OSCAL knows no third state of a target: what was not
 * evaluated is `not-satisfied` for the reason `other`, and a property says so.
 */
export async function postureOscal(posture: Posture): Promise<string> {
  const { framework, scope, at } = posture
  const key = `${framework.id}@${framework.version}/${scope.kind}/${scope.name}/${at}`
  const id = (part: string): Promise<string> => nameUuid(`${key}#${part}`)
  const contract = await id('contract')
  const controls = await Promise.all(posture.controls.map((control) => assessed(control, { at, id })))
  const document = {
    'assessment-results': {
      uuid: await id('document'),
      metadata: {
        title: `${framework.title} ${framework.version}: ${scope.kind} ${scope.name}`,
        'last-modified': at,
        version: at,
        'oscal-version': OSCAL_VERSION,
      },
      'import-ap': { href: `#${contract}` },
      results: [
        {
          uuid: await id('result'),
          title: `Posture of ${scope.kind} ${scope.name}`,
          description: framework.about,
          start: at,
          end: at,
          'reviewed-controls': {
            'control-selections': [
              { 'include-controls': posture.controls.map(({ control }) => ({ 'control-id': control.id })) },
            ],
          },
          observations: controls.map(({ observation }) => observation),
          findings: controls.map(({ finding }) => finding),
        },
      ],
      'back-matter': {
        resources: [
          {
            uuid: contract,
            title: 'Contract in force',
            description: 'The policies by which sessions and pull requests of the scope were judged.',
          },
        ],
      },
    },
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

interface Surroundings {
  readonly at: string
  readonly id: (part: string) => Promise<string>
}

async function assessed(row: ControlPosture, { at, id }: Surroundings) {
  const { control, state, why, coverage, evidence, attestation } = row
  const observation = await id(`observation/${control.id}`)
  const property = (name: string, value: string) => ({ name, ns: NAMESPACE, value })
  return {
    observation: {
      uuid: observation,
      title: control.title,
      description: why,
      props: [
        property('state', state),
        ...control.policies.map((policy) => property('policy', policy)),
        ...(coverage === null
          ? []
          : [property('decided', String(coverage.decided)), property('total', String(coverage.total))]),
      ],
      // A person's word is examined or asked for; everything else was tested by a program.
      methods: [attestation === null ? 'TEST' : 'INTERVIEW'],
      collected: at,
      ...(attestation === null ? {} : { expires: attestation.expiresAt }),
      ...(evidence.length === 0
        ? {}
        : {
            'relevant-evidence': evidence.map((one) => ({
              description: `Evidence ${one}`,
              props: [property('evidence', one)],
            })),
          }),
    },
    finding: {
      uuid: await id(`finding/${control.id}`),
      title: control.title,
      description: control.about,
      target: {
        type: 'objective-id',
        'target-id': control.id,
        status: {
          state: state === 'satisfied' ? 'satisfied' : 'not-satisfied',
          reason: state === 'satisfied' ? 'pass' : state === 'violated' ? 'fail' : 'other',
          ...(state === 'not-evaluated' ? { remarks: why } : {}),
        },
      },
      'related-observations': [{ 'observation-uuid': observation }],
    },
  }
}

/** UUID version 5 (RFC 9562): by name, so that nothing is random. */
async function nameUuid(name: string): Promise<string> {
  const namespace = UUID_NAMESPACE.replaceAll('-', '')
  const text = new TextEncoder().encode(name)
  const bytes = new Uint8Array(16 + text.length)
  for (let index = 0; index < 16; index++) bytes[index] = Number.parseInt(namespace.slice(index * 2, index * 2 + 2), 16)
  bytes.set(text, 16)
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-1', bytes)).slice(0, 16)
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80
  const hex = [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

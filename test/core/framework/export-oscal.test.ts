import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import { postureOscal } from '#core/framework/export-oscal.ts'
import { type Posture, type PostureInput, postureOf } from '#core/framework/posture.ts'
import { frameworks } from '#core/framework/registry.ts'
import { assessmentResultsSchema } from './oscal-schema.ts'

const ajv = new Ajv({ allErrors: true })
// A CommonJS module: its default export is a member where Node imports it, and the thing itself where a bundler does.
const add = 'default' in addFormats ? addFormats.default : addFormats
add(ajv)
const validate = ajv.compile(assessmentResultsSchema)

const hostile = ' \u202e"}\n<script>\t'

function posture(index: number, change: Partial<PostureInput> = {}): Posture {
  const framework = frameworks[index]
  if (framework === undefined) throw new Error('there is no such framework')
  return postureOf({
    framework,
    scope: { kind: 'product', name: hostile },
    at: '2026-11-22T12:00:00.000Z',
    tallies: [
      {
        policy: 'human-review',
        counts: { pass: 1, fail: 1, error: 0, skipped: 1, waived: 0 },
        against: ['e'.repeat(64), 'acme/app#7'],
        for: [],
      },
    ],
    attestations: framework.controls
      .filter(({ attestation }) => attestation !== null)
      .map(({ id: control }) => ({
        ...{ framework: framework.id, control, by: hostile, statement: hostile },
        ...{ madeAt: '2026-11-01T00:00:00.000Z', expiresAt: '2027-11-01T00:00:00.000Z' },
      })),
    inForce: ['human-review'],
    ...change,
  })
}

describe('the OSCAL export has the structure that NIST publishes', () => {
  it.each(frameworks.map(({ id }, index) => [id, index] as const))('for %s', async (_, index) => {
    for (const change of [{}, { tallies: [], attestations: [], inForce: [] }]) {
      const isValid = validate(JSON.parse(await postureOscal(posture(index, change))))
      expect(validate.errors ?? []).toEqual([])
      expect(isValid).toBe(true)
    }
  })
})

describe('that structure refuses', () => {
  it.each([
    ['an id that is no UUID', (text: string) => text.replace(/"uuid": "[^"]+"/, '"uuid": "1"')],
    ['a state that there is not', (text: string) => text.replace('"not-satisfied"', '"not-evaluated"')],
    ['a method that there is not', (text: string) => text.replace('"TEST"', '"LOOKED"')],
    ['a control id that is no token', (text: string) => text.replace('"control-id": "', '"control-id": "1 ')],
    ['a time without a zone', (text: string) => text.replace(/("last-modified": "[^"]+)Z"/, '$1"')],
    ['a member that there is not', (text: string) => text.replace('"reviewed-controls"', '"reviewedControls"')],
  ])('%s', async (_, change) => {
    const text = await postureOscal(posture(0))
    expect(change(text)).not.toBe(text)
    expect(validate(JSON.parse(change(text)))).toBe(false)
  })
})

/** A policy that an organisation wrote itself, as a contract carries it: laptop and cloud judge by the same text. */
import { z } from 'zod'
import { evidenceKinds, severities } from './policy.ts'

/** A rule of some hundred lines; longer ones are several rules. */
export const MAX_REGO_CHARACTERS = 30_000

const scalars = ['string', 'number', 'integer', 'boolean'] as const
const Scalar = z.union([z.string().max(1_000), z.number(), z.boolean()])

/** The words of JSON Schema that parameters need. Patterns are left out: they would run in an engine without a bound. */
export const ParameterDefinition = z.strictObject({
  type: z.enum([...scalars, 'array']),
  description: z.string().max(500).optional(),
  /** Of an array. */
  items: z.strictObject({ type: z.enum(scalars) }).optional(),
  /** Of a text. */
  enum: z.array(z.string().max(200)).min(1).max(100).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  default: z.union([Scalar, z.array(Scalar).max(1_000)]).optional(),
  /** Whether a contract must pass it; a default makes that pointless. */
  required: z.boolean().default(false),
})
export type ParameterDefinition = Readonly<z.infer<typeof ParameterDefinition>>

/**
 * What the policy looks at. `session`: the signed header; `transcript`: its events; the others are what a rule is
 * skipped without, and says so.
 */
export const customEvidenceKinds = evidenceKinds.filter((kind) => kind !== 'spending')

export const Parameters = z
  .record(z.string().regex(/^[a-zA-Z_]\w{0,59}$/, 'must be a name of letters, digits and `_`'), ParameterDefinition)
  .refine((all) => Object.keys(all).length <= 30, 'are more than 30')

export const CustomPolicy = z.object({
  id: z.string(),
  /** Version of the contract that brought this text, so that one number never stands for two texts. */
  version: z.int().positive(),
  title: z.string(),
  why: z.string(),
  fix: z.string(),
  severity: z.enum(severities),
  /** `nist-ssdf/PW.8.2`: controls that it speaks for, beside the policies that the framework names itself. */
  frameworks: z.array(z.string()),
  language: z.enum(['v0', 'v1']),
  evidence: z.array(z.enum(customEvidenceKinds)),
  parameters: Parameters,
  /** Where the text was read from; stands in errors. */
  file: z.string(),
  rego: z.string(),
})
export type CustomPolicy = Readonly<z.infer<typeof CustomPolicy>>

/** Names that are not defined are dropped, as the rules of the catalogue do; reading documents refuses them. */
export function parametersSchema(definitions: CustomPolicy['parameters']): z.ZodType<Record<string, unknown>> {
  return z.object(
    Object.fromEntries(Object.entries(definitions).map(([name, definition]) => [name, parameterSchema(definition)])),
  )
}

function parameterSchema(definition: ParameterDefinition): z.ZodType {
  const { description, required, default: usual } = definition
  const plain = plainSchema(definition)
  const described = description === undefined ? plain : plain.describe(description)
  if (usual !== undefined) return described.default(usual)
  return required ? described : described.optional()
}

/** Without its default and its duty. */
export function plainSchema(definition: Pick<ParameterDefinition, 'type' | 'items' | 'enum' | 'minimum' | 'maximum'>) {
  const { type, items, enum: values, minimum = -Infinity, maximum = Infinity } = definition
  if (type === 'array') return z.array(scalarSchema(items?.type ?? 'string')).max(1_000)
  if (type === 'string' && values !== undefined) return z.enum(values)
  if (type === 'number' || type === 'integer') {
    const number = type === 'integer' ? z.int() : z.number()
    const above = minimum === -Infinity ? number : number.min(minimum)
    return maximum === Infinity ? above : above.max(maximum)
  }
  return scalarSchema(type)
}

function scalarSchema(type: (typeof scalars)[number]): z.ZodType {
  if (type === 'boolean') return z.boolean()
  if (type === 'string') return z.string().max(1_000)
  return type === 'integer' ? z.int() : z.number()
}

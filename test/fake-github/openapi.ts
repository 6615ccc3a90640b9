/** Holds requests, answers and webhooks against GitHub's own OpenAPI description, so that the fake cannot drift. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'

interface BodySchema {
  readonly properties?: Readonly<Record<string, unknown>>
}

interface Operation {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** With `{name}` for parameters. */
  readonly path: string
  readonly documentation: string
  readonly query: Readonly<Record<string, unknown>>
  readonly body: BodySchema | null
  /** Successful answers by status; null where there is no body. */
  readonly responses: Readonly<Record<string, unknown>>
}

interface Extract {
  readonly source: string
  readonly operations: Readonly<Record<string, Operation>>
  readonly webhooks: Readonly<Record<string, unknown>>
  readonly definitions: Readonly<Record<string, unknown>>
}

export interface Specification {
  readonly operations: Readonly<Record<string, Operation>>
  readonly operation: (id: string) => Operation
  /** Problems of a request body; empty when GitHub accepts it. */
  readonly checkRequest: (id: string, body: unknown) => readonly string[]
  /** Properties that GitHub would silently ignore. */
  readonly unknownProperties: (id: string, body: unknown) => readonly string[]
  readonly checkAnswer: (id: string, status: number, body: unknown) => readonly string[]
  /** `name` is event and action with dashes: `pull-request-opened`. */
  readonly checkWebhook: (name: string, payload: unknown) => readonly string[]
  readonly webhookNames: readonly string[]
}

const escaped = (segment: string): string => encodeURIComponent(segment.replaceAll('~', '~0').replaceAll('/', '~1'))

function problems(errors: readonly ErrorObject[] | null | undefined): readonly string[] {
  return (errors ?? []).map(
    ({ instancePath, message, params }) =>
      `${instancePath || '/'} ${message ?? 'is invalid'} ${JSON.stringify(params)}`,
  )
}

export function loadSpecification(file: string = join(import.meta.dirname, 'openapi.json')): Specification {
  const extract: Extract = JSON.parse(readFileSync(file, 'utf8'))
  const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false, inlineRefs: false })
  addFormats.default(ajv)
  ajv.addSchema({ $id: 'github', ...extract })

  const compiled = new Map<string, ValidateFunction>()
  const validate = (pointer: readonly string[], value: unknown): readonly string[] => {
    const key = pointer.map(escaped).join('/')
    const validator = compiled.get(key) ?? ajv.compile({ $ref: `github#/${key}` })
    compiled.set(key, validator)
    return validator(value) ? [] : problems(validator.errors)
  }
  const operation = (id: string): Operation => {
    const found = extract.operations[id]
    if (found === undefined) throw new Error(`openapi.json has no operation ${id}; add it to extract-openapi.ts.`)
    return found
  }

  return {
    operations: extract.operations,
    operation,
    checkRequest: (id, body) => (operation(id).body === null ? [] : validate(['operations', id, 'body'], body)),
    unknownProperties: (id, body) => {
      const known = operation(id).body?.properties
      if (known === undefined || typeof body !== 'object' || body === null) return []
      return Object.keys(body).filter((name) => !(name in known))
    },
    checkAnswer: (id, status, body) => {
      const { responses } = operation(id)
      if (!(status in responses)) return [`GitHub does not answer ${id} with status ${status}`]
      return responses[status] === null ? [] : validate(['operations', id, 'responses', String(status)], body)
    },
    checkWebhook: (name, payload) =>
      name in extract.webhooks ? validate(['webhooks', name], payload) : [`openapi.json has no webhook ${name}`],
    webhookNames: Object.keys(extract.webhooks),
  }
}

/**
 * Cuts the operations and webhooks that the fake speaks out of GitHub's OpenAPI document (13 MB), so that the
 * 385 MB package that carries it is not a dependency:
 *
 *   npm install --prefix <folder outside the checkout> @octokit/openapi@23.0.2
 *   node test/fake-github/extract-openapi.ts <that folder>/node_modules/@octokit/openapi/generated/api.github.com.json
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
type JsonObject = { readonly [key: string]: Json }

const operationIds = [
  'apps/get-authenticated',
  'apps/list-installations',
  'apps/get-installation',
  'apps/get-repo-installation',
  'apps/create-installation-access-token',
  'apps/list-repos-accessible-to-installation',
  'apps/create-from-manifest',
  'apps/get-webhook-config-for-app',
  'apps/list-webhook-deliveries',
  'apps/get-webhook-delivery',
  'apps/redeliver-webhook-delivery',
  'checks/create',
  'checks/get',
  'checks/update',
  'checks/list-for-ref',
  'checks/list-annotations',
  'issues/create-comment',
  'issues/get-comment',
  'issues/update-comment',
  'issues/delete-comment',
  'issues/list-comments',
  'pulls/create',
  'pulls/get',
  'pulls/list',
  'pulls/update',
  'pulls/list-files',
  'pulls/list-commits',
  'pulls/list-reviews',
  'repos/get',
  'repos/get-commit',
  'repos/list-commits',
  'repos/list-pull-requests-associated-with-commit',
  'repos/compare-commits-with-basehead',
  'repos/get-content',
  'repos/get-branch-rules',
  'git/get-ref',
  'rate-limit/get',
  'users/get-by-username',
]

const webhookNames = [
  'installation-created',
  'installation-deleted',
  'installation-suspend',
  'installation-unsuspend',
  'installation-repositories-added',
  'installation-repositories-removed',
  'pull-request-opened',
  'pull-request-synchronize',
  'pull-request-reopened',
  'pull-request-closed',
  'pull-request-edited',
  'pull-request-ready-for-review',
  'pull-request-converted-to-draft',
  'push',
  'check-run-rerequested',
  'check-run-requested-action',
  'check-suite-requested',
  'check-suite-rerequested',
  'issue-comment-created',
  'issue-comment-edited',
  'issue-comment-deleted',
  'merge-group-checks-requested',
  'pull-request-review-submitted',
  'repository-renamed',
]

/** Words for people; and `additionalProperties: true`, which says what JSON Schema assumes anyway. */
const prose = new Set(['description', 'example', 'examples', 'title', 'externalDocs', 'deprecated', 'x-github', 'xml'])

/** Formats that ajv-formats knows; GitHub's own (`repo.nwo`, `timestamp`) describe and do not constrain. */
const knownFormats = new Set(['date-time', 'date', 'uri', 'uri-template', 'email', 'uuid'])

/** Where the published document contradicts itself: its lists of events are older than `merge_group`. */
function corrected(name: string, schema: Json): Json {
  const items = isObject(schema) ? schema['items'] : undefined
  const isOldList = name === 'events' && isObject(items) && isArray(items['enum']) && items['enum'].includes('push')
  return isOldList && isObject(schema) ? { ...schema, items: { type: 'string' } } : schema
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isArray = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)

/** JSON Schema has no `nullable`: null joins the type, and the enum where there is one, or becomes an alternative. */
function withNull(schema: JsonObject): JsonObject {
  const type = schema['type']
  if (typeof type === 'string' && !('anyOf' in schema) && !('oneOf' in schema) && !('allOf' in schema)) {
    const values = schema['enum']
    return {
      ...schema,
      type: [type, 'null'],
      ...(isArray(values) && !values.includes(null) ? { enum: [...values, null] } : {}),
    }
  }
  return Object.keys(schema).length === 0 ? {} : { anyOf: [schema, { type: 'null' }] }
}

/** Keys below these are names (of properties, of definitions), not keywords: a property may be called `description`. */
const mapsOfSchemas = new Set(['properties', 'patternProperties', 'definitions'])

function toJsonSchema(value: Json): Json {
  if (isArray(value)) return value.map(toJsonSchema)
  if (!isObject(value)) return value
  const ref = value['$ref']
  if (typeof ref === 'string') return { $ref: ref.replace('#/components/schemas/', '#/definitions/') }
  const entries = Object.entries(value)
    .filter(([key]) => !prose.has(key) && key !== 'nullable' && key !== 'discriminator' && key !== 'default')
    .filter(([key, child]) => !(key === 'format' && !knownFormats.has(String(child))))
    .filter(([key, child]) => !(key === 'additionalProperties' && child === true))
    .map(([key, child]): [string, Json] => {
      if (key === 'enum' || key === 'required' || key === 'const') return [key, child]
      if (mapsOfSchemas.has(key) && isObject(child))
        return [
          key,
          Object.fromEntries(
            Object.entries(child).map(([name, schema]) => [name, corrected(name, toJsonSchema(schema))]),
          ),
        ]
      return [key, toJsonSchema(child)]
    })
  const schema = Object.fromEntries(entries)
  return value['nullable'] === true ? withNull(schema) : schema
}

function at(document: Json, ...path: readonly string[]): Json | undefined {
  let here: Json | undefined = document
  for (const key of path) here = isObject(here) ? here[key] : undefined
  return here
}

function jsonContent(holder: Json | undefined): Json | undefined {
  const content = at(holder ?? null, 'content')
  if (!isObject(content)) return undefined
  const type = Object.keys(content).find((name) => name.includes('json'))
  return type === undefined ? undefined : at(content, type, 'schema')
}

function resolved(document: Json, value: Json | undefined): Json | undefined {
  const ref = isObject(value) ? value['$ref'] : undefined
  return typeof ref === 'string' ? at(document, ...ref.slice(2).split('/')) : value
}

/** Every answer that the fake itself gives is held against its schema; errors share one shape that is checked by hand. */
function responses(document: Json, operation: JsonObject): JsonObject {
  const found: Record<string, Json> = {}
  const all = operation['responses']
  for (const [status, response] of Object.entries(isObject(all) ? all : {})) {
    if (!status.startsWith('2')) continue
    const schema = jsonContent(resolved(document, response))
    found[status] = schema === undefined ? null : toJsonSchema(schema)
  }
  return found
}

function queryParameters(document: Json, operation: JsonObject): JsonObject {
  const found: Record<string, Json> = {}
  const all = operation['parameters']
  for (const entry of isArray(all) ? all : []) {
    const parameter = resolved(document, entry)
    if (isObject(parameter) && parameter['in'] === 'query')
      found[String(parameter['name'])] = toJsonSchema(parameter['schema'] ?? {})
  }
  return found
}

function operations(document: Json): JsonObject {
  const found: Record<string, Json> = {}
  const paths = at(document, 'paths')
  for (const [path, methods] of Object.entries(isObject(paths) ? paths : {})) {
    for (const [method, operation] of Object.entries(isObject(methods) ? methods : {})) {
      const id = isObject(operation) ? operation['operationId'] : undefined
      if (!isObject(operation) || typeof id !== 'string' || !operationIds.includes(id)) continue
      const body = jsonContent(resolved(document, operation['requestBody']))
      found[id] = {
        method: method.toUpperCase(),
        path,
        documentation: at(operation, 'externalDocs', 'url') ?? 'https://docs.github.com/rest',
        query: queryParameters(document, operation),
        body: body === undefined ? null : toJsonSchema(body),
        responses: responses(document, operation),
      }
    }
  }
  return found
}

function webhooks(document: Json): JsonObject {
  const found = webhookNames.map((name): [string, Json] => {
    const schema = jsonContent(at(document, 'x-webhooks', name, 'post', 'requestBody'))
    if (schema === undefined) throw new Error(`The document has no webhook ${name}.`)
    return [name, toJsonSchema(schema)]
  })
  return Object.fromEntries(found)
}

/** Names of the definitions to which a value refers directly. */
function references(value: Json, found: Set<string>): Set<string> {
  if (isArray(value)) for (const child of value) references(child, found)
  else if (isObject(value)) {
    const ref = value['$ref']
    if (typeof ref === 'string') found.add(ref.replace('#/definitions/', ''))
    for (const child of Object.values(value)) references(child, found)
  }
  return found
}

function definitions(document: Json, roots: Json): JsonObject {
  const found: Record<string, Json> = {}
  const waiting = [...references(roots, new Set())]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name in found) continue
    const schema = at(document, 'components', 'schemas', name)
    if (schema === undefined) throw new Error(`The document has no schema ${name}.`)
    const translated = toJsonSchema(schema)
    found[name] = translated
    waiting.push(...references(translated, new Set()))
  }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)))
}

const [source] = process.argv.slice(2)
if (source === undefined) {
  process.stderr.write('usage: node test/fake-github/extract-openapi.ts <api.github.com.json>\n')
  process.exit(2)
}
const document: Json = JSON.parse(await readFile(source, 'utf8'))
const roots = { operations: operations(document), webhooks: webhooks(document) }
const missing = operationIds.filter((id) => !(id in roots.operations))
if (missing.length > 0) throw new Error(`The document has no operation ${missing.join(', ')}.`)
const extract = {
  source: `GitHub OpenAPI ${at(document, 'info', 'version')}, @octokit/openapi 23.0.2 (MIT)`,
  ...roots,
  definitions: definitions(document, roots),
}
const target = join(import.meta.dirname, 'openapi.json')
await writeFile(target, `${JSON.stringify(extract, null, 1)}\n`)
process.stdout.write(
  `${target}: ${JSON.stringify(extract).length} bytes, ${Object.keys(extract.definitions).length} definitions\n`,
)

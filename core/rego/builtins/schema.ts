/**
 * JSON Schema as far as policies use it: types, objects, arrays, numbers, strings, combinations and local references.
 * A schema with any other keyword that restricts is refused, so that nothing passes unchecked.
 */
import { charge } from '../budget.ts'
import { toData, toJson } from '../json.ts'
import type { Surroundings } from '../machine.ts'
import { compareNumbers, isInteger, type Numeric } from '../number.ts'
import {
  entriesOf,
  equal,
  get,
  isArray,
  isNumber,
  isObject,
  keysOf,
  RegoSet,
  sizeOf,
  typeName,
  type Value,
} from '../value.ts'
import { type Builtin, BuiltinRefusal, refuseType, unsupported } from './builtin.ts'
import { unmarshal } from './encoding.ts'
import { chargeSearch, compilePattern } from './pattern.ts'

const types = ['array', 'boolean', 'integer', 'number', 'null', 'object', 'string']

/** Keywords that say nothing about validity. */
const silent = new Set([
  '$schema',
  '$id',
  'id',
  'title',
  'description',
  'default',
  'examples',
  '$comment',
  'definitions',
  '$defs',
  'format',
])

interface SchemaError {
  readonly field: string
  readonly type: string
  readonly description: string
}

interface Check {
  readonly root: Value
  readonly surroundings: Surroundings
  readonly report: (error: SchemaError) => void
}

interface Place {
  readonly value: Value
  readonly field: string
}

function nameType(value: Value): string {
  if (isNumber(value)) return isInteger(value) ? 'integer' : 'number'
  return typeName(value)
}

function below(field: string, name: string): string {
  return field === '(root)' ? name : `${field}.${name}`
}

function matchesType(value: Value, wanted: Value): boolean {
  const actual = nameType(value)
  return actual === wanted || (actual === 'integer' && wanted === 'number')
}

type Keyword = (argument: Value, place: Place, check: Check, schema: Value) => void

function error(check: Check, { field }: Place, type: string, description: string): void {
  check.report({ field, type, description })
}

/** A keyword that compares a size or a number with its argument. */
function bound(
  type: string,
  measure: (value: Value) => Numeric | null,
  holds: (order: number) => boolean,
  words: string,
): Keyword {
  return (argument, place, check) => {
    const size = measure(place.value)
    if (size === null || !isNumber(argument) || holds(compareNumbers(size, argument))) return
    error(check, place, type, `${words} ${toJson(argument)}`)
  }
}

const itself = (value: Value): Numeric | null => (isNumber(value) ? value : null)
const itemCount = (value: Value): Numeric | null => (isArray(value) ? value.length : null)
const keyCount = (value: Value): Numeric | null => (isObject(value) ? sizeOf(value) : null)
const characterCount = (value: Value): Numeric | null => (typeof value === 'string' ? [...value].length : null)

function isValid(schema: Value, place: Place, check: Check): boolean {
  let valid = true
  validate(schema, place, { ...check, report: () => (valid = false) })
  return valid
}

function alternatives(argument: Value): readonly Value[] {
  return isArray(argument) ? argument : []
}

function resolveReference(reference: Value, root: Value): Value {
  if (reference === '#') return root
  if (typeof reference !== 'string' || !reference.startsWith('#/')) {
    return unsupported('json.match_schema', 'references to other documents are not followed')
  }
  let at: Value | undefined = root
  for (const part of reference.slice(2).split('/')) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    at = at !== undefined && isObject(at) ? get(at, name) : undefined
  }
  return at ?? refuseType(`operand 2 refers to ${reference}, which does not exist`)
}

const keywords: ReadonlyMap<string, Keyword> = new Map<string, Keyword>([
  [
    'type',
    (argument, place, check) => {
      const wanted = isArray(argument) ? argument : [argument]
      if (wanted.some((one) => matchesType(place.value, one))) return
      error(
        check,
        place,
        'invalid_type',
        `Invalid type. Expected: ${wanted.join('/')}, given: ${nameType(place.value)}`,
      )
    },
  ],
  [
    'enum',
    (argument, place, check) => {
      if (alternatives(argument).some((one) => equal(one, place.value))) return
      error(
        check,
        place,
        'enum',
        `${place.field} must be one of the following: ${alternatives(argument).map(toJson).join(', ')}`,
      )
    },
  ],
  [
    'const',
    (argument, place, check) => {
      if (!equal(argument, place.value))
        error(check, place, 'const', `${place.field} does not match: ${toJson(argument)}`)
    },
  ],
  ['minimum', bound('number_gte', itself, (order) => order >= 0, 'Must be greater than or equal to')],
  ['maximum', bound('number_lte', itself, (order) => order <= 0, 'Must be less than or equal to')],
  ['exclusiveMinimum', bound('number_gt', itself, (order) => order > 0, 'Must be greater than')],
  ['exclusiveMaximum', bound('number_lt', itself, (order) => order < 0, 'Must be less than')],
  ['minItems', bound('array_min_items', itemCount, (order) => order >= 0, 'Array must have at least this many items:')],
  ['maxItems', bound('array_max_items', itemCount, (order) => order <= 0, 'Array must have at most this many items:')],
  [
    'minProperties',
    bound('array_min_properties', keyCount, (order) => order >= 0, 'Must have at least this many properties:'),
  ],
  [
    'maxProperties',
    bound('array_max_properties', keyCount, (order) => order <= 0, 'Must have at most this many properties:'),
  ],
  [
    'minLength',
    bound('string_gte', characterCount, (order) => order >= 0, 'String length must be greater than or equal to'),
  ],
  [
    'maxLength',
    bound('string_lte', characterCount, (order) => order <= 0, 'String length must be less than or equal to'),
  ],
  [
    'pattern',
    (argument, place, check) => {
      if (typeof place.value !== 'string' || typeof argument !== 'string') return
      const compiled = compilePattern(argument, check.surroundings)
      chargeSearch(compiled, place.value)
      if (!compiled.test(place.value)) error(check, place, 'pattern', `Does not match pattern '${argument}'`)
    },
  ],
  [
    'required',
    (argument, place, check) => {
      if (!isObject(place.value)) return
      for (const name of alternatives(argument)) {
        if (get(place.value, name) === undefined) error(check, place, 'required', `${String(name)} is required`)
      }
    },
  ],
  [
    'properties',
    (argument, { value, field }, check) => {
      if (!isObject(value) || !isObject(argument)) return
      for (const [name, schema] of entriesOf(argument)) {
        const item = get(value, name)
        if (item !== undefined) validate(schema, { value: item, field: below(field, String(name)) }, check)
      }
    },
  ],
  [
    'additionalProperties',
    (argument, place, check, schema) => {
      if (!isObject(place.value) || !isObject(schema)) return
      const named = get(schema, 'properties')
      for (const [name, item] of entriesOf(place.value)) {
        if (named !== undefined && isObject(named) && get(named, name) !== undefined) continue
        if (argument === false) {
          error(check, place, 'additional_property_not_allowed', `Additional property ${String(name)} is not allowed`)
        } else {
          validate(argument, { value: item, field: below(place.field, String(name)) }, check)
        }
      }
    },
  ],
  [
    'items',
    (argument, { value, field }, check) => {
      if (!isArray(value)) return
      value.forEach((item, index) => {
        const schema = isArray(argument) ? argument[index] : argument
        if (schema !== undefined) validate(schema, { value: item, field: below(field, String(index)) }, check)
      })
    },
  ],
  [
    'uniqueItems',
    (argument, place, check) => {
      if (argument !== true || !isArray(place.value) || RegoSet.of(place.value).size === place.value.length) return
      error(check, place, 'unique', `${place.field} items must be unique`)
    },
  ],
  [
    'allOf',
    (argument, place, check) => {
      for (const schema of alternatives(argument)) validate(schema, place, check)
    },
  ],
  [
    'anyOf',
    (argument, place, check) => {
      if (alternatives(argument).some((schema) => isValid(schema, place, check))) return
      error(check, place, 'number_any_of', 'Must validate at least one schema (anyOf)')
    },
  ],
  [
    'oneOf',
    (argument, place, check) => {
      if (alternatives(argument).filter((schema) => isValid(schema, place, check)).length === 1) return
      error(check, place, 'number_one_of', 'Must validate one and only one schema (oneOf)')
    },
  ],
  [
    'not',
    (argument, place, check) => {
      if (isValid(argument, place, check)) error(check, place, 'number_not', 'Must not validate the schema (not)')
    },
  ],
  ['$ref', (argument, place, check) => validate(resolveReference(argument, check.root), place, check)],
])

function validate(schema: Value, place: Place, check: Check): void {
  charge(1)
  if (schema === true) return
  if (schema === false) {
    error(check, place, 'false', 'False always fails validation')
    return
  }
  if (!isObject(schema)) refuseType(`operand 2 must be a schema but got ${typeName(schema)}`)
  for (const [name, argument] of entriesOf(schema)) {
    const keyword = typeof name === 'string' ? keywords.get(name) : undefined
    if (keyword !== undefined) keyword(argument, place, check, schema)
    else if (typeof name !== 'string' || !silent.has(name)) {
      const instead = 'leave it out of the schema, and write a rule for what it says'
      throw new BuiltinRefusal('unsupported_builtin', `json.match_schema checks no keyword ${name}: ${instead}`)
    }
  }
}

/** What is wrong with a schema itself; null when nothing is. */
function schemaProblem(schema: Value): string | null {
  charge(1)
  if (typeof schema === 'boolean') return null
  if (!isObject(schema)) return 'jsonschema: schema must be an object or a boolean'
  const type = get(schema, 'type')
  for (const one of type === undefined ? [] : isArray(type) ? type : [type]) {
    if (typeof one !== 'string' || !types.includes(one)) {
      const given = typeof one === 'string' ? one : toJson(one)
      return `jsonschema: has a primitive type that is NOT VALID -- given: /${given}/ Expected valid values are:[${types.join(' ')}]`
    }
  }
  for (const name of ['properties', 'definitions', '$defs']) {
    const inner = get(schema, name)
    if (inner === undefined) continue
    if (!isObject(inner)) return `jsonschema: ${name} must be of type object`
    for (const key of keysOf(inner)) {
      const problem = schemaProblem(get(inner, key) as Value)
      if (problem !== null) return problem
    }
  }
  return null
}

function documentAt(value: Value, position: number): Value {
  if (typeof value === 'string') return unmarshal(value)
  return isObject(value)
    ? value
    : refuseType(`operand ${position} must be one of {string, object} but got ${typeName(value)}`)
}

function matchSchema([document, schema]: readonly Value[], surroundings: Surroundings): Value {
  const root = documentAt(schema as Value, 2)
  const problem = schemaProblem(root)
  if (problem !== null) throw new BuiltinRefusal('eval_builtin_error', problem)
  // A schema may ask for sets as arrays: both sides are JSON.
  const value = toData(documentAt(document as Value, 1)) as Value
  const found: Value[] = []
  validate(
    root,
    { value, field: '(root)' },
    {
      root,
      surroundings,
      report: ({ field, type, description }) =>
        void found.push({ error: `${field}: ${description}`, type, field, desc: description }),
    },
  )
  return [found.length === 0, found]
}

function verifySchema([schema]: readonly Value[]): Value {
  let problem: string | null
  try {
    problem = schemaProblem(documentAt(schema as Value, 1))
  } catch (refused) {
    if (!(refused instanceof BuiltinRefusal) || refused.code !== 'eval_builtin_error') throw refused
    problem = `jsonschema: ${refused.message}`
  }
  return [problem === null, problem]
}

export const schema: readonly Builtin[] = [
  { name: 'json.match_schema', arity: 2, run: matchSchema },
  { name: 'json.verify_schema', arity: 1, run: verifySchema },
]

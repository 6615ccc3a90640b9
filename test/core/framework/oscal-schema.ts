/**
 * The structure of OSCAL assessment results as far as we write it: required members, forms of values and enumerations of
 * NIST's JSON schema, https://github.com/usnistgov/OSCAL/blob/main/json/schema/oscal_assessment-results_schema.json. Members
 * that we never write are left out, so that one which is misspelt is found.
 */
const string = { type: 'string', pattern: '^\\S(.*\\S)?$' }
const token = { type: 'string', pattern: '^(\\p{L}|_)(\\p{L}|\\p{N}|[.\\-_])*$' }
const uuid = {
  type: 'string',
  pattern: '^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[45][0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}$',
}
const time = {
  type: 'string',
  format: 'date-time',
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$',
}
const uri = { type: 'string', format: 'uri', pattern: '^[a-zA-Z][a-zA-Z0-9+\\-.]+:.+$' }
const reference = { type: 'string', format: 'uri-reference' }
const text = { type: 'string' }

const object = (required: Record<string, object>, optional: Record<string, object> = {}) => ({
  type: 'object',
  properties: { ...required, ...optional },
  required: Object.keys(required),
  additionalProperties: false,
})
const list = (items: object) => ({ type: 'array', minItems: 1, items })

const property = object({ name: token, value: string }, { ns: uri, class: token, uuid })

const observation = object(
  { uuid, description: text, methods: list({ enum: ['EXAMINE', 'INTERVIEW', 'TEST', 'UNKNOWN'] }), collected: time },
  {
    title: text,
    props: list(property),
    types: list(token),
    'relevant-evidence': list(object({ description: text }, { href: reference, props: list(property) })),
    expires: time,
    remarks: text,
  },
)

const finding = object(
  {
    uuid,
    title: text,
    description: text,
    target: object({
      type: { enum: ['statement-id', 'objective-id'] },
      'target-id': token,
      status: object({ state: { enum: ['satisfied', 'not-satisfied'] } }, { reason: token, remarks: text }),
    }),
  },
  { props: list(property), 'related-observations': list(object({ 'observation-uuid': uuid })), remarks: text },
)

const result = object(
  {
    uuid,
    title: text,
    description: text,
    start: time,
    'reviewed-controls': object({
      'control-selections': list(object({}, { 'include-controls': list(object({ 'control-id': token })) })),
    }),
  },
  { end: time, props: list(property), observations: list(observation), findings: list(finding), remarks: text },
)

export const assessmentResultsSchema = object({
  'assessment-results': object(
    {
      uuid,
      metadata: object({ title: text, 'last-modified': time, version: string, 'oscal-version': string }),
      'import-ap': object({ href: reference }),
      results: list(result),
    },
    { 'back-matter': object({}, { resources: list(object({ uuid }, { title: text, description: text })) }) },
  ),
})

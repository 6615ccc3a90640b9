/** The contract in force: read it, write the next version. */
import { createRoute, z } from '@hono/zod-openapi'
import { ContractApplied, ContractSources, ContractTexts } from '#core/api/contract.ts'
import { readUtf8 } from '#core/evidence/bytes.ts'
import { Fault } from '#core/fault.ts'
import { frameworks } from '#core/framework/registry.ts'
import { Contract } from '#core/policy/contract.ts'
import { type ContractsInForce, documentsOf } from '#core/policy/contracts-in-force.ts'
import { differenceOf } from '#core/policy/difference.ts'
import { type Document, type DocumentSource, problemLine } from '#core/policy/document.ts'
import { mergeContracts } from '#core/policy/merge-contracts.ts'
import { numberPolicies } from '#core/policy/number-policies.ts'
import { readDocuments } from '#core/policy/read-documents.ts'
import { policies } from '#core/policy/registry.ts'
import { createRouter } from '../context.ts'
import type { Env } from '../env.ts'
import { authenticate, requireAdministrator } from '../middleware/authenticate.ts'
import { documentBody, mediaType } from '../middleware/json-body.ts'
import { contractInForce, contractsInForce, contractTexts, saveContract, textsOfVersion } from '../store/contracts.ts'
import { openDatabase } from '../store/database.ts'
import { evidenceOfOpenPullRequests } from '../store/sessions.ts'
import { bearer, credentialProblems, json, problems } from './responses.ts'

const readContract = createRoute({
  method: 'get',
  path: '/v1/contract',
  summary: 'The contract in force, for a repository or where none is known',
  security: bearer,
  middleware: [authenticate] as const,
  request: { query: z.object({ repository: z.string().max(300).optional() }) },
  responses: { 200: json('The contract.', Contract), ...problems('request-malformed', ...credentialProblems) },
})

const readTexts = createRoute({
  method: 'get',
  path: '/v1/contract/documents',
  summary: 'The documents in force, or those of a former version, as they were written',
  description:
    'With `version` there are always documents: a contract that was not written so is answered as one. Put them in force again with `stemma apply --rollback VERSION`.',
  security: bearer,
  middleware: [authenticate] as const,
  request: { query: z.object({ version: z.coerce.number().int().positive().optional() }) },
  responses: {
    200: json('The texts.', ContractTexts),
    ...problems('request-malformed', ...credentialProblems, 'not-found'),
  },
})

const writeContract = createRoute({
  method: 'put',
  path: '/v1/contract',
  summary: 'Write the next version of the contract (administrator)',
  description:
    'Either one contract for everything: send the one in force with your changes; `version` is the one that you changed, the answer has the next. Or documents (`apiVersion: stemma.dev/v1`), as YAML or as `sources`: the whole set, which takes the place of the one before; `version` in the query, where it is given, is the one that you changed. A set with a mistake is refused as a whole, and what was in force stays.',
  security: bearer,
  middleware: [authenticate, requireAdministrator, documentBody] as const,
  request: {
    query: z.object({
      dryRun: z.stringbool().optional().openapi({ type: 'boolean', description: 'Documents: only say the changes.' }),
      version: z.coerce.number().int().positive().optional(),
    }),
    body: {
      content: {
        'application/json': { schema: z.union([Contract, ContractSources]) },
        'application/yaml': { schema: z.string() },
      },
    },
  },
  responses: {
    200: json('What is now in force, or what applying the documents changes.', z.union([Contract, ContractApplied])),
    ...problems('request-malformed', ...credentialProblems, 'conflict', 'media-type-unsupported', 'body-too-large'),
  },
})

export const contract = createRouter()
  .openapi(readContract, async (context) => {
    const { organisation } = context.get('principal')
    const { repository } = context.req.valid('query')
    const found = await contractInForce(organisation.id, openDatabase(context.env.DB), repository ?? null)
    return context.json(found, 200)
  })
  .openapi(readTexts, async (context) => {
    const { organisation } = context.get('principal')
    const { version } = context.req.valid('query')
    const database = openDatabase(context.env.DB)
    if (version === undefined) return context.json(await contractTexts(organisation.id, database), 200)
    const found = await textsOfVersion(organisation.id, database, version)
    if (found !== null) return context.json(found, 200)
    const present = await contractTexts(organisation.id, database)
    throw new Fault('not-found', {
      message: `There was no version ${version} of the contract; the one in force is ${present.version}.`,
      hint: 'Name an earlier one: `stemma apply --rollback VERSION --dry-run`.',
    })
  })
  .openapi(writeContract, async (context) => {
    const { organisation, person } = context.get('principal')
    const { dryRun = false, version } = context.req.valid('query')
    const isYaml = mediaType(context.req.header('content-type') ?? '') === 'application/yaml'
    const body = isYaml ? null : context.req.valid('json')
    const wanted = body === null || typeof body === 'string' ? sourcesOf(await context.req.arrayBuffer()) : body
    const present = await contractsInForce(organisation.id, openDatabase(context.env.DB))
    const next = 'sources' in wanted ? nextOfDocuments(wanted, present) : nextOfContract(wanted, present)

    const changed = 'sources' in wanted ? version : wanted.version
    if (changed !== undefined && changed !== present.version) throw overtaken(present.version, changed)
    const changes = differenceOf(documentsOf(present), documentsOf({ ...next, version: next.contract.version }))
    // The same documents again are no new version: verdicts would all be reached again for nothing.
    const isNothing = 'sources' in wanted && changes.length === 0 && present.documents !== null
    if ((dryRun && 'sources' in wanted) || isNothing) {
      return context.json({ version: present.version, dryRun, changes: [...changes] }, 200)
    }
    const saved = await saveContract(organisation.id, openDatabase(context.env.DB), {
      ...next,
      person: person.id,
      now: new Date().toISOString(),
    })
    if (!saved) throw overtaken(next.contract.version, present.version)
    await evaluateAgain(context.env, organisation.id)
    if (!('sources' in wanted)) return context.json(next.contract, 200)
    return context.json({ version: next.contract.version, dryRun, changes: [...changes] }, 200)
  })

function sourcesOf(body: ArrayBuffer): ContractSources {
  const text = readUtf8(new Uint8Array(body))
  if (text !== null) return { sources: [{ file: 'contract.yaml', text }] }
  throw new Fault('request-malformed', {
    message: 'The documents are not UTF-8.',
    hint: 'Save the file as UTF-8, then `stemma apply -f FILE`.',
  })
}

interface NextContract {
  readonly contract: Contract
  readonly documents: readonly Document[] | null
  readonly sources: readonly DocumentSource[] | null
}

function nextOfContract(wanted: Contract, { version }: ContractsInForce): NextContract {
  if (wanted.custom !== undefined) {
    throw new Fault('request-malformed', {
      message: 'Policies of your own are written as documents, and this contract carries some.',
      hint: 'Apply documents with `kind: Policy` instead: `stemma apply -f FOLDER`.',
    })
  }
  checkPolicies(wanted)
  return { contract: { ...wanted, version: version + 1 }, documents: null, sources: null }
}

function nextOfDocuments({ sources }: ContractSources, present: ContractsInForce): NextContract {
  const { documents: read, problems: found } = readDocuments(sources)
  if (found.length > 0) {
    throw new Fault('request-malformed', {
      message: `The documents are refused, and what was in force stays:\n${found.map(problemLine).join('\n')}`.slice(
        0,
        4_000,
      ),
      hint: 'Repair these lines, then try it without effect: `stemma apply -f FILE --dry-run`.',
    })
  }
  const version = present.version + 1
  const documents = numberPolicies(read, { before: present.documents ?? [], version })
  return { contract: mergeContracts(documents, { repository: null, version }), documents, sources }
}

function overtaken(present: number, changed: number): Fault {
  return new Fault('conflict', {
    message: `The contract in force is version ${present}, and yours changes version ${changed}.`,
    hint: 'Read it again with `GET /v1/contract`, repeat your change, send it.',
  })
}

/** 1,000 sessions are ten batches on the queue; what is older is judged by the new contract when evidence arrives. */
const MAX_EVALUATED_AGAIN = 1_000
/** What `sendBatch` takes. */
const BATCH = 100

/** Open pull requests are judged by the new contract now, not at their next push. */
async function evaluateAgain({ DB, JOBS }: Env, organisation: string): Promise<void> {
  const evidenceIds = await evidenceOfOpenPullRequests(organisation, openDatabase(DB), MAX_EVALUATED_AGAIN)
  for (let start = 0; start < evidenceIds.length; start += BATCH) {
    const batch = evidenceIds.slice(start, start + BATCH)
    await JOBS.sendBatch(batch.map((evidenceId) => ({ body: { type: 'evaluate', organisation, evidenceId } })))
  }
}

/** Each policy is known, named once, and its parameters fit, and each framework is known; all problems at once. */
function checkPolicies({ policies: wanted, checks = [] }: Contract): void {
  const broken = wanted.flatMap(({ policy: id, with: parameters }, index) => {
    const policy = policies.find((candidate) => candidate.id === id)
    if (policy === undefined) return [`there is no policy ${JSON.stringify(id.slice(0, 60))}`]
    if (wanted.findIndex((other) => other.policy === id) !== index) return [`${id} is named twice`]
    const parsed = policy.parameters.safeParse(parameters)
    return parsed.success ? [] : [`${id}: ${parsed.error.issues.map(({ message }) => message).join(', ')}`]
  })
  const unknown = checks.filter((id) => !frameworks.some((framework) => framework.id === id))
  const found = [...broken, ...unknown.map((id) => `there is no framework ${JSON.stringify(id)}`)]
  if (found.length === 0) return
  throw new Fault('request-malformed', {
    message: `The contract cannot be evaluated: ${found.join('; ')}.`.slice(0, 2_000),
    hint: 'Compare it with the catalogue: `GET /v1/policies`.',
  })
}

/** `stemma apply`: documents in a folder become the contracts in force, after saying what changes. */
import { z } from 'zod'
import { ContractApplied, ContractTexts } from '#core/api/contract.ts'
import { Fault } from '#core/fault.ts'
import { Contract } from '#core/policy/contract.ts'
import { documentsOf } from '#core/policy/contracts-in-force.ts'
import { type ContractChange, changeLine, differenceOf } from '#core/policy/difference.ts'
import type { Document, DocumentSource } from '#core/policy/document.ts'
import { readDocuments } from '#core/policy/read-documents.ts'
import type { Context } from '../context.ts'
import { readOrSay, readSources } from '../contract/sources.ts'
import { callApi } from '../io/http.ts'
import { plain } from '../io/terminal.ts'
import { count } from '../io/words.ts'
import { destinationOf } from '../push/run.ts'
import { openWorkspace } from '../workspace.ts'
import { defineCommand } from './command.ts'

export const apply = defineCommand({
  name: 'apply',
  summary: 'put contracts in force (administrator, token in STEMMA_TOKEN)',
  arguments: [],
  options: [
    {
      flags: '-f, --file <path>',
      description: 'a file, or a folder of .yaml, .yml, .json and .rego files: the whole set',
    },
    { flags: '--rollback <version>', description: 'instead of a file: what was in force under that version' },
    { flags: '--dry-run', description: 'say what would change, and change nothing' },
    { flags: '--server <url>', description: 'the server (default: the one of .stemma.yml)' },
  ],
  examples: [
    { command: 'stemma apply -f contracts/ --dry-run', effect: 'what would change; needs no administrator' },
    { command: 'STEMMA_TOKEN=... stemma apply -f contracts/', effect: 'this set takes the place of the one in force' },
    {
      command: 'STEMMA_TOKEN=... stemma apply --rollback 3',
      effect: 'what version 3 said is in force again, as a new version',
    },
  ],
  parameters: z.object({
    file: z.string().min(1).optional(),
    rollback: z.coerce.number().int().positive().optional(),
    dryRun: z.boolean().default(false),
    server: z.url({ protocol: /^https?$/ }).optional(),
  }),
  run: async ({ file, rollback, dryRun, server }, context) => {
    if ((file === undefined) === (rollback === undefined)) throw withoutFile()
    const written = file === undefined ? null : await readSources(file, context)
    const read = written === null ? null : readOrSay(written, context)
    if (written !== null && read === null) return 2
    const place = await placeOf(context, server)
    const sources = written ?? (await textsOf(place, rollback ?? 0))
    // What was in force once may name a policy that this version does not know any more.
    const documents = read ?? readOrSay(sources, context)
    if (documents === null) return 2
    const present = await inForce(place)
    const changes = differenceOf(present.documents, documents)
    if (dryRun) {
      show({ version: present.version, dryRun, changes }, context)
      return 0
    }
    const token = context.environment['STEMMA_TOKEN']
    if (token === undefined || token === '') throw withoutToken()
    const applied = await callApi(place.server, {
      method: 'PUT',
      path: `/v1/contract?version=${present.version}`,
      token,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sources }),
      answer: ContractApplied,
    })
    show(applied, context)
    return 0
  },
})

interface Place {
  readonly server: string
  readonly token: string
}

/** An administrator's token where there is one; to look, the machine's own does as well. */
async function placeOf(context: Context, named: string | undefined): Promise<Place> {
  const given = context.environment['STEMMA_TOKEN']
  const server = named?.replace(/\/+$/, '') ?? (await openWorkspace(context)).configuration?.server ?? null
  if (server === null) {
    throw new Fault('not-initialised', {
      message: 'No server is named, neither here nor in .stemma.yml.',
      hint: 'Name it: `stemma apply -f FILE --server URL`.',
    })
  }
  const token = given || (await destinationOf(context, server))?.enrolment.token
  if (token === undefined) throw withoutToken()
  return { server, token }
}

async function inForce({ server, token }: Place): Promise<{ version: number; documents: readonly Document[] }> {
  const texts = await callApi(server, { method: 'GET', path: '/v1/contract/documents', token, answer: ContractTexts })
  if (texts.sources !== null) return { version: texts.version, documents: readDocuments(texts.sources).documents }
  const contract = await callApi(server, { method: 'GET', path: '/v1/contract', token, answer: Contract })
  const { version } = contract
  return { version, documents: documentsOf({ version, contract, documents: null }) }
}

async function textsOf({ server, token }: Place, version: number): Promise<readonly DocumentSource[]> {
  const path = `/v1/contract/documents?version=${version}`
  const { sources } = await callApi(server, { method: 'GET', path, token, answer: ContractTexts })
  if (sources !== null) return sources
  throw new TypeError('a version that is asked for is answered as documents')
}

interface Outcome {
  readonly version: number
  readonly dryRun: boolean
  readonly changes: readonly ContractChange[]
}

function show(outcome: Outcome, { terminal, json }: Context): void {
  const { version, dryRun, changes } = outcome
  if (json) {
    terminal.print(JSON.stringify(outcome, null, 2))
    return
  }
  for (const change of changes) terminal.print(plain(changeLine(change)))
  const what = changes.length === 0 ? 'nothing changes' : count(changes.length, 'change')
  terminal.say(dryRun ? `${what}; version ${version} stays in force` : `${what}; version ${version} is in force`)
}

function withoutFile(): Fault {
  return new Fault('request-malformed', {
    message: 'Name the documents, or the version whose documents are to be in force again, and not both.',
    hint: 'Type `stemma apply -f FILE`, or `stemma apply --rollback VERSION`.',
  })
}

function withoutToken(): Fault {
  return new Fault('credential-missing', {
    message: 'Contracts are put in force by an administrator, and no token is given.',
    hint: 'Give it in the environment: `STEMMA_TOKEN=TOKEN stemma apply -f FILE`.',
  })
}

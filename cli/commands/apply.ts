/** `stemma apply`: documents in a folder become the contracts in force, after saying what changes. */
import { z } from 'zod'
import { ContractApplied, ContractTexts } from '#core/api/contract.ts'
import { Fault } from '#core/fault.ts'
import { Contract } from '#core/policy/contract.ts'
import { documentsOf } from '#core/policy/contracts-in-force.ts'
import { type ContractChange, changeLine, differenceOf } from '#core/policy/difference.ts'
import type { Document } from '#core/policy/document.ts'
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
    { flags: '--dry-run', description: 'say what would change, and change nothing' },
    { flags: '--server <url>', description: 'the server (default: the one of .stemma.yml)' },
  ],
  examples: [
    { command: 'stemma apply -f contracts/ --dry-run', effect: 'what would change; needs no administrator' },
    { command: 'STEMMA_TOKEN=... stemma apply -f contracts/', effect: 'this set takes the place of the one in force' },
  ],
  parameters: z.object({
    file: z.string({ error: 'is missing: `stemma apply -f FILE`' }).min(1),
    dryRun: z.boolean().default(false),
    server: z.url({ protocol: /^https?$/ }).optional(),
  }),
  run: async ({ file, dryRun, server }, context) => {
    const sources = await readSources(file, context)
    const documents = readOrSay(sources, context)
    if (documents === null) return 2
    const place = await placeOf(context, server)
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

function withoutToken(): Fault {
  return new Fault('credential-missing', {
    message: 'Contracts are put in force by an administrator, and no token is given.',
    hint: 'Give it in the environment: `STEMMA_TOKEN=TOKEN stemma apply -f FILE`.',
  })
}

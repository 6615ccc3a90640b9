/** `stemma keys`: which keys sign for whom; put a new one in the place of this machine's, or end one. */
import { z } from 'zod'
import { EnrolledKey, KeyList } from '#core/api/account.ts'
import { Fault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { rotate } from '../identity/rotate.ts'
import { serverFor } from '../identity/server.ts'
import { callApi } from '../io/http.ts'
import { readDeviceKey } from '../io/keys.ts'
import { printTable } from '../io/table.ts'
import { plain } from '../io/terminal.ts'
import { destinationOf } from '../push/run.ts'
import type { Destination } from '../push/send.ts'
import { defineCommand } from './command.ts'

const actions = ['list', 'rotate', 'revoke'] as const

export const keys = defineCommand({
  name: 'keys',
  summary: 'list the keys of the organisation, rotate this machine’s, revoke one',
  arguments: [
    { name: 'action', description: `${actions.join(', ')} (default: list)`, required: false, words: actions },
    { name: 'key', description: 'with revoke: a key id or its beginning, or its name', required: false },
  ],
  options: [
    { flags: '--server <url>', description: 'the platform (default: that of .stemma.yml)' },
    { flags: '--all', description: 'with list: revoked and expired ones too' },
  ],
  examples: [
    { command: 'stemma keys', effect: 'which keys are in force, and whose they are' },
    { command: 'stemma keys rotate', effect: 'a new key for this machine; the old one signs that it follows it' },
    { command: 'stemma keys revoke laptop-4f2a', effect: 'evidence that it signed and that was logged stays valid' },
    { command: 'STEMMA_TOKEN=... stemma keys revoke 9c1e', effect: 'as administrator: anybody’s key' },
  ],
  parameters: z.object({
    action: z.enum(actions, { error: `must be one of ${actions.join(', ')}` }).default('list'),
    key: z.string().min(1).optional(),
    server: z.string().optional(),
    all: z.boolean().default(false),
  }),
  run: async ({ action, key, server: asked, all }, context) => {
    if (action !== 'revoke' && key !== undefined) {
      throw new Fault('request-malformed', {
        message: `\`stemma keys ${action}\` takes no key${action === 'rotate' ? ': it puts a new one in the place of this machine’s' : ''}.`,
        hint: `Leave it out: \`stemma keys ${action}\`; to end a key, \`stemma keys revoke ${key}\`.`,
      })
    }
    const server = await serverFor(asked, context)
    if (action === 'rotate') await rotateOwn(await destinationFor(server, context), context)
    else if (action === 'revoke') await revoke(server, key, context)
    else await list(server, all, context)
    return 0
  },
})

async function list(server: string, all: boolean, context: Context): Promise<void> {
  const items = await listed(server, context)
  const { terminal } = context
  if (context.json) {
    terminal.print(JSON.stringify({ keys: items }, null, 2))
    return
  }
  const now = context.now().toISOString()
  const shown = items.filter((one) => all || stateOf(one, now) === 'in force')
  const own = (await readDeviceKey(context.configurationFolder, server))?.keyId
  printTable(
    shown,
    [
      { title: 'key', value: ({ id }) => `${id.slice(0, 12)}${id === own ? ' (this machine)' : ''}` },
      { title: 'name', value: ({ name }) => name, importance: 2 },
      { title: 'person', value: ({ person }) => person.name },
      { title: 'kind', value: kindOf, importance: 1 },
      { title: 'since', value: ({ createdAt }) => createdAt.slice(0, 10), importance: 0 },
      { title: 'state', value: (one) => stateOf(one, now) },
    ],
    terminal,
  )
  const hidden = items.length - shown.length
  if (hidden > 0) terminal.say(`${hidden} more ended: stemma keys list --all`)
}

async function rotateOwn(destination: Destination, context: Context): Promise<void> {
  const key = await rotate(destination, context)
  if (context.json) {
    const { keyId: id, name } = key
    context.terminal.print(JSON.stringify({ key: { id, name }, replaced: destination.key.keyId }, null, 2))
    return
  }
  const { terminal } = context
  terminal.print(
    `${terminal.mark('ok')} key ${plain(key.name)} enrolled in the place of ${plain(destination.key.name)}, which is revoked`,
  )
}

async function revoke(server: string, wanted: string | undefined, context: Context): Promise<void> {
  const items = await listed(server, context)
  const named = items.filter(({ id, name }) => wanted !== undefined && (id.startsWith(wanted) || name === wanted))
  const [found] = named
  if (found === undefined || named.length > 1) {
    throw new Fault(found === undefined ? 'not-found' : 'request-malformed', {
      message:
        wanted === undefined
          ? 'No key is named.'
          : `${found === undefined ? 'No key' : 'More than one key'} is called ${wanted}.`,
      hint: 'Name it by its id: `stemma keys revoke ID`; see them all with `stemma keys list --all`.',
    })
  }
  const token = await tokenFor(server, context)
  const answer = EnrolledKey
  const revoked = await callApi(server, { method: 'DELETE', path: `/v1/keys/${found.id}`, token, answer })
  const { terminal } = context
  if (context.json) terminal.print(JSON.stringify({ key: revoked }, null, 2))
  else terminal.print(`${terminal.mark('ok')} key ${plain(revoked.name)} of ${plain(revoked.person.name)} revoked`)
}

async function listed(server: string, context: Context): Promise<readonly EnrolledKey[]> {
  const token = await tokenFor(server, context)
  return (await callApi(server, { method: 'GET', path: '/v1/keys', token, answer: KeyList })).items
}

async function tokenFor(server: string, context: Context): Promise<string> {
  return context.environment['STEMMA_TOKEN'] || (await destinationFor(server, context)).enrolment.token
}

async function destinationFor(server: string, context: Context): Promise<Destination> {
  const destination = await destinationOf(context, server)
  if (destination !== null) return destination
  throw new Fault('not-enrolled', {
    message: `This machine has no key enrolled with ${server}.`,
    hint: 'Enrol one: `stemma login`.',
  })
}

function kindOf({ pipeline, publishedAt, publicKey }: EnrolledKey): string {
  if (pipeline !== null) return `pipeline of ${pipeline}`
  if (publishedAt !== null) return 'SSH, on GitHub'
  return publicKey.includes(' ') ? 'SSH' : 'machine'
}

function stateOf({ revokedAt, expiresAt }: EnrolledKey, now: string): string {
  if (revokedAt !== null) return `revoked ${revokedAt.slice(0, 10)}`
  if (expiresAt !== null && expiresAt <= now) return `expired ${expiresAt.slice(0, 10)}`
  return 'in force'
}

/** `stemma waivers`: ask that a policy be let pass for a while, see who did, approve, take back. */
import { z } from 'zod'
import { WaiverPage } from '#core/api/waivers.ts'
import { type ExitCode, Fault } from '#core/fault.ts'
import { Waiver, type WaiverScope } from '#core/policy/waiver.ts'
import type { Context } from '../context.ts'
import { callApi } from '../io/http.ts'
import { plain } from '../io/terminal.ts'
import { count } from '../io/words.ts'
import { destinationOf } from '../push/run.ts'
import { openWorkspace, repositoryName } from '../workspace.ts'
import { defineCommand } from './command.ts'

const actions = ['list', 'request', 'approve', 'revoke'] as const

const Parameters = z.object({
  action: z.enum(actions, { error: `must be one of ${actions.join(', ')}` }),
  what: z.string().min(1).optional(),
  reason: z.string().optional(),
  days: z.coerce.number().positive().max(366).default(7),
  repository: z.string().optional(),
  pullRequest: z.coerce.number().int().positive().optional(),
  session: z.string().optional(),
  server: z.url({ protocol: /^https?$/ }).optional(),
})
type Parameters = z.infer<typeof Parameters>

export const waivers = defineCommand({
  name: 'waivers',
  summary: 'ask that a policy be let pass for a while; list, approve and revoke (token in STEMMA_TOKEN)',
  arguments: [
    { name: 'action', description: actions.join(', '), required: true },
    { name: 'what', description: 'request: the policy; approve, revoke: the id of the waiver', required: false },
  ],
  options: [
    { flags: '--reason <text>', description: 'request: why; it is shown on the pull request' },
    { flags: '--days <number>', description: 'request: how long it shall hold (default: 7)' },
    { flags: '--pull-request <number>', description: 'request: for this pull request alone' },
    { flags: '--session <id>', description: 'request: for this session alone' },
    { flags: '--repository <name>', description: 'request: owner/name (default: the one here)' },
    { flags: '--server <url>', description: 'the server (default: the one of .stemma.yml)' },
  ],
  examples: [
    {
      command: 'stemma waivers request human-review --pull-request 7 --reason "Hotfix; review follows on Monday"',
      effect: 'waits for an administrator other than you',
    },
    { command: 'stemma waivers list', effect: 'who let what pass, until when and why' },
    { command: 'STEMMA_TOKEN=... stemma waivers approve ID', effect: 'it holds from now on' },
  ],
  parameters: Parameters,
  run: async (parameters, context) => {
    const place = await placeOf(context, parameters.server)
    switch (parameters.action) {
      case 'list':
        return list(place, context)
      case 'request':
        return ask(parameters, place, context)
      case 'approve':
      case 'revoke':
        return decide(parameters, place, context)
    }
  },
})

interface Place {
  readonly server: string
  readonly token: string
}

/** An administrator's token where there is one; to ask and to look, the machine's own does as well. */
async function placeOf(context: Context, named: string | undefined): Promise<Place> {
  const server = named?.replace(/\/+$/, '') ?? (await openWorkspace(context)).configuration?.server ?? null
  if (server === null) {
    throw new Fault('not-initialised', {
      message: 'No server is named, neither here nor in .stemma.yml.',
      hint: 'Name it: `stemma waivers list --server URL`.',
    })
  }
  const token = context.environment['STEMMA_TOKEN'] || (await destinationOf(context, server))?.enrolment.token
  if (token !== undefined) return { server, token }
  throw new Fault('credential-missing', {
    message: 'This machine is not enrolled, and no token is given.',
    hint: 'Enrol it with `stemma init --token TOKEN`, or set STEMMA_TOKEN.',
  })
}

async function list({ server, token }: Place, { terminal, json }: Context): Promise<ExitCode> {
  const items: Waiver[] = []
  let cursor: string | null = null
  do {
    const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const path = `/v1/waivers?limit=100${query}`
    const page: z.infer<typeof WaiverPage> = await callApi(server, { method: 'GET', path, token, answer: WaiverPage })
    items.push(...page.items)
    cursor = page.next
  } while (cursor !== null)
  if (json) terminal.print(JSON.stringify(items, null, 2))
  else for (const waiver of items) terminal.print(plain(lineOf(waiver)))
  terminal.say(items.length === 0 ? 'no waiver was ever asked for' : count(items.length, 'waiver'))
  return 0
}

async function ask(parameters: Parameters, { server, token }: Place, context: Context): Promise<ExitCode> {
  const { what: policy, reason } = parameters
  if (policy === undefined || reason === undefined) {
    throw new Fault('request-malformed', {
      message: 'A waiver names a policy and a reason.',
      hint: 'Type `stemma waivers request POLICY --reason "why"`.',
    })
  }
  const expiresAt = new Date(context.now().getTime() + parameters.days * 86_400_000).toISOString()
  const waiver = await callApi(server, {
    method: 'POST',
    path: '/v1/waivers',
    token,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ policy, scope: await scopeOf(parameters, context), reason, expiresAt }),
    answer: Waiver,
  })
  return show(waiver, context, `waits for an administrator: stemma waivers approve ${waiver.id}`)
}

async function scopeOf({ session, repository, pullRequest }: Parameters, context: Context): Promise<WaiverScope> {
  if (session !== undefined) return { kind: 'session', session }
  const name = repository ?? (await repositoryName((await openWorkspace(context)).repository))
  if (name === null) {
    throw new Fault('request-malformed', {
      message: 'No remote names this repository.',
      hint: 'Name it: `--repository owner/name`.',
    })
  }
  return pullRequest === undefined
    ? { kind: 'repository', repository: name }
    : { kind: 'pullRequest', repository: name, number: pullRequest }
}

async function decide({ action, what: id }: Parameters, { server, token }: Place, context: Context): Promise<ExitCode> {
  if (id === undefined) {
    throw new Fault('request-malformed', {
      message: 'No waiver is named.',
      hint: 'Take its id from `stemma waivers list`.',
    })
  }
  const path = `/v1/waivers/${encodeURIComponent(id)}`
  const waiver =
    action === 'approve'
      ? await callApi(server, { method: 'POST', path: `${path}/approval`, token, answer: Waiver })
      : await callApi(server, { method: 'DELETE', path, token, answer: Waiver })
  return show(waiver, context, action === 'approve' ? 'it holds from now on' : 'it holds no more')
}

function show(waiver: Waiver, { terminal, json }: Context, said: string): ExitCode {
  terminal.print(json ? JSON.stringify(waiver, null, 2) : plain(lineOf(waiver)))
  terminal.say(plain(said))
  return 0
}

function lineOf({ id, state, policy, scope, reason, requestedBy, approvedBy, expiresAt }: Waiver): string {
  const where =
    scope.kind === 'session'
      ? scope.session
      : scope.kind === 'repository'
        ? scope.repository
        : `${scope.repository}#${scope.number}`
  const by = approvedBy === null ? '' : `, approved by ${approvedBy.name}`
  return `${id}  ${state}  ${policy}  ${where}  until ${expiresAt.slice(0, 10)}  asked by ${requestedBy.name}${by}: ${reason}`
}

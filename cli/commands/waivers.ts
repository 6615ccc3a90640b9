/** `stemma waivers`: ask that a policy be let pass for a while, see who did, approve, take back. */
import { z } from 'zod'
import { ConclusionView } from '#core/api/conclusions.ts'
import { WaiverPage } from '#core/api/waivers.ts'
import { type ExitCode, Fault } from '#core/fault.ts'
import { Waiver, type WaiverScope } from '#core/policy/waiver.ts'
import { scopeWords, standingOf } from '#core/policy/waiver-words.ts'
import type { Context } from '../context.ts'
import { tokenFor } from '../identity/access.ts'
import { callApi } from '../io/http.ts'
import { plain } from '../io/terminal.ts'
import { count } from '../io/words.ts'
import { openWorkspace, repositoryName } from '../workspace.ts'
import { defineCommand } from './command.ts'

const actions = ['list', 'request', 'approve', 'revoke', 'attestation'] as const

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
    { name: 'action', description: actions.join(', '), required: true, words: actions },
    { name: 'what', description: 'request: the policy; otherwise the id of the waiver', required: false },
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
    {
      command: 'stemma waivers attestation ID > waiver.json && stemma verify waiver.json',
      effect: 'the decision as the server signed and logged it, checked on this machine',
    },
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
      case 'attestation':
        return attestation(parameters, place, context)
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
  return { server, token: await tokenFor(server, context) }
}

async function list({ server, token }: Place, context: Context): Promise<ExitCode> {
  const { terminal, json } = context
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
  else for (const waiver of items) terminal.print(plain(lineOf(waiver, context)))
  const held = items.filter((waiver) => standingOf(waiver, context.now().toISOString()) === 'in force').length
  terminal.say(
    items.length === 0 ? 'no waiver was ever asked for' : `${count(items.length, 'waiver')}, ${held} in force`,
  )
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

async function decide(parameters: Parameters, { server, token }: Place, context: Context): Promise<ExitCode> {
  const path = pathOf(parameters)
  const isApproval = parameters.action === 'approve'
  const waiver = isApproval
    ? await callApi(server, { method: 'POST', path: `${path}/approval`, token, answer: Waiver })
    : await callApi(server, { method: 'DELETE', path, token, answer: Waiver })
  const logged = waiver.logIndex == null ? '' : `; the decision is leaf ${waiver.logIndex} of the log`
  return show(waiver, context, `it holds ${isApproval ? 'from now on' : 'no more'}${logged}`)
}

/** The same JSON with and without `--json`: it is what `stemma verify` reads. */
async function attestation(parameters: Parameters, { server, token }: Place, { terminal }: Context): Promise<ExitCode> {
  const path = `${pathOf(parameters)}/attestation`
  const signed = await callApi(server, { method: 'GET', path, token, answer: ConclusionView })
  terminal.print(JSON.stringify(signed, null, 2))
  terminal.say('check it: stemma verify FILE')
  return 0
}

function pathOf({ what: id }: Parameters): string {
  if (id !== undefined) return `/v1/waivers/${encodeURIComponent(id)}`
  throw new Fault('request-malformed', {
    message: 'No waiver is named.',
    hint: 'Take its id from `stemma waivers list`.',
  })
}

function show(waiver: Waiver, context: Context, said: string): ExitCode {
  const { terminal, json } = context
  terminal.print(json ? JSON.stringify(waiver, null, 2) : plain(lineOf(waiver, context)))
  terminal.say(plain(said))
  return 0
}

function lineOf(waiver: Waiver, { now }: Context): string {
  const { id, policy, scope, reason, requestedBy, approvedBy, revokedBy, expiresAt } = waiver
  const approved = approvedBy === null ? '' : `, approved by ${approvedBy.name}`
  const revoked = revokedBy == null ? '' : `, revoked by ${revokedBy.name}`
  const standing = standingOf(waiver, now().toISOString())
  return `${id}  ${standing}  ${policy}  ${scopeWords(scope)}  until ${expiresAt.slice(0, 10)}  asked by ${requestedBy.name}${approved}${revoked}: ${reason}`
}

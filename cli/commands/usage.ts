/** `stemma usage`: tokens and cost from this machine's transcripts; needs no server and no set-up. */
import { homedir } from 'node:os'
import { basename } from 'node:path'
import { z } from 'zod'
import { costOf, type PricedCall, providerOf } from '#core/session/prices.ts'
import { addUsage, noUsage, totalTokens, type Usage } from '#core/session/usage.ts'
import type { Context } from '../context.ts'
import { findRepository } from '../io/repository.ts'
import type { SessionSummary } from '../io/summaries.ts'
import { printTable } from '../io/table.ts'
import { count, money, NOT_RECORDED, shortNumber } from '../io/words.ts'
import { capturedHere, repositoryName } from '../workspace.ts'
import { defineCommand } from './command.ts'

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a date such as 2026-11-22')
const groupings = ['day', 'model', 'repository'] as const

export const usage = defineCommand({
  name: 'usage',
  summary: 'show tokens and cost of the agents’ sessions',
  arguments: [],
  options: [
    { flags: '--since <date>', description: 'from this day on (UTC, YYYY-MM-DD)' },
    { flags: '--until <date>', description: 'up to and with this day (UTC)' },
    { flags: '--by <what>', description: 'one row for each (default day)', choices: groupings },
    { flags: '--all', description: 'sessions of every folder on this machine' },
  ],
  examples: [
    { command: 'stemma usage --since 2026-11-01', effect: 'this repository, day by day' },
    { command: 'stemma usage --all --by repository', effect: 'everything on this machine' },
  ],
  parameters: z.object({
    since: day.optional(),
    until: day.optional(),
    by: z.enum(groupings).default('day'),
    all: z.boolean().default(false),
  }),
  run: async ({ since, until, by, all }, context) => {
    const summaries = await capturedHere(context, all)
    const calls = distinctCalls(summaries).filter(({ at }) => {
      const date = at?.slice(0, 10)
      if (date === undefined) return since === undefined && until === undefined
      return (since === undefined || date >= since) && (until === undefined || date <= until)
    })
    const names = by === 'repository' ? await repositoriesOf(summaries) : new Map<string, string>()
    const rows = rowsOf(calls, ({ session, model, at }) =>
      by === 'model' ? model : by === 'day' ? (at?.slice(0, 10) ?? NOT_RECORDED) : (names.get(session) ?? NOT_RECORDED),
    )
    const total = rowsOf(calls, () => 'total')[0] ?? rowOf('total', [])
    const withoutUsage = summaries.filter(({ header }) => header.usage === null).length
    if (context.json) {
      context.terminal.print(JSON.stringify({ by, rows, total, sessionsWithoutUsage: withoutUsage }, null, 2))
      return 0
    }
    show({ by, rows, total, withoutUsage }, context)
    return 0
  },
})

interface Call extends PricedCall {
  readonly session: string
}

interface Row {
  readonly key: string
  readonly sessions: number
  readonly requests: number
  readonly usage: Usage
  readonly tokens: number
  readonly cost: ReturnType<typeof costOf>
}

/** One for each answer of a model, whatever number of records, threads and files repeat it; the fullest record counts. */
export function distinctCalls(summaries: readonly SessionSummary[]): readonly Call[] {
  const calls = new Map<string, Call>()
  for (const { header, usage: events } of summaries) {
    for (const { messageId, model, usage: tokens, at } of events) {
      const known = calls.get(messageId)
      if (known !== undefined && known.usage.output >= tokens.output) continue
      const session = known?.session ?? header.id
      calls.set(messageId, { model, provider: providerOf(model), usage: tokens, at: known?.at ?? at, session })
    }
  }
  return [...calls.values()]
}

function rowsOf(calls: readonly Call[], keyOf: (call: Call) => string): readonly Row[] {
  const groups = new Map<string, Call[]>()
  for (const call of calls) {
    const group = groups.get(keyOf(call))
    if (group === undefined) groups.set(keyOf(call), [call])
    else group.push(call)
  }
  return [...groups].sort(([left], [right]) => (left < right ? -1 : 1)).map(([key, own]) => rowOf(key, own))
}

function rowOf(key: string, calls: readonly Call[]): Row {
  const sum = calls.reduce((tokens, call) => addUsage(tokens, call.usage), noUsage)
  return {
    key,
    sessions: new Set(calls.map(({ session }) => session)).size,
    requests: calls.length,
    usage: sum,
    tokens: totalTokens(sum),
    cost: costOf(calls),
  }
}

function show(
  result: { readonly by: string; readonly rows: readonly Row[]; readonly total: Row; readonly withoutUsage: number },
  { terminal }: Context,
): void {
  const { by, rows, total, withoutUsage } = result
  if (rows.length === 0) terminal.say('no usage recorded in this period')
  else {
    const hidden = printTable(
      [...rows, total],
      [
        { title: `${by[0]?.toUpperCase()}${by.slice(1)}`, value: ({ key }) => key },
        { title: 'Sessions', align: 'right', value: (row) => String(row.sessions), importance: 5 },
        { title: 'Requests', align: 'right', value: (row) => String(row.requests), importance: 4 },
        { title: 'Input', align: 'right', value: (row) => shortNumber(row.usage.uncachedInput), importance: 3 },
        {
          title: 'Cache write',
          align: 'right',
          value: (row) => shortNumber(row.usage.cacheWrite5m + row.usage.cacheWrite1h),
          importance: 1,
        },
        { title: 'Cache read', align: 'right', value: (row) => shortNumber(row.usage.cacheRead), importance: 2 },
        { title: 'Output', align: 'right', value: (row) => shortNumber(row.usage.output), importance: 6 },
        { title: 'Tokens', align: 'right', value: (row) => shortNumber(row.tokens) },
        { title: 'Cost', align: 'right', value: (row) => money(row.cost) },
      ],
      terminal,
    )
    if (hidden.length > 0) terminal.say(terminal.colours.dim(`not shown for lack of room: ${hidden.join(', ')}`))
    if (total.cost.unpricedModels.length > 0) {
      terminal.say(`no price known for ${total.cost.unpricedModels.join(', ')}; their cost is not in the sum`)
    }
  }
  if (withoutUsage > 0) terminal.say(`usage not recorded by the agent: ${count(withoutUsage, 'session')}`)
}

/** Session -> `owner/name` of its repository, else the folder in which it ran. */
async function repositoriesOf(summaries: readonly SessionSummary[]): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>()
  const bySession = new Map<string, string>()
  for (const { header, workingDirectories } of summaries) {
    const [folder] = workingDirectories
    if (folder === undefined) continue
    const name = names.get(folder) ?? (await nameOf(folder))
    names.set(folder, name)
    bySession.set(header.id, name)
  }
  return bySession
}

async function nameOf(folder: string): Promise<string> {
  try {
    const repository = await findRepository(folder)
    return (await repositoryName(repository)) ?? basename(repository.root)
  } catch {
    return folder.startsWith(homedir()) ? `~${folder.slice(homedir().length)}` : folder
  }
}

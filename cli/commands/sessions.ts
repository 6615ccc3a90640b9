/** `stemma sessions`: what agents did here, and what they were asked to do, from this machine's transcripts; needs no server. */
import { z } from 'zod'
import { totalTokens } from '#core/session/usage.ts'
import type { SessionSummary } from '../io/summaries.ts'
import { printTable } from '../io/table.ts'
import { count, duration, minute, money, NOT_RECORDED, shortNumber } from '../io/words.ts'
import { eraseSession } from '../sessions/erase.ts'
import { showSession } from '../sessions/show.ts'
import { capturedHere } from '../workspace.ts'
import { defineCommand } from './command.ts'

const actions = ['show', 'erase'] as const

export const sessions = defineCommand({
  name: 'sessions',
  summary: 'list the agents’ sessions of this repository, show one, or erase its transcript on the server',
  arguments: [
    {
      name: 'action',
      description: 'show: one session; erase: its transcript on the server (default: list all)',
      required: false,
      words: actions,
    },
    { name: 'session', description: 'its id, or the beginning of it', required: false },
  ],
  options: [
    { flags: '--all', description: 'sessions of every folder on this machine' },
    { flags: '-y, --yes', description: 'erase: do not ask' },
    { flags: '--limit <number>', description: 'show the latest so many (default 20; 0 = all)' },
  ],
  examples: [
    { command: 'stemma sessions', effect: 'the latest 20 sessions of this repository' },
    {
      command: 'stemma sessions show 0719df64',
      effect: 'what it was asked to do: prompts, tickets, documents, skills',
    },
    {
      command: 'stemma sessions erase 0719df64',
      effect: 'its transcript is gone from the server; evidence and signatures stay',
    },
    { command: 'stemma sessions --all --json', effect: 'every session on this machine, for other programs' },
  ],
  parameters: z.object({
    action: z.enum(actions, { error: 'must be show or erase, or nothing for the list' }).optional(),
    session: z.string().min(1).optional(),
    all: z.boolean().default(false),
    yes: z.boolean().default(false),
    limit: z.coerce.number().int().nonnegative().default(20),
  }),
  run: async ({ action, session, all, yes, limit }, context) => {
    if (action === 'show') return showSession(session, all, context)
    if (action === 'erase') return eraseSession(session, { yes }, context)
    const summaries = await capturedHere(context, all)
    const newestFirst = [...summaries].reverse()
    const shown = limit === 0 || context.json ? newestFirst : newestFirst.slice(0, limit)
    if (context.json) {
      context.terminal.print(JSON.stringify({ sessions: shown.map(({ header }) => header) }, null, 2))
      return 0
    }
    const { terminal } = context
    if (shown.length === 0) {
      terminal.say('no sessions yet: run a coding agent in this repository, then look again')
      return 0
    }
    const hidden = printTable(shown, columns, terminal)
    if (hidden.length > 0) terminal.say(terminal.colours.dim(`not shown for lack of room: ${hidden.join(', ')}`))
    if (shown.length < summaries.length) {
      terminal.say(
        terminal.colours.dim(`${count(summaries.length - shown.length, 'older session')}: --limit 0 shows all`),
      )
    }
    return 0
  },
})

const columns = [
  { title: 'Session', value: ({ header }: SessionSummary) => header.id.slice(header.id.indexOf(':') + 1).slice(0, 8) },
  { title: 'Agent', value: ({ header }: SessionSummary) => header.agent.id, importance: 6 },
  { title: 'Model', value: ({ header }: SessionSummary) => modelOf(header.models), importance: 5 },
  { title: 'Started (UTC)', value: ({ header }: SessionSummary) => minute(header.startedAt) },
  {
    title: 'Duration',
    align: 'right' as const,
    value: ({ header }: SessionSummary) => duration(header.startedAt, header.endedAt),
    importance: 2,
  },
  {
    title: 'Prompts',
    align: 'right' as const,
    value: ({ header }: SessionSummary) => String(header.prompts),
    importance: 3,
  },
  {
    title: 'Files',
    align: 'right' as const,
    value: ({ header }: SessionSummary) => String(header.files.length),
    importance: 1,
  },
  { title: 'Lines', align: 'right' as const, value: ({ header }: SessionSummary) => linesOf(header.files) },
  {
    title: 'Tokens',
    align: 'right' as const,
    value: ({ header }: SessionSummary) =>
      header.usage === null ? NOT_RECORDED : shortNumber(totalTokens(header.usage)),
    importance: 4,
  },
  { title: 'Cost', align: 'right' as const, value: ({ header }: SessionSummary) => money(header.cost) },
]

function modelOf(models: SessionSummary['header']['models']): string {
  const [first, ...others] = [...models].sort((left, right) => right.requests - left.requests)
  if (first === undefined) return NOT_RECORDED
  return others.length === 0 ? first.model : `${first.model} +${others.length}`
}

function linesOf(files: SessionSummary['header']['files']): string {
  const added = files.reduce((sum, { linesAdded }) => sum + linesAdded, 0)
  const removed = files.reduce((sum, { linesRemoved }) => sum + linesRemoved, 0)
  return `+${added} -${removed}`
}

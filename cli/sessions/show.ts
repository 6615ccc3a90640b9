/** `stemma sessions show`: one session and what it was asked to do. */
import { Fault } from '#core/fault.ts'
import { askedOf } from '#core/session/asked.ts'
import type { Asked, SessionHeader } from '#core/session/session.ts'
import { totalTokens } from '#core/session/usage.ts'
import type { Context } from '../context.ts'
import { loadSession, type SessionSummary } from '../io/summaries.ts'
import { plain, type Terminal } from '../io/terminal.ts'
import { count, duration, minute, money, NOT_RECORDED, shortNumber } from '../io/words.ts'
import { captured, openWorkspace } from '../workspace.ts'

/** `name`: the id with or without its agent, or the beginning of it. */
export async function showSession(name: string | undefined, all: boolean, context: Context): Promise<0> {
  const place = all ? { roots: null, stateDirectory: null } : await here(context)
  const { summaries, request } = await captured(context, place)
  const summary = named(name, summaries)
  const session = await loadSession(summary, request)
  if (session === null) throw unknown(summary.header.id)
  const asked = askedOf(session)
  const { events: _, ...header } = session
  if (context.json) context.terminal.print(JSON.stringify({ session: header, asked }, null, 2))
  else show(header, asked, context.terminal)
  return 0
}

async function here(context: Context) {
  const { repository, roots } = await openWorkspace(context)
  return { roots, stateDirectory: repository.stateDirectory }
}

function named(name: string | undefined, summaries: readonly SessionSummary[]): SessionSummary {
  if (name === undefined) {
    throw new Fault('request-malformed', {
      message: 'No session is named.',
      hint: 'See which there are with `stemma sessions`, then `stemma sessions show ID`.',
    })
  }
  const fitting = summaries.filter(
    ({ header: { id } }) => id.startsWith(name) || id.slice(id.indexOf(':') + 1).startsWith(name),
  )
  const exact = fitting.find(({ header: { id } }) => id === name || id.endsWith(`:${name}`))
  const [first, ...others] = fitting
  if (exact !== undefined) return exact
  if (first === undefined) throw unknown(name)
  if (others.length === 0) return first
  throw new Fault('request-malformed', {
    message: `${count(fitting.length, 'session')} begin with ${name}.`,
    hint: `Give more of the id, such as \`stemma sessions show ${first.header.id}\`.`,
  })
}

function unknown(name: string): Fault {
  return new Fault('not-found', {
    message: `There is no session ${name} here.`,
    hint: 'See which there are with `stemma sessions --limit 0`, or everywhere with `--all`.',
  })
}

function show(header: SessionHeader, asked: Asked, terminal: Terminal): void {
  const { colours } = terminal
  const line = (title: string, text: string) => terminal.print(`${colours.bold(title.padEnd(11))} ${plain(text)}`)
  line('session', header.id)
  line('agent', [header.agent.id, header.agent.version].filter((part) => part !== null).join(' '))
  line('started', `${minute(header.startedAt)} UTC, ${duration(header.startedAt, header.endedAt)}`)
  const models = header.models.length > 0 ? header.models.map(({ model }) => model) : (header.namedModels ?? [])
  line('models', models.length === 0 ? NOT_RECORDED : models.join(', '))
  line('tokens', header.usage === null ? NOT_RECORDED : shortNumber(totalTokens(header.usage)))
  line('cost', money(header.cost))
  const { delegation } = header
  if (delegation !== undefined) {
    const parts = [delegation.human, delegation.orchestrator, delegation.parent]
    line('on behalf', parts.filter((part) => part !== null).join(', '))
  }
  line('prompts', String(asked.promptCount))
  for (const { text } of asked.prompts) terminal.print(`  ${plain(text).slice(0, 300)}`)
  list(
    'tickets',
    asked.tickets.map(({ key, url }) => (url === null ? key : `${key} ${url}`)),
  )
  list(
    'documents',
    asked.documents.map(({ name }) => name),
  )
  list(
    'skills',
    asked.skills.map(({ name, uses }) => (uses === 1 ? name : `${name} (${uses} times)`)),
  )
  for (const warning of header.warnings) terminal.print(`${terminal.mark('warning')} ${plain(warning)}`)

  function list(title: string, items: readonly string[]): void {
    line(title, items.length === 0 ? 'none seen' : items.join(', '))
  }
}

/** `stemma posture`: how far the organisation, a product, a project or a repository meets a framework; also as a file. */
import { resolve } from 'node:path'
import { z } from 'zod'
import { FrameworkList, PostureView } from '#core/api/frameworks.ts'
import { type ExitCode, Fault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { tokenFor } from '../identity/access.ts'
import { serverFor } from '../identity/server.ts'
import { writeDurably } from '../io/files.ts'
import { callApi, download } from '../io/http.ts'
import { plain } from '../io/terminal.ts'
import { count } from '../io/words.ts'
import { defineCommand } from './command.ts'

const formats = ['json', 'csv', 'md', 'oscal'] as const

const Parameters = z.object({
  framework: z.string().min(1).max(100).optional(),
  scope: z.string().min(1).default('organisation'),
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
  format: z.enum(formats, { error: `must be one of ${formats.join(', ')}` }).optional(),
  out: z.string().min(1).optional(),
  server: z.url({ protocol: /^https?$/ }).optional(),
})
type Parameters = z.infer<typeof Parameters>

export const posture = defineCommand({
  name: 'posture',
  summary: 'how far the organisation meets a framework, by its evidence; also as JSON, CSV, Markdown or OSCAL',
  arguments: [{ name: 'framework', description: 'its id; without one, all that there are', required: false }],
  options: [
    {
      flags: '--scope <name>',
      description: 'organisation, product:NAME, project:NAME or repository:OWNER/NAME (default: organisation)',
    },
    { flags: '--from <day>', description: 'the first day, UTC (default: 30 days)' },
    { flags: '--to <day>', description: 'the last day, UTC (default: today)' },
    { flags: '--format <format>', description: `the whole of it as a document: ${formats.join(', ')}`, words: formats },
    { flags: '--out <path>', description: 'with --format: a file in place of the standard output' },
    { flags: '--server <url>', description: 'the server (default: the one of .stemma.yml)' },
  ],
  examples: [
    { command: 'stemma posture ai-readiness', effect: 'each control, and why it is where it is' },
    { command: 'stemma posture nist-ssdf --scope product:shop', effect: 'of one product' },
    { command: 'stemma posture slsa-source --format oscal --out slsa.json', effect: 'OSCAL assessment results' },
  ],
  parameters: Parameters,
  run: async (parameters, context) => {
    if (parameters.out !== undefined && parameters.format === undefined) throw whichFormat()
    const server = (await serverFor(parameters.server, context)).replace(/\/+$/, '')
    const place = { server, token: await tokenFor(server, context) }
    const { framework } = parameters
    if (framework === undefined) return list(place, context)
    const { format } = parameters
    if (format === undefined) return show(framework, { parameters, place, context })
    return write(framework, { parameters: { ...parameters, format }, place, context })
  },
})

interface Place {
  readonly server: string
  readonly token: string
}

interface Asked<Given> {
  readonly parameters: Given
  readonly place: Place
  readonly context: Context
}

async function list({ server, token }: Place, { terminal, json }: Context): Promise<ExitCode> {
  const known = await callApi(server, { method: 'GET', path: '/v1/frameworks', token, answer: FrameworkList })
  if (json) terminal.print(JSON.stringify(known, null, 2))
  else {
    for (const { id, title, version, controls } of known.items) {
      terminal.print(plain(`${id} ${title} ${version}, ${count(controls, 'control')}`))
    }
  }
  terminal.say(plain(`scopes: ${known.scopes.join(', ')}`))
  return 0
}

function pathOf(framework: string, { scope, from, to }: Parameters, rest = ''): string {
  const query = new URLSearchParams({ scope })
  if (from !== undefined) query.set('from', from)
  if (to !== undefined) query.set('to', to)
  return `/v1/frameworks/${encodeURIComponent(framework)}/posture${rest}?${query}`
}

const marks = { satisfied: 'ok', violated: 'failed', 'not-evaluated': 'skipped' } as const

async function show(framework: string, { parameters, place, context }: Asked<Parameters>): Promise<ExitCode> {
  const { terminal, json } = context
  const { server, token } = place
  const view = await callApi(server, { method: 'GET', path: pathOf(framework, parameters), token, answer: PostureView })
  if (json) terminal.print(JSON.stringify(view, null, 2))
  else {
    for (const { id, title, state, why } of view.controls) {
      terminal.print(`${terminal.mark(marks[state])} ${plain(`${id} ${title}: ${why}`)}`)
    }
  }
  const { satisfied, violated, 'not-evaluated': open } = view.counts
  terminal.say(
    plain(
      `${view.scope}, ${view.from} to ${view.to}: ${satisfied} satisfied, ${violated} violated, ${open} not evaluated`,
    ),
  )
  return 0
}

async function write(
  framework: string,
  { parameters, place, context }: Asked<Parameters & { readonly format: (typeof formats)[number] }>,
): Promise<ExitCode> {
  const { terminal, json, workingDirectory } = context
  const { server, token } = place
  const path = `${pathOf(framework, parameters, '/export')}&format=${parameters.format}`
  const bytes = await download(server, { path, token })
  if (bytes === null) {
    throw new Fault('not-found', {
      message: `Your organisation has no framework ${JSON.stringify(framework)}, or no such scope.`,
      hint: 'List them with `stemma posture`.',
    })
  }
  if (parameters.out === undefined) {
    terminal.print(new TextDecoder().decode(bytes).trimEnd())
    return 0
  }
  const file = resolve(workingDirectory, parameters.out)
  await writeDurably(file, bytes, 0o600)
  if (json) terminal.print(JSON.stringify({ file, bytes: bytes.length }, null, 2))
  else terminal.say(plain(`wrote ${file}`))
  return 0
}

function whichFormat(): Fault {
  return new Fault('request-malformed', {
    message: 'A file needs a format.',
    hint: `Add \`--format\`: ${formats.join(', ')}.`,
  })
}

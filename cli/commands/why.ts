/** `stemma why`: the session, prompt and edit behind one line, and what the contract says of that session. */
import { z } from 'zod'
import { Fault } from '#core/fault.ts'
import { evaluate } from '#core/policy/evaluate.ts'
import { blameFile } from '../attribution/blame.ts'
import { type Cause, causeOf } from '../attribution/why.ts'
import type { Context } from '../context.ts'
import { readCommits } from '../io/commits.ts'
import { plain, plainBlock } from '../io/terminal.ts'
import { minute } from '../io/words.ts'
import { contractInForce } from '../push/contract.ts'
import { destinationOf } from '../push/run.ts'
import { openWorkspace, repositoryName } from '../workspace.ts'
import { inColour } from './blame.ts'
import { defineCommand } from './command.ts'

/** More of a prompt is read in the transcript. */
const PROMPT_CHARACTERS = 600
const HUNK_LINES = 12

export const why = defineCommand({
  name: 'why',
  summary: 'show the session, prompt and edit that a line comes from',
  arguments: [{ name: 'place', description: 'file:line', required: true }],
  options: [{ flags: '--revision <commit>', description: 'line numbers of this commit (default HEAD)' }],
  examples: [{ command: 'stemma why src/parser.ts:41', effect: 'who asked for what, and what was done' }],
  parameters: z.object({ place: z.string().min(1), revision: z.string().min(1).default('HEAD') }),
  run: async ({ place, revision }, context) => {
    const [, file = '', number = ''] = /^(.+):(\d+)$/s.exec(place) ?? []
    if (file === '')
      throw malformed(`${plain(place)} does not name a line.`, 'Name one: `stemma why src/parser.ts:41`.')
    const workspace = await openWorkspace(context)
    const blamed = await blameFile({ file, revision }, workspace, context)
    const line = blamed.lines[Number(number) - 1]
    if (line === undefined)
      throw malformed(
        `${plain(blamed.file)} has ${blamed.lines.length} lines.`,
        `Look at them: \`stemma blame ${plain(file)}\`.`,
      )
    const text = blamed.texts[line.line - 1] ?? ''
    const session = blamed.sessions.find(({ id }) => id === line.session) ?? null
    const [commit] = await readCommits(workspace.repository, [line.commit])
    const before = new Date(Date.parse(commit?.committedAt ?? '') + 999).toISOString()
    const cause = session === null ? null : causeOf(session, { path: blamed.file, text, before })
    const findings = session === null ? [] : await findingsOf(session, blamed.attribution, workspace, context)
    const { terminal, json } = context
    const answer = {
      file: blamed.file,
      ...line,
      text,
      subject: commit?.subject ?? null,
      prompt: cause?.prompt ?? null,
      edit: cause?.edit ?? null,
      findings,
    }
    if (json) terminal.print(JSON.stringify(answer, null, 2))
    else show(answer, context)
    return 0
  },
})

type Answer = Awaited<ReturnType<typeof blameFile>>['lines'][number] & {
  readonly file: string
  readonly text: string
  readonly subject: string | null
  readonly prompt: Cause['prompt']
  readonly edit: Cause['edit']
  readonly findings: readonly { readonly policy: string; readonly message: string }[]
}

async function findingsOf(
  session: Parameters<typeof causeOf>[0],
  attribution: Awaited<ReturnType<typeof blameFile>>['attribution'],
  workspace: Awaited<ReturnType<typeof openWorkspace>>,
  context: Context,
): Promise<Answer['findings']> {
  const { repository, configuration } = workspace
  const destination = await destinationOf(context, configuration?.server ?? null)
  const contract = await contractInForce(repository.stateDirectory, destination, await repositoryName(repository))
  const commits = attribution.filter(({ sessions }) => sessions.includes(session.id))
  return evaluate(contract, { session, commits, configuration: null }).flatMap(({ policy, findings }) =>
    findings.map(({ message }) => ({ policy, message })),
  )
}

function show(answer: Answer, { terminal }: Context): void {
  const { colours } = terminal
  const head = `${answer.file}:${answer.line}  ${answer.class}${answer.session === null ? '' : ` by ${answer.session}`}`
  terminal.print(inColour(answer.class, plain(head), terminal))
  terminal.print(`  ${plainBlock(answer.text)}`)
  terminal.print(`commit   ${answer.commit.slice(0, 10)}  ${plain(answer.subject ?? '')}`)
  if (answer.session === null) {
    const words =
      answer.class === 'human'
        ? 'a person typed it, between two states that were seen'
        : 'nobody saw how it came there: `stemma stats` says why'
    terminal.say(words)
    return
  }
  terminal.print(`model    ${plain(answer.model ?? 'not recorded')}, seen by ${answer.confidence}`)
  terminal.print(
    `prompt   ${answer.prompt === null ? 'not recorded' : `${minute(answer.prompt.at)}  ${plain(answer.prompt.text).slice(0, PROMPT_CHARACTERS)}`}`,
  )
  const { edit } = answer
  terminal.print(
    `edit     ${edit === null ? 'not recorded' : `${minute(edit.at)}  ${plain(edit.command ?? edit.tool)}`}`,
  )
  for (const line of (edit?.hunk ?? []).slice(0, HUNK_LINES))
    terminal.print(colours.dim(`         ${plainBlock(line)}`))
  for (const { policy, message } of answer.findings) terminal.print(`finding  ${plain(policy)}: ${plain(message)}`)
  if (answer.findings.length === 0) terminal.print('finding  none')
}

function malformed(message: string, hint: string): Fault {
  return new Fault('request-malformed', { message, hint })
}

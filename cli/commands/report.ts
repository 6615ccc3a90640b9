/** `stemma report`: what the pull request shows, by the same renderer, in the terminal. */
import { z } from 'zod'
import { PullRequestPage, PullRequestView } from '#core/api/pull-requests.ts'
import { Fault } from '#core/fault.ts'
import { renderComment } from '#core/report/comment.ts'
import { renderTerminal } from '#core/report/terminal.ts'
import type { Context } from '../context.ts'
import { resolveCommit } from '../io/commits.ts'
import { callApi } from '../io/http.ts'
import { plainBlock } from '../io/terminal.ts'
import { destinationOf } from '../push/run.ts'
import type { Destination } from '../push/send.ts'
import { openWorkspace, repositoryName, type Workspace } from '../workspace.ts'
import { defineCommand } from './command.ts'

export const report = defineCommand({
  name: 'report',
  summary: 'show the report of a pull request',
  arguments: [],
  options: [
    { flags: '--pr <number>', description: 'the pull request (default: the one whose head is checked out)' },
    { flags: '--md', description: 'as Markdown, as in the comment' },
  ],
  examples: [{ command: 'stemma report --pr 27', effect: 'what the comment on pull request 27 says' }],
  parameters: z.object({
    pr: z.coerce.number().int().positive().optional(),
    md: z.boolean().default(false),
  }),
  run: async ({ pr, md }, context) => {
    const workspace = await openWorkspace(context)
    const destination = await destinationOf(context, workspace.configuration?.server ?? null)
    if (destination === null) throw notEnrolled(workspace)
    const repository = await repositoryName(workspace.repository)
    if (repository === null) throw withoutName()
    const number = pr ?? (await numberOfHead(repository, workspace, destination))
    const view = await callApi(destination.server, {
      method: 'GET',
      path: `/v1/pull-requests/${repository.split('/').map(encodeURIComponent).join('/')}/${number}`,
      token: destination.enrolment.token,
      answer: PullRequestView,
    })
    show(view, md, context)
    return 0
  },
})

function show(view: PullRequestView, asMarkdown: boolean, { terminal, json }: Context): void {
  if (json) terminal.print(JSON.stringify(view, null, 2))
  else if (view.report === null) terminal.say(`pull request ${view.pullRequest.number} has no report yet`)
  else if (asMarkdown) terminal.print(plainBlock(renderComment(view.report)))
  else terminal.print(renderTerminal(view.report, terminal.columns, terminal.colours).trimEnd())
}

async function numberOfHead(repository: string, workspace: Workspace, destination: Destination): Promise<number> {
  const head = await resolveCommit(workspace.repository, 'HEAD')
  const { items } = await callApi(destination.server, {
    method: 'GET',
    path: `/v1/pull-requests?repository=${encodeURIComponent(repository)}&limit=100`,
    token: destination.enrolment.token,
    answer: PullRequestPage,
  })
  const found = items.find((row) => row.head === head)
  if (found !== undefined) return found.number
  throw new Fault('not-found', {
    message: `No pull request of ${repository} has its head at the commit that is checked out.`,
    hint: 'Name one: `stemma report --pr NUMBER`.',
  })
}

function notEnrolled({ configuration }: Workspace): Fault {
  if (configuration === null) {
    return new Fault('not-initialised', {
      message: 'This repository has no .stemma.yml.',
      hint: 'Set it up with `stemma init`.',
    })
  }
  return new Fault('not-enrolled', {
    message: 'Reports come from the server, and this machine has no key enrolled with one.',
    hint: 'Enrol it: `stemma init --server URL --token TOKEN`.',
  })
}

function withoutName(): Fault {
  return new Fault('request-malformed', {
    message: 'No remote of this repository names an owner and a repository.',
    hint: 'See them with `git remote -v`; name it: `git remote set-url origin https://HOST/OWNER/REPOSITORY.git`.',
  })
}

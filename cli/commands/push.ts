/** `stemma push`: sessions that contributed to the pushed commits become signed evidence, sent and acknowledged. */
import { z } from 'zod'
import { type ExitCode, Fault, isFault } from '#core/fault.ts'
import { configurationsHere } from '../configuration/evidence.ts'
import type { Context } from '../context.ts'
import { type Strictness, strictness } from '../io/configuration.ts'
import { noteFailure } from '../io/failures.ts'
import { asStorageFault } from '../io/storage.ts'
import { plain } from '../io/terminal.ts'
import { commitsByHand, commitsOfHook } from '../push/commits.ts'
import { contractInForce } from '../push/contract.ts'
import { judge } from '../push/judge.ts'
import { platformVerdict } from '../push/platform-verdict.ts'
import { previewPush } from '../push/preview.ts'
import { destinationOf, faultsOf, type Pushed, runPush } from '../push/run.ts'
import { figuresOf, printPushed } from '../push/summary.ts'
import { openWorkspace, repositoryName, type Workspace } from '../workspace.ts'
import { defineCommand } from './command.ts'

/** People wait for `git push`; what is not sent by then follows with the next one. */
const HOOK_SECONDS = 20
const HAND_SECONDS = 300
/** Preparing evidence takes a few seconds, sending it at most HOOK_SECONDS. */
const HOOK_PATIENCE_MILLISECONDS = 5_000
const HAND_PATIENCE_MILLISECONDS = 60_000

const Parameters = z.object({
  range: z.string().optional(),
  hook: z.boolean().default(false),
  remote: z.string().optional(),
  retry: z.boolean().default(false),
  preview: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  file: z.string().min(1).optional(),
  strict: z.enum(strictness).optional(),
  timeLimit: z.coerce.number().positive().max(3_600).optional(),
})
type Parameters = z.infer<typeof Parameters>

export const push = defineCommand({
  name: 'push',
  summary: 'sign and send the evidence of commits',
  arguments: [
    { name: 'range', description: 'commits, such as origin/main..HEAD (default: those on no remote)', required: false },
  ],
  options: [
    { flags: '--preview', description: 'show exactly what would leave this machine, and send nothing' },
    { flags: '--file <path>', description: 'with --preview: all of it into this file, as JSON lines' },
    { flags: '--dry-run', description: 'say what would be sent, and send nothing' },
    { flags: '--retry', description: 'send only what waits' },
    {
      flags: '--strict <what>',
      description: 'fail when evidence cannot be delivered, or a gated policy fails, here or on the platform',
      choices: strictness,
    },
    { flags: '--time-limit <seconds>', description: 'for all requests together' },
    { flags: '--remote <name>', description: 'the remote that is pushed to' },
    { flags: '--hook', description: 'called by git: refs on stdin, and never in the way of the push', hidden: true },
  ],
  examples: [
    { command: 'stemma push --preview', effect: 'what would leave this machine, as it would leave it' },
    { command: 'stemma push', effect: 'evidence of the commits that no remote has yet' },
    { command: 'stemma push --retry', effect: 'send what an unreachable server left waiting' },
  ],
  parameters: Parameters,
  run: async (parameters, context) => (parameters.hook ? asHook(parameters, context) : byHand(parameters, context)),
})

async function byHand(parameters: Parameters, context: Context): Promise<ExitCode> {
  const workspace = await openWorkspace(context)
  requireSetUp(workspace)
  const commits = parameters.retry ? [] : await commitsByHand(workspace.repository, parameters.range)
  const remote = parameters.remote ?? null
  if (parameters.preview || parameters.dryRun || parameters.file !== undefined) {
    const what = parameters.dryRun && !parameters.preview ? 'figures' : 'all'
    return previewPush({ commits, remote, what, file: parameters.file ?? null }, workspace, context)
  }
  const pushed = await runPush(
    {
      commits,
      remote,
      timeLimit: (parameters.timeLimit ?? HAND_SECONDS) * 1_000,
      patience: HAND_PATIENCE_MILLISECONDS,
    },
    workspace,
    context,
  )
  show(pushed, context)
  const strict = strictnessOf(parameters, workspace)
  return worst(exitOf(pushed), await judgedExit(pushed, { strict, workspace, context }))
}

/** Whatever happens, the push of the code goes on, unless the project asked for strictness in words. */
async function asHook(parameters: Parameters, context: Context): Promise<ExitCode> {
  const refs = await context.readInput()
  let workspace: Workspace | null = null
  try {
    workspace = await openWorkspace(context)
    if (workspace.configuration === null) return 0
    const commits = await commitsOfHook(workspace.repository, refs, parameters.remote ?? '*')
    const pushed = await runPush(
      {
        commits,
        remote: parameters.remote ?? null,
        timeLimit: (parameters.timeLimit ?? HOOK_SECONDS) * 1_000,
        patience: HOOK_PATIENCE_MILLISECONDS,
      },
      workspace,
      context,
    )
    if (isWorthSaying(pushed)) show(pushed, context)
    for (const fault of faultsOf(pushed)) {
      await noteFailure(workspace.repository.stateDirectory, context.now(), `push: ${fault.code}: ${fault.message}`)
    }
    const strict = strictnessOf(parameters, workspace)
    if (strict === 'off') return 0
    const undelivered = pushed.waiting > 0 || faultsOf(pushed).length > 0
    return worst(undelivered ? exitOf(pushed) || 3 : 0, await judgedExit(pushed, { strict, workspace, context }))
  } catch (cause) {
    const problem = asStorageFault(cause) ?? cause
    const message = problem instanceof Error ? problem.message : String(problem)
    if (workspace !== null) await noteFailure(workspace.repository.stateDirectory, context.now(), `push: ${message}`)
    const strict = parameters.strict ?? workspace?.configuration?.strict ?? 'off'
    if (strict !== 'off') throw problem
    context.terminal.say(`stemma: ${plain(message)} The push of your code goes on.`)
    context.terminal.say(`hint: ${isFault(problem) ? plain(problem.hint) : 'see `stemma doctor`'}`)
    return 0
  }
}

/** A push that brings nothing of an agent's says nothing; what waits for a server that nobody has named is said once. */
function isWorthSaying(pushed: Pushed): boolean {
  if (pushed.signedBy !== null || pushed.kept === 'busy' || faultsOf(pushed).length > 0) return true
  return pushed.delivery.sent.length > 0 || (pushed.waiting > 0 && pushed.kept !== 'no-server')
}

function requireSetUp({ configuration }: Workspace): void {
  if (configuration !== null) return
  throw new Fault('not-initialised', {
    message: 'This repository has no .stemma.yml.',
    hint: 'Set it up with `stemma init`.',
  })
}

function strictnessOf(parameters: Parameters, workspace: Workspace): Strictness {
  return parameters.strict ?? workspace.configuration?.strict ?? 'off'
}

function show(pushed: Pushed, context: Context): void {
  if (!context.json) {
    printPushed(pushed, context.terminal)
    return
  }
  const { described, delivery, kept, waiting, signedBy } = pushed
  const problem = (fault: Fault) => ({ code: fault.code, message: fault.message, hint: fault.hint })
  const result = {
    ...(described === null ? { contributions: 0, files: 0, commits: 0, lines: null } : figuresOf(described)),
    sessions: (described?.contributions ?? []).map(({ session }) => session.id),
    unchanged: described?.unchanged ?? [],
    signedBy,
    sent: delivery.sent.map(({ notes, index, links }) => ({ id: notes.id, session: notes.session, index, links })),
    failed: delivery.failed.map(({ id, session, fault }) => ({ id, session, ...problem(fault) })),
    refused: (described?.refused ?? []).map(({ session, fault }) => ({ session, ...problem(fault) })),
    stopped: delivery.stopped === null ? null : problem(delivery.stopped),
    kept,
    waiting,
  }
  context.terminal.print(JSON.stringify(result, null, 2))
}

/** By hand, the exit code tells whether everything is acknowledged; having no server yet is no failure. */
function exitOf(pushed: Pushed): ExitCode {
  const [fault] = faultsOf(pushed)
  if (fault !== undefined) return fault.exit
  if (pushed.kept === 'busy') return 3
  return pushed.kept === 'not-enrolled' && pushed.waiting > 0 ? 2 : 0
}

async function judgedExit(
  pushed: Pushed,
  place: { readonly strict: Strictness; readonly workspace: Workspace; readonly context: Context },
): Promise<ExitCode> {
  const { strict, workspace, context } = place
  if (strict !== 'policy' && strict !== 'platform') return 0
  if (pushed.described === null && pushed.delivery.sent.length === 0) return 0
  const destination = await destinationOf(context, workspace.configuration?.server ?? null)
  const name = await repositoryName(workspace.repository)
  const contract = await contractInForce(workspace.repository.stateDirectory, destination, name)
  if (strict === 'platform' && destination !== null && pushed.delivery.sent.length > 0) {
    return platformVerdict(pushed.delivery.sent, { destination, contract, terminal: context.terminal })
  }
  // Without a server to ask, the laptop's own verdict is the strictest there is.
  if (pushed.described === null) return 0
  const configurations = await configurationsHere(workspace, context)
  return judge(pushed.described, { contract, configurations }, context.terminal)
}

function worst(delivery: ExitCode, policy: ExitCode): ExitCode {
  return delivery === 0 ? policy : delivery
}

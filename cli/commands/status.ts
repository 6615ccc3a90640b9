/** `stemma status`: where this repository stands, without asking the server. */
import { join } from 'node:path'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { gitHookStatus } from '../git-hooks.ts'
import { readFailures } from '../io/failures.ts'
import { readText } from '../io/files.ts'
import { readDeviceKey } from '../io/keys.ts'
import { listOutgoing, outgoingFolder, readOutgoing } from '../io/outgoing.ts'
import { readAllReceipts } from '../io/receipts.ts'
import { folded, plain } from '../io/terminal.ts'
import { sizeOf } from '../io/transcripts.ts'
import { count, minute, shortId } from '../io/words.ts'
import { unpushedCommits } from '../push/commits.ts'
import { watchOfCommits } from '../push/missed.ts'
import { listPending } from '../push/pending.ts'
import { checkState } from '../setup/storage-checks.ts'
import { captured, openWorkspace, repositoryName } from '../workspace.ts'
import { defineCommand } from './command.ts'

const Problem = z.object({ at: z.string(), code: z.string(), message: z.string(), hint: z.string() })

const RECENT_FAILURES = 5

export const status = defineCommand({
  name: 'status',
  summary: 'show what is captured, what waits and where it goes',
  arguments: [],
  options: [],
  examples: [{ command: 'stemma status', effect: 'where this repository stands' }],
  parameters: z.object({}),
  run: async (_, context) => {
    const state = await read(context)
    if (context.json) context.terminal.print(JSON.stringify(state, null, 2))
    else show(state, context)
    return 0
  },
})

async function read(context: Context) {
  const workspace = await openWorkspace(context)
  const { repository, roots, configuration } = workspace
  const { stateDirectory } = repository
  const server = configuration?.server ?? null
  const [key, hooks, receipts, ids, pending, failures, unpushed, known, watch, room] = await Promise.all([
    readDeviceKey(context.configurationFolder, server),
    gitHookStatus(repository),
    readAllReceipts(stateDirectory),
    listOutgoing(stateDirectory),
    listPending(stateDirectory),
    readFailures(stateDirectory, RECENT_FAILURES),
    unpushedCommits(repository),
    captured(context, { roots, stateDirectory }),
    watchOfCommits(workspace, context.now().getTime()),
    checkState(repository),
  ])
  const { summaries, withoutTranscript, unreadable, cutPayloads } = known
  const lastSent = receipts.reduce<string | null>(
    (latest, { receivedAt }) => (latest === null || receivedAt > latest ? receivedAt : latest),
    null,
  )
  const since = summaries.filter(({ header }) => lastSent === null || (header.endedAt ?? '') > lastSent)
  return {
    repository: await repositoryName(repository),
    root: repository.root,
    setUp: configuration !== null,
    gitHooks: hooks.every(({ state }) => state === 'installed'),
    server,
    tier: configuration?.tier ?? null,
    strict: configuration?.strict ?? null,
    key:
      key === null
        ? null
        : {
            id: key.keyId,
            name: key.name,
            enrolled: key.enrolment !== null,
            organisation: key.enrolment?.organisation.name ?? null,
            person: key.enrolment?.person.name ?? null,
          },
    sessions: {
      all: summaries.length,
      sinceLastPush: since.length,
      seenByHooks: summaries.filter(({ header }) => header.capture !== 'swept').length,
      withoutTranscript,
      tooLong: unreadable.map((found) => ({ id: found.id, bytes: sizeOf(found) })),
      cutPayloads,
    },
    watch: watch === null ? null : { ...watch, unobserved: watch.unobserved.length },
    unpushedCommits: unpushed.length,
    lastSent,
    sent: receipts.length,
    pendingPushes: pending.length,
    waiting: await waitingOf(stateDirectory, ids),
    localState: { state: room.state, detail: room.detail },
    failures,
  }
}

type Status = Awaited<ReturnType<typeof read>>

async function waitingOf(stateDirectory: string, ids: readonly string[]) {
  return Promise.all(
    ids.map(async (id) => {
      const [evidence, problem] = await Promise.all([
        readOutgoing(stateDirectory, id),
        readText(join(outgoingFolder(stateDirectory), id, 'problem.json')),
      ])
      return {
        id,
        session: evidence?.notes.session ?? null,
        since: evidence?.notes.createdAt ?? null,
        problem: problem === null ? null : (Problem.safeParse(JSON.parse(problem)).data ?? null),
      }
    }),
  )
}

function show(state: Status, { terminal }: Context): void {
  const { colours } = terminal
  const width = terminal.foldAt ?? Number.POSITIVE_INFINITY
  const line = (title: string, text: string) => {
    const [first = '', ...more] = folded(plain(text), width - 12)
    terminal.print(`${colours.bold(title.padEnd(11))} ${first}`)
    for (const next of more) terminal.print(`${' '.repeat(12)}${next}`)
  }
  const warn = (text: string) => {
    const [first = '', ...more] = folded(plain(text), width - 4)
    terminal.print(`  ${terminal.mark('warning')} ${first}`)
    for (const next of more) terminal.print(`    ${next}`)
  }
  line('repository', `${state.repository ?? state.root}${state.repository === null ? ' (no remote names it)' : ''}`)
  if (!state.setUp) line('set up', 'no: run `stemma init`')
  else if (!state.gitHooks) line('set up', 'partly: the Git hooks are missing or old; run `stemma doctor --fix`')
  else line('set up', 'yes')
  line('server', state.server ?? 'none yet: evidence is signed and kept here')
  line('key', keyInWords(state))
  const { all, sinceLastPush, seenByHooks, withoutTranscript, tooLong, cutPayloads } = state.sessions
  line(
    'captured',
    `${count(sinceLastPush, 'session')} since the last push (${all} in all, ${seenByHooks} seen by hooks)`,
  )
  if (withoutTranscript.length > 0) {
    warn(`seen by hooks, but without a transcript here: ${withoutTranscript.join(', ')}`)
  }
  for (const { id, bytes } of tooLong) {
    warn(
      `${id}: its transcript is one record of ${Math.ceil(bytes / 1_000_000)} MB, too long to read; there is no evidence of it`,
    )
  }
  if (cutPayloads > 0) warn(`${count(cutPayloads, 'call')} of a hook told more than 16 MB: only the facts are kept`)
  line('commits', `${count(state.unpushedCommits, 'commit')} on no remote yet`)
  if (state.watch !== null && state.watch.unobserved > 0) {
    warn(
      `${state.watch.unobserved} of ${state.watch.made} made since ${minute(state.watch.since)} were not seen by the Git hooks: stemma doctor`,
    )
  }
  line(
    'sent',
    state.lastSent === null
      ? 'nothing yet'
      : `${count(state.sent, 'piece', 'pieces')} of evidence, last ${minute(state.lastSent)} UTC`,
  )
  line(
    'waiting',
    state.waiting.length === 0 ? 'nothing' : `${count(state.waiting.length, 'piece', 'pieces')} of evidence`,
  )
  for (const { id, session, problem } of state.waiting) {
    terminal.print(
      `  ${terminal.mark('warning')} ${shortId(id)} ${plain(session ?? 'damaged')}${problem === null ? '' : ` · ${plain(problem.message)}`}`,
    )
    if (problem !== null) terminal.print(`    hint: ${plain(problem.hint)}`)
  }
  if (state.waiting.length > 0 && state.server !== null) terminal.print('  hint: stemma push --retry')
  if (state.pendingPushes > 0) {
    line('unfinished', `${count(state.pendingPushes, 'push', 'pushes')}; the next one finishes them`)
  }
  if (state.localState.state !== 'ok') {
    line('local state', state.localState.state === 'failed' ? 'does not work: run `stemma doctor`' : 'nearly full')
    warn(state.localState.detail)
  }
  if (state.failures.length > 0) {
    line('failures', `the latest of failures.log`)
    for (const { at, text } of state.failures) warn(`${minute(at)} ${text}`)
  }
}

function keyInWords({ key, server }: Status): string {
  if (key === null) return server === null ? 'made at the first push' : 'none enrolled: stemma init --token TOKEN'
  if (!key.enrolled)
    return server === null ? `${key.name}, not enrolled` : `${key.name}, not enrolled: stemma init --token TOKEN`
  return `${key.name} · ${key.organisation} · ${key.person}`
}

/**
 * 200 commits in one minute by 4 agents, each in a work tree of its own and with its hooks before and after every edit. Every
 * record is looked at afterwards: what is missing, or lost its snapshot, is counted.
 */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { readObservations } from '#cli/io/observations.ts'
import { readRecords } from '#cli/io/spool.ts'
import { LAUNCHER, ObservedRepository } from '../test/cli/observed-repository.ts'
import type { Emit } from './measurement.ts'

const AGENTS = 4
const COMMITS_EACH = 50
const MINUTE = 60_000

export async function run(emit: Emit): Promise<void> {
  const work = new ObservedRepository()
  try {
    for (let file = 0; file < 500; file++) work.write(`src/file${file}.ts`, `export const value = ${file}\n`)
    work.commit('Begin')
    await work.installHooks()
    const roots = Array.from({ length: AGENTS }, (_, agent) => join(work.folder, `agent${agent}`))
    for (const root of roots) work.git('worktree', 'add', '-q', root)
    const started = performance.now()
    const commits = (await Promise.all(roots.map((root, agent) => workOf(agent, root, work, started)))).flat()
    const seconds = (performance.now() - started) / 1_000
    emit({ name: `${commits.length} commits by ${AGENTS} agents`, value: seconds, unit: 's', better: 'lower' })
    const lost = await lostRecords(work, commits)
    for (const [what, value] of Object.entries(lost))
      emit({ name: `lost ${what}`, value, unit: 'records', better: 'lower' })
  } finally {
    work.remove()
  }
}

interface Made {
  readonly commit: string
  readonly session: string
  readonly call: string
}

/** One agent: hook, edit, hook, commit, over and over, evenly through the minute as far as the machine keeps up. */
async function workOf(
  agent: number,
  root: string,
  work: ObservedRepository,
  started: number,
): Promise<readonly Made[]> {
  const session = `agent-${agent}`
  const made: Made[] = []
  const run = (command: string, args: readonly string[], input = '') => ended(command, args, { root, work, input })
  for (let round = 0; round < COMMITS_EACH; round++) {
    const due = started + (round * MINUTE) / COMMITS_EACH
    if (performance.now() < due) await wait(due - performance.now())
    const path = join(root, 'src', `file${agent * 100 + round}.ts`)
    const call = `${session}-${round}`
    const payload = (event: string) =>
      JSON.stringify({
        session_id: session,
        transcript_path: `/home/b/.claude/projects/-b/${session}.jsonl`,
        cwd: root,
        hook_event_name: event,
        tool_name: round % 2 === 0 ? 'Write' : 'Bash',
        tool_input: round % 2 === 0 ? { file_path: path, content: 'x' } : { command: 'make' },
        tool_use_id: call,
        ...(event === 'PostToolUse' ? { tool_response: {} } : {}),
      })
    await run(LAUNCHER, ['hook', 'claude-code'], payload('PreToolUse'))
    writeFileSync(path, `export const value = '${call}'\n`)
    await run(LAUNCHER, ['hook', 'claude-code'], payload('PostToolUse'))
    await run('git', ['commit', '-q', '-a', '-m', `Change ${call}`])
    const commit = (
      await run('git', ['log', '-1', '--format=%H %(trailers:key=Stemma-Session,valueonly,separator=%x2c)'])
    ).trim()
    made.push({ commit, session, call })
  }
  return made
}

async function lostRecords(work: ObservedRepository, made: readonly Made[]) {
  const state = join(work.root, '.git', 'stemma')
  const { commits } = await readObservations(state)
  const { records, malformed } = await readRecords(state)
  const seen = new Map(commits.map(({ commit, tree }) => [commit, tree]))
  const hooks = new Set(records.flatMap(({ payload, snapshot }) => (snapshot?.kind === 'lost' ? [] : [keyOf(payload)])))
  const log = join(state, 'failures.log')
  return {
    'observations of commits': made.filter(({ commit }) => (seen.get(commit.split(' ')[0] ?? '') ?? null) === null)
      .length,
    trailers: made.filter(({ commit, session }) => commit.split(' ')[1] !== `claude-code:${session}`).length,
    'hooks before an edit': made.filter(({ call }) => !hooks.has(`PreToolUse ${call}`)).length,
    'hooks after an edit': made.filter(({ call }) => !hooks.has(`PostToolUse ${call}`)).length,
    'hooks that cannot be read': malformed,
    'snapshots, as the hooks say': existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').length : 0,
  }
}

function keyOf(payload: unknown): string {
  const { hook_event_name: event, tool_use_id: call } = Object(payload)
  return `${event} ${call}`
}

interface Place {
  readonly root: string
  readonly work: ObservedRepository
  readonly input: string
}

function ended(command: string, args: readonly string[], { root, work, input }: Place): Promise<string> {
  return new Promise((settle, reject) => {
    const child = spawn(command, [...args], { cwd: root, env: work.environment, stdio: ['pipe', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? settle(output) : reject(new Error(`${command} ended with ${code}`))))
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}

/**
 * What the hooks cost, in a repository of 10,000 files, with no and with 500 stored sessions. Baselines are measured in
 * turn with the hooks, in one run, since machines are noisy.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compared, type Emit, percentile } from './measurement.ts'

const LAUNCHER = join(import.meta.dirname, '..', 'cli', 'stemma')
const FOLDERS = 100
const FILES_A_FOLDER = 100
const STORED_SESSIONS = 500
/** Each session of the stored ones left this many records. */
const RECORDS_A_SESSION = 20
const DEFAULT_ROUNDS = 60
const SHARE = 0.95

export async function run(emit: Emit, options: readonly string[] = []): Promise<void> {
  const rounds = Number(options[options.indexOf('--rounds') + 1]) || DEFAULT_ROUNDS
  const folder = mkdtempSync(join(tmpdir(), 'stemma-bench-'))
  try {
    const root = makeRepository(folder)
    for (const sessions of [0, STORED_SESSIONS]) {
      if (sessions > 0) storeSessions(root, sessions)
      const figures = await measure(root, rounds)
      const p95 = (name: keyof typeof figures): number => percentile(figures[name], SHARE)
      const suffix = `p95 with ${sessions} stored sessions`
      const figure = (name: string, value: number) => ({
        name: `${name}, ${suffix}`,
        value,
        unit: 'ms',
        better: 'lower' as const,
      })
      emit(compared(figure('edit hook', p95('editHook')), { name: 'node -e 0', value: p95('node') }))
      emit(
        compared(figure('edit hook with a payload of 1 MB', p95('largeEditHook')), {
          name: 'node -e 0',
          value: p95('node'),
        }),
      )
      emit(compared(figure('shell-tool hook', p95('shellHook')), { name: 'git status', value: p95('status') }))
      emit(compared(figure('commit-msg hook', p95('commitMessage')), { name: 'git status', value: p95('status') }))
      emit(compared(figure('post-commit hook', p95('postCommit')), { name: 'git status', value: p95('status') }))
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function makeRepository(folder: string): string {
  const root = join(folder, 'repository')
  for (let index = 0; index < FOLDERS; index++) {
    const part = join(root, 'src', `part${index}`)
    mkdirSync(part, { recursive: true })
    for (let file = 0; file < FILES_A_FOLDER; file++) {
      writeFileSync(join(part, `file${file}.ts`), `export const value${file} = ${index}\n`.repeat(20))
    }
  }
  writeFileSync(join(root, '.stemma.yml'), 'apiVersion: stemma.dev/v1\n')
  const git = (...args: readonly string[]) =>
    spawnSync('git', ['-C', root, '-c', 'user.name=B', '-c', 'user.email=b@example.com', ...args])
  git('init', '-q', '-b', 'main')
  git('add', '-A')
  git('commit', '-q', '-m', 'Begin')
  return root
}

/** As the hooks of that many sessions would have left them, changes that were never committed included. */
function storeSessions(root: string, sessions: number): void {
  const state = join(root, '.git', 'stemma')
  const tree = spawnSync('git', ['-C', root, 'rev-parse', 'HEAD^{tree}'], { encoding: 'utf8' }).stdout.trim()
  const pending: string[] = []
  for (let session = 0; session < sessions; session++) {
    for (let record = 0; record < RECORDS_A_SESSION; record++) {
      const at = 1_790_000_000_000_000_000n + BigInt(session * RECORDS_A_SESSION + record) * 1_000_000_000n
      const payload = payloadOf(root, `stored-${session}`, record % 2 === 0 ? 'PreToolUse' : 'PostToolUse', 'Bash', {
        command: 'make',
      })
      const text = `stemma-spool/1\nat ${at}\nagent claude-code\nargument \nfolder ${root}\n\n${payload}\nstemma-snapshots\nroot ${root}\ntree ${tree}\nstemma-end\n`
      writeFileSync(join(state, 'spool', `${at}-${session}`), text)
    }
    pending.push(`claude-code:stored-${session}\tsrc/part${session % FOLDERS}/never-committed.ts\n`)
  }
  writeFileSync(join(state, 'pending', 'main'), pending.join(''))
}

function payloadOf(
  root: string,
  session: string,
  event: string,
  tool: string,
  input: Readonly<Record<string, unknown>>,
): string {
  return JSON.stringify({
    session_id: session,
    transcript_path: `/home/b/.claude/projects/-b/${session}.jsonl`,
    cwd: root,
    permission_mode: 'default',
    hook_event_name: event,
    tool_name: tool,
    tool_input: input,
    tool_use_id: 'call',
  })
}

async function measure(root: string, rounds: number) {
  const edited = join(root, 'src', 'part7', 'file7.ts')
  const message = join(root, '.git', 'COMMIT_EDITMSG')
  const figures = {
    node: [],
    status: [],
    editHook: [],
    largeEditHook: [],
    shellHook: [],
    commitMessage: [],
    postCommit: [],
  } satisfies Record<string, number[]>
  const timed: Record<keyof typeof figures, number[]> = figures
  const edit = { file_path: edited, old_string: 'a', new_string: 'b' }
  const large = { file_path: edited, content: 'const line = "of a large file"\n'.repeat(33_000) }
  for (let round = -3; round < rounds; round++) {
    // Something has changed each time, as between two calls of an agent.
    writeFileSync(edited, `export const round = ${round}\n`.repeat(20))
    writeFileSync(message, 'Subject\n')
    const event = round % 2 === 0 ? 'PreToolUse' : 'PostToolUse'
    const took = {
      node: await time('node', ['-e', '0'], root),
      status: await time('git', ['status', '--porcelain'], root),
      editHook: await time(LAUNCHER, ['hook', 'claude-code'], root, payloadOf(root, 'bench', event, 'Edit', edit)),
      largeEditHook: await time(
        LAUNCHER,
        ['hook', 'claude-code'],
        root,
        payloadOf(root, 'bench', event, 'Write', large),
      ),
      shellHook: await time(
        LAUNCHER,
        ['hook', 'claude-code'],
        root,
        payloadOf(root, 'bench', event, 'Bash', { command: 'make' }),
      ),
      commitMessage: await time(LAUNCHER, ['hook', 'git', 'commit-msg', message], root),
      postCommit: await time(LAUNCHER, ['hook', 'git', 'post-commit'], root),
    }
    // The first rounds fill caches, of the disk and of our own index.
    if (round >= 0) for (const name of Object.keys(timed) as (keyof typeof figures)[]) timed[name].push(took[name])
  }
  return timed
}

/** Milliseconds until the process has ended; throws where it fails. */
function time(command: string, args: readonly string[], cwd: string, input = ''): Promise<number> {
  return new Promise((settle, reject) => {
    const start = performance.now()
    // What is not listened to is not written to: a short process may be gone before its input comes.
    const stdin = input === '' ? 'ignore' : 'pipe'
    const child = spawn(command, [...args], { cwd, stdio: [stdin, 'ignore', 'inherit'], env: systemEnvironment() })
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? settle(performance.now() - start) : reject(new Error(`${command} ended with ${code}`)),
    )
    child.stdin?.end(input)
  })
}

/** The Node that a person's shell finds, not the one that npm puts first for this run. */
function systemEnvironment(): NodeJS.ProcessEnv {
  const path = (process.env['PATH'] ?? '').split(':').filter((part) => !part.includes('node_modules'))
  return { ...process.env, PATH: path.join(':') }
}

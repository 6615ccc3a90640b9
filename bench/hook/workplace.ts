/** A repository of so many files, what earlier sessions left in it, and processes that are timed. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const LAUNCHER = join(import.meta.dirname, '..', '..', 'cli', 'stemma')
const FILES_A_FOLDER = 100
/** Each session of the stored ones left this many records. */
const RECORDS_A_SESSION = 20

/** Work tree with one commit; every hundred files share a folder. */
export function makeRepository(folder: string, files: number): string {
  const root = join(folder, 'repository')
  for (let index = 0; index < files / FILES_A_FOLDER; index++) {
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
export function storeSessions(root: string, sessions: number): void {
  const state = join(root, '.git', 'stemma')
  for (const folder of ['spool', 'pending']) mkdirSync(join(state, folder), { recursive: true })
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
    pending.push(`claude-code:stored-${session}\tsrc/part${session % 100}/never-committed.ts\n`)
  }
  writeFileSync(join(state, 'pending', 'main'), pending.join(''))
}

export function payloadOf(
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

/** Milliseconds until the process has ended; throws where it fails. */
export function time(command: string, args: readonly string[], cwd: string, input = ''): Promise<number> {
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

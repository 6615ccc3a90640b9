/**
 * What the guard costs where it is on: launcher, record, snapshot and Node's answer, for a command that is allowed and one
 * that is denied; and what the hook costs where it is off. Bare `node -e 0` is measured in turn, by the same Node.
 */
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { buildCli } from '#cli/build.ts'
import { agentGuards } from '#core/guard/registry.ts'
import { writeSwitch } from '#core/guard/switch.ts'
import { compared, type Emit, percentile } from './measurement.ts'

const DEFAULT_ROUNDS = 40
const SHARES = { median: 0.5, p95: 0.95 } as const

export async function run(emit: Emit, options: readonly string[] = []): Promise<void> {
  const rounds = Number(options[options.indexOf('--rounds') + 1]) || DEFAULT_ROUNDS
  const folder = mkdtempSync(join(tmpdir(), 'stemma-bench-'))
  try {
    const launcher = join(folder, 'cli', 'stemma')
    mkdirSync(dirname(launcher))
    cpSync(join(import.meta.dirname, '..', 'cli', 'stemma'), launcher)
    await buildCli(join(folder, 'dist', 'cli'))
    const root = makeRepository(folder)
    const figures = { node: [] as number[], off: [] as number[], allow: [] as number[], deny: [] as number[] }
    const switchFile = join(root, '.git', 'stemma', 'guard')
    for (let round = -3; round < rounds; round++) {
      rmSync(switchFile, { force: true })
      const took = { node: await time('node', ['-e', '0'], root), off: await hook(launcher, root, 'npm test') }
      writeFileSync(switchFile, writeSwitch(agentGuards, undefined))
      const asked = { allow: await hook(launcher, root, 'npm test'), deny: await hook(launcher, root, BYPASS) }
      // The first rounds compile the program and fill caches.
      if (round < 0) continue
      for (const [name, value] of Object.entries({ ...took, ...asked }))
        figures[name as keyof typeof figures].push(value)
    }
    for (const [name, share] of Object.entries(SHARES)) {
      const of = (kind: keyof typeof figures) => percentile(figures[kind], share)
      const baseline = { name: 'node -e 0', value: of('node') }
      const figure = (words: string, value: number) => ({
        name: `${words}, ${name}`,
        value,
        unit: 'ms',
        better: 'lower' as const,
      })
      emit(compared(figure('guard off, shell-tool hook', of('off')), baseline))
      emit(compared(figure('guard on, command allowed', of('allow')), baseline))
      emit(compared(figure('guard on, command denied', of('deny')), baseline))
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const BYPASS = 'git commit --no-verify -m "quick fix"'

function makeRepository(folder: string): string {
  const root = join(folder, 'repository')
  mkdirSync(root)
  for (const name of ['one.ts', 'two.ts', '.stemma.yml']) writeFileSync(join(root, name), `# ${name}\n`)
  const git = (...words: readonly string[]) =>
    spawnSync('git', ['-C', root, '-c', 'user.name=B', '-c', 'user.email=b@example.com', ...words])
  git('init', '-q', '-b', 'main')
  git('add', '-A')
  git('commit', '-q', '-m', 'Begin')
  mkdirSync(join(root, '.git', 'stemma'))
  return root
}

function hook(launcher: string, root: string, command: string): Promise<number> {
  const payload = {
    session_id: 'bench',
    transcript_path: '/home/b/.claude/projects/-b/bench.jsonl',
    cwd: root,
    hook_event_name: 'PreToolUse',
    tool_name: 'Bash',
    tool_input: { command },
    tool_use_id: 'call',
  }
  return time(launcher, ['hook', 'claude-code'], root, JSON.stringify(payload))
}

/** Milliseconds until the process has ended; throws where it fails. */
function time(command: string, words: readonly string[], cwd: string, input = ''): Promise<number> {
  return new Promise((settle, reject) => {
    const start = performance.now()
    const child = spawn(command, [...words], { cwd, stdio: ['pipe', 'ignore', 'inherit'], env: systemEnvironment() })
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? settle(performance.now() - start) : reject(new Error(`${command} ended with ${code}`)),
    )
    child.stdin.on('error', () => {}) // bare Node may be gone before its empty input is closed
    child.stdin.end(input)
  })
}

/** The Node that a person's shell finds, not the one that npm puts first for this run. */
function systemEnvironment(): NodeJS.ProcessEnv {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((part) => !part.includes('node_modules'))
  return { ...process.env, PATH: path.join(delimiter) }
}

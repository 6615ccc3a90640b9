/** `npm run check`: types, lint and format, unused code and dependencies, generated files. Prints one line a step. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

interface Step {
  readonly name: string
  readonly command: readonly [string, ...string[]]
}

const projects = ['core', 'worker', 'cli', 'dashboard', 'test', 'test/workerd.tsconfig.json']

const steps: readonly Step[] = [
  ...projects.map((project): Step => ({ name: `types of ${project}`, command: ['tsc', '-p', project] })),
  { name: 'lint and format', command: ['biome', 'check', '--error-on-warnings', '.'] },
  { name: 'unused code and dependencies', command: ['knip', '--no-progress'] },
  { name: 'generated reference', command: ['node', 'docs/generate.ts', '--check'] },
  { name: 'architecture', command: ['vitest', 'run', '--project', 'core', 'test/architecture.test.ts'] },
]

const failures: string[] = []
for (const step of steps) {
  const started = performance.now()
  const { status, output } = await run(step.command)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  process.stdout.write(`${status === 0 ? '✓ ok    ' : '✗ failed'} ${step.name} (${seconds} s)\n`)
  if (status !== 0) {
    failures.push(step.name)
    process.stdout.write(`${output.trimEnd()}\n`)
  }
}
process.stdout.write(failures.length === 0 ? 'all checks hold\n' : `not in order: ${failures.join(', ')}\n`)
process.exitCode = failures.length === 0 ? 0 : 1

function run([command, ...parameters]: Step['command']): Promise<{ status: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolve({ status: code ?? 1, output }))
  })
}

/** The real Claude Code, offline, at work in a person's clone: what it is started with, and what it is scripted to do. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Workplace } from '../local/scripted-claude.ts'
import type { Script } from './script.ts'

/** The binary where it is installed: in node_modules, or on PATH; null where it is not. */
export function findClaude(): string | null {
  const folders = [
    join(import.meta.dirname, '..', '..', 'node_modules', '.bin'),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ]
  return folders.map((folder) => join(folder, 'claude')).find((path) => existsSync(path)) ?? null
}

/** Writes a module and a wrong test of it, sees it fail, mends the module, sees it pass, commits, pushes, claims. */
export function honestScript(directory: string): Script {
  const greet = join(directory, 'source', 'greet.js')
  const test = join(directory, 'test', 'greet.test.js')
  return [
    {
      text: 'A module first, then its test.',
      calls: [['Write', { file_path: greet, content: "export function greet(name) {\n  return 'Hello ' + name\n}\n" }]],
    },
    {
      calls: [
        [
          'Write',
          {
            file_path: test,
            content:
              "import assert from 'node:assert/strict'\nimport { test } from 'node:test'\nimport { greet } from '../source/greet.js'\n\ntest('greets with a comma', () => {\n  assert.equal(greet('Ada'), 'Hello, Ada')\n})\n",
          },
        ],
      ],
    },
    { calls: [['Bash', { command: 'npm test', description: 'Run the tests' }]] },
    { text: 'The comma is missing.', calls: [['Read', { file_path: greet }]] },
    { calls: [['Edit', { file_path: greet, old_string: "'Hello ' + name", new_string: "'Hello, ' + name" }]] },
    { calls: [['Bash', { command: 'npm test', description: 'Run the tests again' }]] },
    { calls: [['Bash', { command: 'git add -A && git commit -q -m "Greet people"', description: 'Commit' }]] },
    { calls: [['Bash', { command: 'git push -q -u origin HEAD', description: 'Push' }]] },
    { text: 'Greeting works, and all tests pass.' },
  ]
}

/** Goes around the repository's hooks and never runs a test. */
export function carelessScript(directory: string): Script {
  return [
    {
      calls: [
        [
          'Write',
          {
            file_path: join(directory, 'source', 'shout.js'),
            content: 'export const shout = (text) => text.toUpperCase()\n',
          },
        ],
      ],
    },
    { calls: [['Bash', { command: 'git add -A && git commit -q --no-verify -m "Shout"', description: 'Commit' }]] },
    { calls: [['Bash', { command: 'git push -q -u origin HEAD', description: 'Push' }]] },
    { text: 'Done and tested.' },
  ]
}

interface Run {
  readonly exitCode: number
  readonly output: string
  readonly milliseconds: number
}

/** A whole session takes 2 to 3 s; a hanging one must not hang the suite. */
const TIME_LIMIT = 120_000

export async function runClaude(binary: string, workplace: Workplace, modelUrl: string, prompt: string): Promise<Run> {
  const started = performance.now()
  const child = spawn(
    binary,
    [
      '-p',
      prompt,
      '--permission-mode',
      'acceptEdits',
      '--output-format',
      'json',
      '--allowedTools',
      'Bash(npm test)',
      'Bash(git add:*)',
      'Bash(git commit:*)',
      'Bash(git push:*)',
    ],
    {
      cwd: workplace.directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIME_LIMIT,
      env: {
        ...workplace.environment,
        ANTHROPIC_BASE_URL: modelUrl,
        ANTHROPIC_API_KEY: 'dummy',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        DISABLE_TELEMETRY: '1',
        DISABLE_AUTOUPDATER: '1',
        DISABLE_ERROR_REPORTING: '1',
      },
    },
  )
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
  return { exitCode, output, milliseconds: performance.now() - started }
}

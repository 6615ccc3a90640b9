/** A real agent at work, offline, in a person's clone: what it takes to run one, and what the run is compared with. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Workplace } from '../local/scripted-claude.ts'
import type { Protocol } from './protocols/protocol.ts'
import type { Tools } from './scenario.ts'

export interface Launch {
  readonly binary: string
  readonly workplace: Workplace
  readonly modelUrl: string
  readonly prompt: string
}

export interface Run {
  readonly exitCode: number
  readonly output: string
  readonly milliseconds: number
}

export interface RealAgent {
  readonly id: string
  /** What installs it: `<package>@<version>`. */
  readonly install: string
  readonly protocol: Protocol
  /** A part of the model's name. */
  readonly model: string
  /** The agent's own name of its shell. */
  readonly shellTool: string
  /** The scenario's calls in the agent's own words. */
  readonly tools: (directory: string) => Tools
  /** Path of the program; null where it is not installed. */
  readonly find: () => string | null
  readonly run: (launch: Launch) => Promise<Run>
  /** The same, in a way in which none of its hooks runs; absent where there is none. */
  readonly runWithoutHooks?: (launch: Launch) => Promise<Run>
  /** Id of another agent whose settings it reads for hooks too; absent where it reads its own alone. */
  readonly alsoRunsHooksOf?: string
}

/** In node_modules, or on PATH. */
export function findProgram(name: string): string | null {
  const folders = [
    join(import.meta.dirname, '..', '..', 'node_modules', '.bin'),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ]
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null
}

/** A whole session takes 2 to 15 s; a hanging one must not hang the suite. */
const TIME_LIMIT = 120_000

export async function runProgram(
  { binary, workplace }: Launch,
  parameters: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Run> {
  const started = performance.now()
  const child = spawn(binary, parameters, {
    cwd: workplace.directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIME_LIMIT,
    env: { ...workplace.environment, ...environment },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  }
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
  return { exitCode, output, milliseconds: performance.now() - started }
}

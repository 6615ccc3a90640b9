/**
 * Stemma's own part of a push of 10 commits and 3 sessions of 5 MB, redaction and a server on this machine included, beside
 * a bare `node -e 0`; and the most memory that it held. Each round is a first push: nothing is remembered from the last one.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMachine, type Machine } from '../test/cli/machine.ts'
import { createTestServer } from '../test/cli/server.ts'
import { time } from './hook/workplace.ts'
import { compared, type Emit, percentile } from './measurement.ts'
import { writeLongTranscript } from './transcripts/contributing.ts'

const COMMITS = 10
const SESSIONS = 3
const SESSION_BYTES = 5_000_000
const ROUNDS = 5

export async function run(emit: Emit): Promise<void> {
  const figures: { readonly push: number[]; readonly node: number[]; readonly memory: number[] } = {
    push: [],
    node: [],
    memory: [],
  }
  for (let round = 0; round < ROUNDS; round++) {
    const machine = createMachine()
    const server = await createTestServer()
    try {
      await machine.stemma(['init', '--yes', '--server', server.url, '--token', server.enrolmentToken])
      machine.commit({}, 'Set up')
      machine.git('push', '-q', '--no-verify', 'origin', 'main')
      await work(machine)
      for (let again = 0; again < 5; again++) figures.node.push(await time('node', ['-e', '0'], machine.root))
      const { seconds, megabytes } = await measuredPush(machine)
      if (server.transcripts.size !== SESSIONS)
        throw new Error(`${server.transcripts.size} of ${SESSIONS} sessions arrived`)
      figures.push.push(seconds * 1_000)
      figures.memory.push(megabytes)
    } finally {
      await server.stop()
      machine.remove()
    }
  }
  const what = `push of ${COMMITS} commits and ${SESSIONS} sessions of 5 MB`
  const baseline = { name: 'node -e 0', value: percentile(figures.node, 0.5) }
  emit(
    compared({ name: `${what}, median`, value: percentile(figures.push, 0.5), unit: 'ms', better: 'lower' }, baseline),
  )
  emit({ name: `peak memory of a ${what}`, value: Math.max(...figures.memory), unit: 'MB', better: 'lower' })
}

async function work(machine: Machine): Promise<void> {
  for (let session = 0; session < SESSIONS; session++) {
    const id = `0199a213-81c0-7800-8aa1-bbab2a035a5${session}`
    const files: Readonly<Record<string, string>> = Object.fromEntries(
      Array.from({ length: COMMITS }, (_, commit): [string, string] => [
        `src/session${session}/file${commit}.ts`,
        Array.from({ length: 30 }, (_, line) => `export const value${line} = '${session} ${commit}'\n`).join(''),
      ]).filter((_, commit) => commit % SESSIONS === session),
    )
    await writeLongTranscript(machine, { id, bytes: SESSION_BYTES, files })
    for (const [path, content] of Object.entries(files)) machine.commit({ [path]: content }, `Write ${path}`)
  }
}

interface Usage {
  readonly seconds: number
  readonly megabytes: number
}

/** As git's hook pushes what HEAD has and the remote has not. */
async function measuredPush(machine: Machine): Promise<Usage> {
  const report = join(machine.home, 'usage.json')
  const hook = join(machine.home, 'usage.cjs')
  const write = `require('node:fs').writeFileSync(${JSON.stringify(report)}, JSON.stringify(process.resourceUsage()))`
  writeFileSync(hook, `process.on('exit', () => ${write})`)
  const refs = `refs/heads/main ${machine.git('rev-parse', 'HEAD')} refs/heads/main ${machine.git('rev-parse', 'origin/main')}\n`
  const started = performance.now()
  const environment = { NODE_OPTIONS: `--require ${hook}` }
  const ran = await machine.stemma(['push', '--hook', '--remote', 'origin', '--time-limit', '120'], {
    input: refs,
    environment,
  })
  const seconds = (performance.now() - started) / 1_000
  if (ran.code !== 0) throw new Error(`push ended with ${ran.code}: ${ran.stderr}${ran.stdout}`)
  const { maxRSS } = JSON.parse(readFileSync(report, 'utf8'))
  rmSync(report)
  return { seconds, megabytes: (maxRSS * 1_024) / 1_000_000 }
}

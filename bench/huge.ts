/**
 * A push beside transcripts of up to 1 GB, and a hook with a payload as large: time, and the most memory that the process of
 * the push ever held. All are generated on the disk and deleted afterwards. `--megabytes N,M` makes them of other sizes.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  createReadStream,
  createWriteStream,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { gunzipSync } from 'node:zlib'
import { readHeader } from '#core/session/session-text.ts'
import { createMachine, type Machine } from '../test/cli/machine.ts'
import type { Emit } from './measurement.ts'
import { writeLongTranscript } from './transcripts/contributing.ts'

const MEGABYTE = 1_000_000
/** About the length up to which a transcript is read whole, and far beyond it. */
const DEFAULT_MEGABYTES = [16, 31, 63, 1_000]
const ID = '0199a213-81c0-7800-8aa1-bbab2a035a53'
const BASKET = 'export function total(prices: number[]) {\n  return prices.reduce((sum, price) => sum + price, 0)\n}\n'
const LAUNCHER = join(import.meta.dirname, '..', 'cli', 'stemma')

export async function run(emit: Emit, options: readonly string[] = []): Promise<void> {
  const named = options[options.indexOf('--megabytes') + 1]?.split(',').map(Number) ?? []
  const sizes = named.length > 0 && named.every((size) => size > 0) ? named : DEFAULT_MEGABYTES
  const figure = (name: string, value: number, unit: string) => emit({ name, value, unit, better: 'lower' })
  for (const megabytes of sizes) {
    const machine = createMachine()
    try {
      await machine.stemma(['init', '--yes'])
      const request = { id: ID, bytes: megabytes * MEGABYTE, files: { 'basket.ts': BASKET } }
      const transcript = await writeLongTranscript(machine, request)
      const size = `${(statSync(transcript).size / MEGABYTE).toFixed(0)} MB`
      machine.commit({ 'basket.ts': BASKET }, 'Add a basket')
      const pushed = await measuredPush(machine)
      const kept = keptShare(machine, await linesOf(transcript))
      figure(`push beside a transcript of ${size}`, pushed.seconds, 's')
      figure(`peak memory of a push beside a transcript of ${size}`, pushed.megabytes, 'MB')
      emit({ name: `records of a transcript of ${size} in its evidence`, value: kept, unit: '%', better: 'higher' })
      rmSync(transcript)
      if (megabytes !== Math.max(...sizes)) continue
      const hook = await measuredHook(machine, megabytes * MEGABYTE)
      figure(`hook with a payload of ${megabytes} MB`, hook.seconds, 's')
      figure(`what a hook with a payload of ${megabytes} MB leaves on the disk`, hook.kept, 'MB')
      const after = await measuredPush(machine)
      figure(`peak memory of a push after that hook`, after.megabytes, 'MB')
    } finally {
      machine.remove()
    }
  }
}

interface Usage {
  readonly seconds: number
  readonly megabytes: number
}

async function measuredPush(machine: Machine): Promise<Usage> {
  const report = join(machine.home, 'usage.json')
  const hook = join(machine.home, 'usage.cjs')
  writeFileSync(
    hook,
    `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(report)}, JSON.stringify(process.resourceUsage())))`,
  )
  const started = performance.now()
  const ran = await machine.stemma(['push', 'HEAD'], { environment: { NODE_OPTIONS: `--require ${hook}` } })
  if (ran.code !== 0) throw new Error(`push ended with ${ran.code}: ${ran.stderr}${ran.stdout}`)
  // Kilobytes, as getrusage counts on Linux and libuv on all others.
  const { maxRSS } = JSON.parse(readFileSync(report, 'utf8'))
  return { seconds: (performance.now() - started) / 1_000, megabytes: (maxRSS * 1_024) / MEGABYTE }
}

/** Percent of the transcript's records that the session's evidence tells of. Those that are left out it must have counted. */
function keptShare(machine: Machine, lines: number): number {
  const folder = join(machine.state, 'outgoing')
  const [text = ''] = readdirSync(folder)
    .map((id) => join(folder, id, 'transcript.jsonl.gz'))
    .filter((path) => existsSync(path))
    .map((path) => gunzipSync(readFileSync(path)).toString())
  const { parse, warnings } = readHeader(text)
  const leftOut = Number(/: (\d+) records .* left out and counted nowhere/.exec(warnings.join('\n'))?.[1] ?? 0)
  if (parse.records + leftOut !== lines) {
    throw new Error(`${parse.records} records are told and ${leftOut} left out, of ${lines}`)
  }
  return (parse.records / lines) * 100
}

async function linesOf(path: string): Promise<number> {
  let lines = 0
  for await (const _ of createInterface({ input: createReadStream(path) })) lines++
  return lines
}

async function measuredHook(machine: Machine, bytes: number) {
  const path = join(machine.home, 'payload.json')
  const file = createWriteStream(path)
  const tool = { hook_event_name: 'PostToolUse', tool_name: 'Write', cwd: machine.root, session_id: ID }
  file.write(`${JSON.stringify(tool).slice(0, -1)},"tool_input":{"file_path":"${machine.root}/large.ts","content":"`)
  const part = 'x'.repeat(MEGABYTE)
  for (let written = 0; written < bytes; written += MEGABYTE) if (!file.write(part)) await once(file, 'drain')
  file.end('"},"tool_use_id":"toolu_last"}')
  await once(file, 'close')
  const started = performance.now()
  const child = spawn(LAUNCHER, ['hook', 'claude-code'], { cwd: machine.root, stdio: ['pipe', 'ignore', 'inherit'] })
  createReadStream(path).pipe(child.stdin)
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`the hook ended with ${code}`)
  const seconds = (performance.now() - started) / 1_000
  rmSync(path)
  const spool = join(machine.state, 'spool')
  const kept = readdirSync(spool).reduce((sum, name) => sum + statSync(join(spool, name)).size, 0) / MEGABYTE
  if (kept === 0) throw new Error('the hook left nothing')
  return { seconds, kept }
}

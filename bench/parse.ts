/**
 * How fast each agent's transcripts become Sessions, header and prices included, beside `JSON.parse` of the same lines.
 * Both read the same text in turns; each figure is that of the best round, which neighbours disturbed least.
 */
import type { Agent, ParseContext, TranscriptFile } from '#core/agents/agent.ts'
import { claudeCode } from '#core/agents/claude-code/index.ts'
import { codex } from '#core/agents/codex/index.ts'
import { geminiCli } from '#core/agents/gemini-cli/index.ts'
import { compared, type Emit } from './measurement.ts'
import { claudeCodeLines } from './transcripts/claude-code.ts'
import { codexLines } from './transcripts/codex.ts'
import { geminiCliLines } from './transcripts/gemini-cli.ts'

const MEGABYTE = 1_000_000
/** A heavy day of one agent. */
const BYTES = 20 * MEGABYTE
const ROUNDS = 9
const ROOT = '/home/ada/shop'
const ID = '0199a213-81c0-7800-8aa1-bbab2a035a53'

interface Sample {
  readonly agent: Agent
  readonly path: string
  readonly lines: (root: string, sessionId: string) => Iterable<string>
}

const samples: readonly Sample[] = [
  { agent: claudeCode, path: `${ID}.jsonl`, lines: claudeCodeLines },
  { agent: codex, path: `2026/11/10/rollout-2026-11-10T08-00-00-${ID}.jsonl`, lines: codexLines },
  { agent: geminiCli, path: 'shop/chats/session-2026-11-10T08-00-0199a213.jsonl', lines: geminiCliLines },
]

const context: ParseContext = { roots: [ROOT], home: '/home/ada', capture: 'both', countedMessages: new Set() }

export async function run(emit: Emit, options: readonly string[] = []): Promise<void> {
  for (const { agent, path, lines } of samples) {
    if (options.length > 0 && !options.includes(agent.id)) continue
    const text = textOf(lines(ROOT, ID))
    const files: readonly TranscriptFile[] = [{ path, text }]
    const split = text.trimEnd().split('\n')
    const [parsing, bare]: [number[], number[]] = [[], []]
    for (let round = -2; round < ROUNDS; round++) {
      const times = [
        seconds(() => {
          for (const line of split) JSON.parse(line)
        }),
        seconds(() => {
          const session = agent.parse(files, context)
          if (session === null || session.parse.malformed > 0 || session.events.length < 1_000) {
            throw new Error(`${agent.title}: the generated transcript was not read`)
          }
        }),
      ] as const
      // The first rounds compile.
      if (round < 0) continue
      bare.push(times[0])
      parsing.push(times[1])
    }
    const rate = (times: readonly number[]): number => text.length / MEGABYTE / Math.min(...times)
    const name = `${agent.title} transcript of ${(text.length / MEGABYTE).toFixed(0)} MB`
    emit(
      compared(
        { name, value: rate(parsing), unit: 'MB/s', better: 'higher' },
        { name: 'JSON.parse of the same lines', value: rate(bare) },
      ),
    )
  }
}

function textOf(lines: Iterable<string>): string {
  const parts: string[] = []
  let length = 0
  for (const line of lines) {
    parts.push(line)
    length += line.length + 1
    if (length >= BYTES) break
  }
  return `${parts.join('\n')}\n`
}

function seconds(work: () => void): number {
  const started = performance.now()
  work()
  return (performance.now() - started) / 1_000
}

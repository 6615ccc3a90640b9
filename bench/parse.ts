/**
 * How fast each agent's transcripts become Sessions, header and prices included, beside `JSON.parse` of the same lines.
 * Both read the same text in turns. Times are those of the processor, of all threads of this process: neighbours stretch the
 * longer of two pieces of work more than the shorter. Each figure is that of the middle round.
 */
import type { Agent, ParseContext, TranscriptFile } from '#core/agents/agent.ts'
import { claudeCode } from '#core/agents/claude-code/index.ts'
import { codex } from '#core/agents/codex/index.ts'
import { copilotCli } from '#core/agents/copilot-cli/index.ts'
import { cursor } from '#core/agents/cursor/index.ts'
import { geminiCli } from '#core/agents/gemini-cli/index.ts'
import { opencode } from '#core/agents/opencode/index.ts'
import { compared, type Emit, percentile } from './measurement.ts'
import { claudeCodeLines } from './transcripts/claude-code.ts'
import { codexLines } from './transcripts/codex.ts'
import { copilotCliLines } from './transcripts/copilot-cli.ts'
import { cursorLines } from './transcripts/cursor.ts'
import { geminiCliLines } from './transcripts/gemini-cli.ts'
import { opencodeLines } from './transcripts/opencode.ts'

const MEGABYTE = 1_000_000
/** A heavy day of one agent. */
const BYTES = 20 * MEGABYTE
const ROUNDS = 15
const ROOT = '/home/ada/shop'
const ID = '0199a213-81c0-7800-8aa1-bbab2a035a53'

interface Sample {
  readonly agent: Agent
  readonly path: string
  readonly lines: (root: string, sessionId: string) => Iterable<string>
  /** The member of a line whose text is JSON again: bare parsing reads it as well. */
  readonly nested?: string
}

const samples: readonly Sample[] = [
  { agent: claudeCode, path: `${ID}.jsonl`, lines: claudeCodeLines },
  { agent: codex, path: `2026/11/10/rollout-2026-11-10T08-00-00-${ID}.jsonl`, lines: codexLines },
  { agent: geminiCli, path: 'shop/chats/session-2026-11-10T08-00-0199a213.jsonl', lines: geminiCliLines },
  { agent: opencode, path: `${ID}.jsonl`, lines: opencodeLines, nested: 'data' },
  { agent: copilotCli, path: `${ID}/events.jsonl`, lines: copilotCliLines },
  { agent: cursor, path: `${ID}/${ID}.jsonl`, lines: cursorLines },
]

const context: ParseContext = { roots: [ROOT], home: '/home/ada', capture: 'both', countedMessages: new Set() }

export async function run(emit: Emit, options: readonly string[] = []): Promise<void> {
  for (const { agent, path, lines, nested } of samples) {
    if (options.length > 0 && !options.includes(agent.id)) continue
    const text = textOf(lines(ROOT, ID))
    const files: readonly TranscriptFile[] = [{ path, text }]
    const split = text.trimEnd().split('\n')
    const [parsing, bare]: [number[], number[]] = [[], []]
    for (let round = -2; round < ROUNDS; round++) {
      const times = [
        seconds(() => {
          for (const line of split) {
            const record: Readonly<Record<string, string>> = JSON.parse(line)
            if (nested !== undefined) JSON.parse(record[nested] ?? '')
          }
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
    const rate = (times: readonly number[]): number => text.length / MEGABYTE / percentile(times, 0.5)
    const name = `${agent.title} transcript of ${(text.length / MEGABYTE).toFixed(0)} MB`
    emit(
      compared(
        { name, value: rate(parsing), unit: 'MB/s', better: 'higher' },
        {
          name: `JSON.parse of the same lines${nested === undefined ? '' : ' and of the JSON in them'}`,
          value: rate(bare),
        },
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
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000_000
}

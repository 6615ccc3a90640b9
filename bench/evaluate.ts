/**
 * What it costs to judge a long session by every built-in policy: the first time in a process, with nothing compiled or
 * remembered, as in an isolate that just started, and from then on. In Node, which runs the same V8 as workerd.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { policies } from '#core/policy/registry.ts'
import { type Cost, everyPolicy, judge, longSession } from './evaluate/judge.ts'
import { compared, type Emit, percentile } from './measurement.ts'

const COLD_PROCESSES = 7
const ROUNDS = 11
/** Of each policy alone only those are told that cost something. */
const WORTH_TELLING_MS = 1

export async function run(emit: Emit, options: readonly string[] = []): Promise<void> {
  const cold: Cost[] = []
  // One after the other: two at once would take each other's caches.
  for (let round = 0; round < COLD_PROCESSES; round++) cold.push(await first())
  const text = longSession()
  judge(text)
  const warm = Array.from({ length: ROUNDS }, () => judge(text))

  const title = `${policies.length} policies over ${(text.length / 1e6).toFixed(1)} MB`
  const figure = (name: string, value: number) => ({ name, value, unit: 'ms CPU', better: 'lower' as const })
  for (const [when, costs] of [
    ['first in its process', cold],
    ['from then on', warm],
  ] as const) {
    const reading = { name: 'reading the session as JSON', value: median(costs, 'reading') }
    emit(compared(figure(`${title}, ${when}`, median(costs, 'thread')), reading))
    emit(figure(`${title}, ${when}, with the engine's own threads`, median(costs, 'process')))
  }
  if (!options.includes('--each')) return
  for (const entry of everyPolicy.policies) {
    const alone = { ...everyPolicy, policies: [entry] }
    const own = median(
      Array.from({ length: 5 }, () => judge(text, alone)),
      'thread',
    )
    if (own >= WORTH_TELLING_MS) emit(figure(`${entry.policy} alone`, own))
  }
}

async function first(): Promise<Cost> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'evaluate/judge.ts')])
  return JSON.parse(stdout)
}

function median(costs: readonly Cost[], which: keyof Cost): number {
  return percentile(
    costs.map((cost) => cost[which]),
    0.5,
  )
}

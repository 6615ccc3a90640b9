/**
 * What it costs to judge a long session by every built-in policy. Each round gets a session of its own, as each message
 * of the queue does: what is remembered for one session is computed anew. In Node, which runs the same V8 as workerd.
 */
import type { Contract } from '#core/policy/contract.ts'
import { evaluate } from '#core/policy/evaluate.ts'
import { policies } from '#core/policy/registry.ts'
import { exampleCommit } from '#core/policy/subject.ts'
import type { Session } from '#core/session/session.ts'
import { sampleSession } from './evaluate/session.ts'
import { type Emit, percentile } from './measurement.ts'

const SIZE = 5_000_000
const ROUNDS = 11
/** Of each policy alone only those are told that cost something. */
const WORTH_TELLING_MS = 1

const contract: Contract = {
  name: 'measured',
  version: 1,
  policies: policies.map(({ id }) => ({ policy: id, with: {}, gate: false })),
  missingSession: 'success',
}

export async function run(emit: Emit, options: readonly string[] = []): Promise<void> {
  const session = sampleSession(SIZE)
  const size = JSON.stringify(session).length
  const commits = [exampleCommit({ ai: 900, human: 100 })]
  const judge = (one: Session, only: Contract = contract) => {
    const before = process.cpuUsage()
    const verdicts = evaluate(only, { session: one, commits })
    const { user, system } = process.cpuUsage(before)
    if (verdicts.length !== only.policies.length) throw new Error('a policy has given no verdict')
    return (user + system) / 1000
  }
  const title = `${policies.length} policies over ${(size / 1e6).toFixed(1)} MB with ${session.events.length} events`
  const figure = (name: string, value: number) => ({ name, value, unit: 'ms CPU', better: 'lower' as const })
  emit(figure(`${title}, first in its process`, judge(fresh(session))))
  const times = Array.from({ length: ROUNDS }, () => judge(fresh(session)))
  emit(figure(`${title}, median`, percentile(times, 0.5)))
  if (!options.includes('--each')) return
  for (const entry of contract.policies) {
    const alone = { ...contract, policies: [entry] }
    const own = percentile(
      Array.from({ length: 5 }, () => judge(fresh(session), alone)),
      0.5,
    )
    if (own >= WORTH_TELLING_MS) emit(figure(`${entry.policy} alone`, own))
  }
}

/** Equal, and remembered by nobody. */
function fresh(session: Session): Session {
  return { ...session, events: session.events.map((event) => ({ ...event })) }
}

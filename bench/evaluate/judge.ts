/** Judges one long session by every built-in policy, and says what that cost. Started by itself, the first time only. */
import { z } from 'zod'
import type { Contract } from '#core/policy/contract.ts'
import { evaluate } from '#core/policy/evaluate.ts'
import { policies } from '#core/policy/registry.ts'
import { exampleCommit } from '#core/policy/subject.ts'
import type { Session } from '#core/session/session.ts'
import { sampleSession } from './session.ts'

// A Worker may not make code from text, so that zod does not compile its schemas there.
z.config({ jitless: true })

const SIZE = 5_000_000

/** Milliseconds of CPU. */
export interface Cost {
  /** Of the thread that judges, collection of garbage on it included: what a Worker is charged. */
  readonly thread: number
  /** With the threads beside it, on which the engine compiles and collects. */
  readonly process: number
  /** The same, of reading the session as JSON: how fast the machine is just now. */
  readonly reading: number
}

export const everyPolicy: Contract = {
  name: 'measured',
  version: 1,
  policies: policies.map(({ id }) => ({ policy: id, with: {}, gate: false })),
  missingSession: 'success',
}

const commits = [exampleCommit({ ai: 900, human: 100 })]

export function longSession(): string {
  return JSON.stringify(sampleSession(SIZE))
}

/** Each time a session of its own, read as each message of the queue reads it: what is remembered for one is computed anew. */
export function judge(text: string, contract: Contract = everyPolicy): Cost {
  const started = process.threadCpuUsage()
  const session: Session = JSON.parse(text)
  const reading = milliseconds(process.threadCpuUsage(started))
  const [onThread, inAll] = [process.threadCpuUsage(), process.cpuUsage()]
  const verdicts = evaluate(contract, { session, commits })
  const thread = milliseconds(process.threadCpuUsage(onThread))
  const all = milliseconds(process.cpuUsage(inAll))
  if (verdicts.length !== contract.policies.length) throw new Error('a policy has given no verdict')
  if (verdicts.some(({ reason }) => reason?.startsWith('The policy could not be evaluated'))) {
    throw new Error('a policy has broken')
  }
  return { thread, process: all, reading }
}

function milliseconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000
}

if (import.meta.main) process.stdout.write(JSON.stringify(judge(longSession())))

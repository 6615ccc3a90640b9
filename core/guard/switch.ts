/**
 * The file `guard` in the repository's state: it is there where the guard is on, one line for each guarded agent, read by
 * the launcher: `<agent>` and, after a space, what the agent is told where the guard itself breaks (nothing = let through).
 */
import type { GuardSettings } from '../policy/contract-policies.ts'
import type { AgentGuard } from './guard.ts'

const FAILURE =
  'Stemma: the local guard could not decide, and the contract stops calls then. Instead: run `stemma guard status`, and ask a person.'

export function writeSwitch(guards: readonly AgentGuard[], settings: GuardSettings | undefined): string {
  const isClosed = settings?.failure === 'deny'
  return guards
    .map(({ agent, reply }) => (isClosed ? `${agent} ${reply('deny', FAILURE, null)}\n` : `${agent}\n`))
    .join('')
}

/** The guarded agents of those given; null text = none. */
export function readSwitch(text: string | null, guards: readonly AgentGuard[]): readonly AgentGuard[] {
  const named = new Set((text ?? '').split('\n').map((line) => line.split(' ')[0]))
  return guards.filter(({ agent }) => named.has(agent))
}

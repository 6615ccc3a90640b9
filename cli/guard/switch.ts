/** The guard on and off: one small file in the repository's state, which the launcher looks for at each hook. */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { AgentGuard } from '#core/guard/guard.ts'
import { agentGuards } from '#core/guard/registry.ts'
import { readSwitch, writeSwitch } from '#core/guard/switch.ts'
import type { GuardSettings } from '#core/policy/contract-policies.ts'
import { readText, writeDurably } from '../io/files.ts'

const switchPath = (stateDirectory: string) => join(stateDirectory, 'guard')

export async function guardedAgents(stateDirectory: string): Promise<readonly AgentGuard[]> {
  return readSwitch(await readText(switchPath(stateDirectory)), agentGuards)
}

export async function setGuardedAgents(
  stateDirectory: string,
  guards: readonly AgentGuard[],
  settings: GuardSettings | undefined,
): Promise<void> {
  if (guards.length === 0) {
    await rm(switchPath(stateDirectory), { force: true })
    return
  }
  await mkdir(stateDirectory, { recursive: true })
  await writeDurably(switchPath(stateDirectory), writeSwitch(guards, settings), 0o600)
}

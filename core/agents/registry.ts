/** Every agent that Stemma knows. A new agent is one folder and one line here. */
import type { Agent, HookedAgent } from './agent.ts'
import { claudeCode } from './claude-code/index.ts'
import { codex } from './codex/index.ts'
import { copilotCli } from './copilot-cli/index.ts'
import { cursor } from './cursor/index.ts'
import { geminiCli } from './gemini-cli/index.ts'
import { generic } from './generic/index.ts'
import { opencode } from './opencode/index.ts'

export const agents: readonly Agent[] = [claudeCode, codex, geminiCli, opencode, copilotCli, cursor, generic]

export const hookedAgents: readonly HookedAgent[] = agents.filter(
  (agent): agent is HookedAgent => agent.hookFile !== null,
)

export function agentById(id: string): Agent | null {
  return agents.find((agent) => agent.id === id) ?? null
}

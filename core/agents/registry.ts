/** Every agent that Stemma knows. A new agent is one folder and one line here. */
import type { Agent } from './agent.ts'
import { claudeCode } from './claude-code/index.ts'
import { codex } from './codex/index.ts'
import { cursor } from './cursor/index.ts'
import { geminiCli } from './gemini-cli/index.ts'

export const agents: readonly Agent[] = [claudeCode, codex, geminiCli, cursor]

export function agentById(id: string): Agent | null {
  return agents.find((agent) => agent.id === id) ?? null
}

/** Every agent that can be run for real. A new one is one file and one line here. */
import { claudeCode } from './claude-code.ts'
import { codex } from './codex.ts'
import { geminiCli } from './gemini-cli.ts'
import type { RealAgent } from './real-agent.ts'

export const realAgents: readonly RealAgent[] = [claudeCode, codex, geminiCli]

/** Every agent that can be run for real. A new one is one file and one line here. */
import { claudeCode } from './claude-code.ts'
import { codex } from './codex.ts'
import { copilotCli } from './copilot-cli.ts'
import { geminiCli } from './gemini-cli.ts'
import { opencode } from './opencode.ts'
import type { RealAgent } from './real-agent.ts'

export const realAgents: readonly RealAgent[] = [claudeCode, codex, geminiCli, opencode, copilotCli]

/** Every agent that the guard can stop, apart from the agents' registry: a guard must start without the parsers of transcripts. */
import { claudeGuard } from '../agents/claude-code/guard.ts'
import { codexGuard } from '../agents/codex/guard.ts'
import { copilotGuard } from '../agents/copilot-cli/guard.ts'
import { cursorGuard } from '../agents/cursor/guard.ts'
import { geminiGuard } from '../agents/gemini-cli/guard.ts'
import { opencodeGuard } from '../agents/opencode/guard.ts'
import type { AgentGuard } from './guard.ts'

export const agentGuards: readonly AgentGuard[] = [
  claudeGuard,
  codexGuard,
  geminiGuard,
  copilotGuard,
  cursorGuard,
  opencodeGuard,
]

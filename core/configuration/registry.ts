/** Where each agent keeps its configuration. An agent's places are one file in its folder and one line here. */
import { claudeCodePlaces } from '../agents/claude-code/configuration.ts'
import { codexPlaces } from '../agents/codex/configuration.ts'
import { copilotCliPlaces } from '../agents/copilot-cli/configuration.ts'
import { cursorPlaces } from '../agents/cursor/configuration.ts'
import { geminiCliPlaces } from '../agents/gemini-cli/configuration.ts'
import { opencodePlaces } from '../agents/opencode/configuration.ts'
import type { AgentPlaces } from './places.ts'

export const configuredAgents: readonly AgentPlaces[] = [
  claudeCodePlaces,
  codexPlaces,
  geminiCliPlaces,
  opencodePlaces,
  copilotCliPlaces,
  cursorPlaces,
]

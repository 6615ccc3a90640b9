/**
 * Which agent called a hook. The configuration that started it proves nothing: Cursor and Copilot run the hooks of Claude
 * Code's settings too. The environment proves little: an agent started by an agent inherits all of it. So the payload
 * speaks first, then a session id that environment and payload share, and only then the environment alone.
 */
import { asObject, type JsonObject, objectIn, textIn } from './json-value.ts'

type Environment = Readonly<Record<string, string>>

interface Sign {
  readonly agent: string
  readonly isSeen: (payload: JsonObject, environment: Environment) => boolean
}

/** The first sign that is seen decides. */
const signs: readonly Sign[] = [
  // What only that agent's payloads carry.
  { agent: 'generic', isSeen: (payload) => textIn(payload, 'schema')?.startsWith('stemma.event/') === true },
  { agent: 'opencode', isSeen: (payload) => hasText(payload, 'sessionID') && hasText(payload, 'event') },
  { agent: 'cursor', isSeen: (payload) => hasText(payload, 'cursor_version') },
  { agent: 'cursor', isSeen: (payload) => hasText(payload, 'conversation_id') && hasText(payload, 'generation_id') },
  { agent: 'codex', isSeen: (payload) => isClaudeForm(payload) && hasText(payload, 'turn_id') },
  { agent: 'codex', isSeen: (payload) => transcriptIs(payload, /(?:^|\/)rollout-[^/]*-[0-9a-f-]{36}\.jsonl$/) },
  { agent: 'gemini-cli', isSeen: (payload) => transcriptIs(payload, /\/\.gemini\/tmp\/.*\/session-[^/]+\.jsonl?$/) },
  { agent: 'copilot-cli', isSeen: (payload) => transcriptIs(payload, /\/session-state\/[^/]+\/events\.jsonl$/) },
  { agent: 'copilot-cli', isSeen: (payload) => hasText(objectIn(payload, 'tool_result'), 'result_type') },
  { agent: 'cursor', isSeen: (payload) => transcriptIs(payload, /\/agent-transcripts\//) },
  { agent: 'claude-code', isSeen: (payload) => transcriptIs(payload, /\/projects\/[^/]+\/[^/]+\.jsonl$/) },
  // The session of the payload is the one of the environment: inherited from an outer agent it would be another.
  { agent: 'gemini-cli', isSeen: (payload, { GEMINI_SESSION_ID }) => isSession(payload, GEMINI_SESSION_ID) },
  { agent: 'claude-code', isSeen: (payload, { CLAUDE_CODE_SESSION_ID }) => isSession(payload, CLAUDE_CODE_SESSION_ID) },
  // Copilot: camelCase from its own hooks; from Claude Code's settings snake_case, and never a transcript.
  { agent: 'copilot-cli', isSeen: (payload, environment) => isNative(payload) && has(environment, 'COPILOT_CLI') },
  {
    agent: 'copilot-cli',
    isSeen: (payload, environment) =>
      isClaudeForm(payload) && !hasText(payload, 'transcript_path') && has(environment, 'COPILOT_CLI'),
  },
  // With a transcript at a place that nobody knows, the environment is all there is, and Claude Code's is the one that
  // it sets for itself; another agent's beside it may be the one inside or the one around, which nothing tells.
  {
    agent: 'claude-code',
    isSeen: (payload, environment) =>
      isClaudeForm(payload) &&
      hasText(payload, 'transcript_path') &&
      environment['CLAUDECODE'] === '1' &&
      !['CURSOR_VERSION', 'COPILOT_CLI', 'GEMINI_SESSION_ID'].some((name) => has(environment, name)),
  },
]

/** Id of the agent; null where nothing tells, so that whoever configured the hook is the best guess. */
export function callerOf(environment: Environment, payload: unknown): string | null {
  const json = asObject(payload)
  if (json === null) return null
  return signs.find(({ isSeen }) => isSeen(json, environment))?.agent ?? null
}

/** `Agent.isCaller` of the agent with that id. */
export function callsAs(agent: string): (environment: Environment, payload: unknown) => boolean {
  return (environment, payload) => callerOf(environment, payload) === agent
}

/** The form that Claude Code's hooks have, in which several agents speak. */
function isClaudeForm(payload: JsonObject): boolean {
  return hasText(payload, 'hook_event_name') && hasText(payload, 'session_id')
}

/** Copilot's own form, which names no event. */
function isNative(payload: JsonObject): boolean {
  return hasText(payload, 'sessionId') && typeof payload['timestamp'] === 'number' && hasText(payload, 'cwd')
}

function isSession(payload: JsonObject, session: string | undefined): boolean {
  return session !== undefined && session !== '' && isClaudeForm(payload) && textIn(payload, 'session_id') === session
}

function hasText(json: JsonObject | null, key: string): boolean {
  return (textIn(json, key) ?? '') !== ''
}

function has(environment: Environment, name: string): boolean {
  return Object.hasOwn(environment, name) && environment[name] !== ''
}

/** Looks at the end alone: a path may be as long as somebody likes. */
function transcriptIs(payload: JsonObject, pattern: RegExp): boolean {
  const path =
    textIn(payload, 'transcript_path') ?? textIn(payload, 'transcriptPath') ?? textIn(payload, 'agent_transcript_path')
  return path !== null && path !== '' && pattern.test(path.slice(-4096).replaceAll('\\', '/'))
}

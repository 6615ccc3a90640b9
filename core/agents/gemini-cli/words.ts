/** Tells what a person typed from what the program put into the user's role. */

export interface UserWords {
  /** null: a person's. */
  readonly source: string | null
  readonly text: string
}

const beginnings: readonly (readonly [RegExp, string])[] = [
  [/^<session_context>/, 'session-context'],
  [/^This is the Gemini CLI\. We are setting up the context for our chat/, 'session-context'],
  [/^<state_snapshot>/, 'compact-summary'],
  [/^<(hook_context|system-reminder|system_reminder|background_)/, 'program'],
  [/^(System: )?Please continue\.?$/, 'program'],
  [/^(System|\[System\]): /, 'program'],
  [/^[/?]\w/, 'command'],
  [/^<(activated_skill|skill)\b/, 'skill'],
]

export function userWords(text: string, isSubagent: boolean): UserWords {
  const start = text.slice(0, 200).trimStart()
  const known = beginnings.find(([pattern]) => pattern.test(start))?.[1] ?? null
  return { source: known ?? (isSubagent ? 'subagent-task' : null), text }
}

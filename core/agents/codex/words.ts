/** Tells what a person typed from what the program put into the user's role. */
import { type JsonObject, listIn, objectIn, objectsIn, textIn } from '../json-value.ts'

export interface Words {
  /** null: a person's. */
  readonly source: string | null
  readonly text: string
}

/** Older versions say nothing of where a text comes from; these are the beginnings of what they inject. */
const beginnings: readonly (readonly [RegExp, string])[] = [
  [/^<environment_context>/, 'environment'],
  [/^# AGENTS\.md instructions\b/, 'instructions'],
  [/^<(user_instructions|INSTRUCTIONS)>/, 'instructions'],
  [/^<(skill|skills_instructions)>/, 'skill'],
  [/^<turn_aborted>/, 'turn-aborted'],
  [/^<user_shell_command>/, 'user-shell'],
  [
    /^<(subagent_notification|permissions instructions|collaboration_mode|model_switch|personality_spec|apps_instructions|plugins_instructions|hook_prompt|multi_agent)/,
    'program',
  ],
  [/^<user_action>/, 'user-action'],
  [/^Another language model started to solve this problem/, 'compact-summary'],
]

/** One entry for each part of a message in the user's role. */
export function wordsOf(message: JsonObject, isSubagent: boolean): readonly Words[] {
  const kinds = listIn(objectIn(message, 'internal_chat_message_metadata_passthrough'), 'content_item_kinds')
  return objectsIn(message, 'content').map((part, index) => {
    const text = textIn(part, 'text') ?? `[${(textIn(part, 'type') ?? 'unknown').replace(/^input_/, '').slice(0, 60)}]`
    const kind = kinds[index]
    return { source: sourceOf(text, typeof kind === 'string' ? kind : null, isSubagent), text }
  })
}

function sourceOf(text: string, kind: string | null, isSubagent: boolean): string | null {
  const start = text.slice(0, 100).trimStart()
  const known = beginnings.find(([pattern]) => pattern.test(start))?.[1] ?? null
  if (kind !== null && kind !== 'unknown' && !/^user\./.test(kind)) return kind.slice(0, 100)
  if (known !== null && kind === null) return known
  return isSubagent ? 'subagent-task' : null
}

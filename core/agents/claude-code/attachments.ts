/** Attachments: what the program added to the conversation by itself, and prompts that waited in its queue. */
import { asObject, type JsonObject, objectIn, objectsIn, textIn } from '../json-value.ts'
import { blockText } from './blocks.ts'

export type AttachmentText =
  | { readonly kind: 'prompt'; readonly text: string }
  | { readonly kind: 'context'; readonly source: string; readonly text: string }

/** `place` gives paths the form of FileEdit.path. null for a type that is not known. */
export function attachmentTexts(
  attachment: JsonObject,
  place: (path: string) => string,
): readonly AttachmentText[] | null {
  const about = (kind: string, path: string | null, text: string | null): AttachmentText =>
    context(`${kind}:${path === null ? 'unknown' : place(path)}`, text ?? '')
  const type = textIn(attachment, 'type') ?? ''
  if (type === 'queued_command') return queued(attachment)
  if (type === 'instructions') {
    return objectsIn(attachment, 'files').map((file) =>
      about('instructions', textIn(file, 'path'), textIn(file, 'content')),
    )
  }
  if (type === 'nested_memory') {
    const content = objectIn(attachment, 'content')
    return [about('instructions', textIn(attachment, 'path') ?? textIn(content, 'path'), textIn(content, 'content'))]
  }
  if (type === 'session_context') {
    return [context('session-context', textIn(objectIn(attachment, 'context'), 'gitStatus') ?? '')]
  }
  if (type === 'edited_text_file') {
    return [about('changed-outside', textIn(attachment, 'filename'), textIn(attachment, 'snippet'))]
  }
  if (type === 'file' || type === 'compact_file_reference' || type === 'directory') {
    return [about(type, textIn(attachment, 'filename') ?? textIn(attachment, 'path'), fileText(attachment))]
  }
  if (
    /^(hook_|async_hook_|diagnostics$|selected_lines|opened_file|critical_system|mcp_resource|task_status|skill$|invoked_skills)/.test(
      type,
    )
  ) {
    return [context(type, anyText(attachment))]
  }
  return null
}

/** What a person types while the agent works waits in a queue; notifications of the program wait in the same one. */
function queued(attachment: JsonObject): readonly AttachmentText[] {
  const text = textIn(attachment, 'prompt') ?? blockText(attachment['prompt'])
  const mode = textIn(attachment, 'commandMode') ?? 'prompt'
  const origin = textIn(objectIn(attachment, 'origin'), 'kind') ?? 'human'
  const isTyped = mode === 'prompt' && origin === 'human' && attachment['isMeta'] !== true
  return [
    isTyped && !text.startsWith('<task-notification>')
      ? { kind: 'prompt', text }
      : context(mode === 'prompt' ? origin : mode, text),
  ]
}

function fileText(attachment: JsonObject): string {
  const content = objectIn(attachment, 'content')
  return textIn(objectIn(content, 'file'), 'content') ?? textIn(attachment, 'content') ?? ''
}

/** The first text that an attachment of a less usual type carries. */
function anyText(attachment: JsonObject): string {
  for (const key of ['content', 'text', 'message', 'stderr', 'stdout', 'snippet', 'blockingError']) {
    const value = attachment[key]
    const text = textIn(attachment, key) ?? blockText(value) ?? textIn(asObject(value), 'blockingError')
    if (text !== null && text !== '') return text
  }
  return ''
}

function context(source: string, text: string): AttachmentText {
  return { kind: 'context', source: source.slice(0, 300), text }
}

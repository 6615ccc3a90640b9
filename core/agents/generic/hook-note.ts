/** One event of the format, given to `stemma hook generic`; several may be given at once, one a line. */

import { toolCategories } from '../../session/event.ts'
import type { HookNote } from '../agent.ts'
import { readObject } from '../json-lines.ts'
import { asObject, listIn, textIn } from '../json-value.ts'
import { absolutePath } from '../paths.ts'
import { safeId } from '../safe-id.ts'
import { GENERIC } from './format.ts'

const events: ReadonlyMap<string, HookNote['event']> = new Map([
  ['sessionStart', 'sessionStart'],
  ['sessionEnd', 'sessionEnd'],
  ['prompt', 'prompt'],
  ['toolCall', 'beforeTool'],
  ['toolResult', 'afterTool'],
  ['fileEdit', 'afterTool'],
])

/** Of several lines, the first that names a session. */
export function readHook(payload: unknown): HookNote | null {
  const json = typeof payload === 'string' ? firstOf(payload) : asObject(payload)
  const session = safeId(textIn(json, 'sessionId'))
  const kind = textIn(json, 'kind')
  if (session === null || kind === null) return null
  const workingDirectory = textIn(json, 'cwd')
  const named = [textIn(json, 'path'), ...listIn(json, 'paths')].filter((path) => typeof path === 'string')
  return {
    agent: GENERIC,
    session: `${GENERIC}:${session}`,
    event: events.get(kind) ?? 'other',
    callId: textIn(json, 'callId'),
    category:
      kind === 'fileEdit'
        ? 'edit'
        : kind === 'toolCall' || kind === 'toolResult'
          ? categoryOf(textIn(json, 'category'))
          : null,
    paths: named.map((path) => absolutePath(path, workingDirectory)).filter((path) => path !== null),
    transcriptPath: null,
    workingDirectory,
    model: textIn(json, 'model'),
  }
}

function categoryOf(word: string | null): NonNullable<HookNote['category']> {
  return toolCategories.find((category) => category === word) ?? 'other'
}

function firstOf(text: string) {
  for (const line of text.split('\n').slice(0, 10_000)) {
    const json = readObject(line)
    if (textIn(json, 'sessionId') !== null) return json
  }
  return null
}

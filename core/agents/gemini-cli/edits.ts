/** What a file tool did: from the texts that the agent recorded, from its diff, or from the call itself. */
import type { FileEdit } from '../../session/event.ts'
import { created, difference, placeless, unifiedHunks } from '../hunks.ts'
import { booleanIn, countIn, type JsonObject, objectIn, textIn } from '../json-value.ts'

/** `path` as the agent wrote it; null where the call edited nothing. */
export function editOf(call: JsonObject, input: JsonObject): FileEdit | null {
  const display = objectIn(call, 'resultDisplay')
  const path = textIn(display, 'filePath') ?? textIn(input, 'file_path')
  if (path === null || path === '') return null
  const diff = textIn(display, 'fileDiff')
  const before = textIn(display, 'originalContent')
  const after = textIn(display, 'newContent')
  const isNew = booleanIn(display, 'isNewFile') ?? (diff !== null && /^@@ -0,0 /m.test(diff))
  const userModified = modifiedByUser(objectIn(display, 'diffStat'))
  if (after !== null && (isNew || before !== null)) {
    const hunks = isNew ? created(after) : difference(before ?? '', after)
    return { path, kind: isNew ? 'create' : 'update', hunks, userModified }
  }
  if (diff !== null) return { path, kind: isNew ? 'create' : 'update', hunks: unifiedHunks(diff), userModified }
  return fromCall(path, input, userModified)
}

function modifiedByUser(stat: JsonObject | null): boolean | null {
  const counts = ['user_added_lines', 'user_removed_lines'].map((key) => countIn(stat, key))
  return counts.some((count) => count === null) ? null : counts.some((count) => count !== 0)
}

/** What was there before is not known. */
function fromCall(path: string, input: JsonObject, userModified: boolean | null): FileEdit | null {
  const content = textIn(input, 'content')
  if (content !== null) return { path, kind: 'update', hunks: created(content), userModified }
  const from = textIn(input, 'old_string')
  const to = textIn(input, 'new_string')
  if (from === null || to === null) return null
  return { path, kind: 'update', hunks: placeless(difference(from, to)), userModified }
}

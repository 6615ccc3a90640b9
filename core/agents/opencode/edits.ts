/** What a call did to files: as the program noted it in the call's metadata, else as the call says. */
import type { FileEdit } from '../../session/event.ts'
import { patchEdits } from '../codex/edits.ts'
import type { FileContents } from '../file-contents.ts'
import { created, deleted, difference, placeless, unifiedHunks } from '../hunks.ts'
import { booleanIn, type JsonObject, objectIn, objectsIn, textIn } from '../json-value.ts'
import { absolutePath } from '../paths.ts'
import { patchIn } from './tools.ts'

export interface EditedCall {
  readonly input: JsonObject
  readonly metadata: JsonObject
  readonly contents: FileContents
  readonly workingDirectory: string | null
}

/** Files of one call beyond this are left out: no model writes as many. */
const MAX_FILES = 2_000

/** Paths as the agent wrote them. */
export function editsOf(call: EditedCall): readonly FileEdit[] {
  const { input, metadata, contents, workingDirectory } = call
  const files = objectsIn(metadata, 'files').slice(0, MAX_FILES)
  if (files.length > 0) return files.flatMap((file) => patchedFile(file, contents))
  const patch = patchIn(input)
  if (patch !== null) return patchEdits(patch, contents, (path) => absolutePath(path, workingDirectory) ?? path)
  const path = textIn(input, 'filePath') ?? textIn(objectIn(metadata, 'filediff'), 'file')
  return path === null || path === '' ? [] : oneFile(path, call)
}

/** Of `apply_patch`. A moved file has lines under its new name; those that went with the old one are not its own. */
function patchedFile(file: JsonObject, contents: FileContents): readonly FileEdit[] {
  const path = textIn(file, 'filePath')
  if (path === null || path === '') return []
  const type = textIn(file, 'type')
  const hunks = hunksOf(file)
  contents.set(path, null)
  if (type === 'add') return [edit(path, 'create', hunks)]
  if (type === 'delete') return [edit(path, 'delete', hunks)]
  const movedTo = textIn(file, 'movePath')
  if (movedTo === null || movedTo === '' || movedTo === path) return [edit(path, 'update', hunks)]
  contents.set(movedTo, null)
  return [edit(path, 'delete', []), edit(movedTo, 'update', hunks)]
}

/** A patch; in older versions both texts. */
function hunksOf(file: JsonObject): FileEdit['hunks'] {
  const patch = textIn(file, 'patch') ?? textIn(file, 'diff')
  if (patch !== null) return unifiedHunks(patch)
  const before = textIn(file, 'before') ?? ''
  const after = textIn(file, 'after') ?? ''
  if (before === '') return created(after)
  return after === '' ? deleted(before) : difference(before, after)
}

function oneFile(path: string, { input, metadata, contents }: EditedCall): readonly FileEdit[] {
  const content = textIn(input, 'content')
  const before = contents.get(path)
  if (content !== null) {
    contents.set(path, content)
    if (booleanIn(metadata, 'exists') === false) return [edit(path, 'create', created(content))]
    if (before !== null) return [edit(path, 'update', difference(before, content))]
    const noted = notedHunks(metadata)
    return [edit(path, 'update', noted ?? created(content))]
  }
  contents.set(path, replaced(before, input))
  const noted = notedHunks(metadata)
  if (noted !== null) return [edit(path, noted[0]?.oldStart === 0 ? 'create' : 'update', noted)]
  const from = textIn(input, 'oldString')
  const to = textIn(input, 'newString')
  return from === null || to === null ? [] : [edit(path, 'update', placeless(difference(from, to)))]
}

function notedHunks(metadata: JsonObject): FileEdit['hunks'] | null {
  const file = objectIn(metadata, 'filediff')
  if (file !== null && ['patch', 'before', 'after'].some((key) => textIn(file, key) !== null)) return hunksOf(file)
  const diff = textIn(metadata, 'diff')
  return diff === null || diff === '' ? null : unifiedHunks(diff)
}

/** null: not known. */
function replaced(before: string | null, input: JsonObject): string | null {
  const from = textIn(input, 'oldString')
  const to = textIn(input, 'newString')
  if (before === null || from === null || from === '' || to === null) return null
  if (booleanIn(input, 'replaceAll') === true) return null
  const at = before.indexOf(from)
  return at < 0 ? null : before.slice(0, at) + to + before.slice(at + from.length)
}

function edit(path: string, kind: FileEdit['kind'], hunks: FileEdit['hunks']): FileEdit {
  return { path, kind, hunks, userModified: null }
}

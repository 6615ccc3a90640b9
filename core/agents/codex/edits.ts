/** What a call did to files: as the program noted it, else as the patch says. */
import type { FileEdit } from '../../session/event.ts'
import { patchOutcome, readPatch } from '../apply-patch.ts'
import type { FileContents } from '../file-contents.ts'
import { created, deleted, unifiedHunks } from '../hunks.ts'
import { type JsonObject, textIn } from '../json-value.ts'
import { changeOf } from './call-details.ts'

/** Files of one call beyond this are left out: no model writes as many. */
const MAX_FILES = 2_000

/** Paths as the program wrote them, absolute. */
export function notedEdits(changes: JsonObject, contents: FileContents): readonly FileEdit[] {
  return Object.entries(changes)
    .slice(0, MAX_FILES)
    .flatMap(([path, value]): readonly FileEdit[] => {
      const noted = changeOf(value)
      if (noted === null || path === '') return []
      const { type, change } = noted
      const content = textIn(change, 'content')
      contents.set(path, type === 'add' ? content : null)
      if (type === 'add') return [edit(path, 'create', created(content ?? ''))]
      if (type === 'delete') return [edit(path, 'delete', deleted(content ?? ''))]
      const hunks = unifiedHunks(textIn(change, 'unified_diff') ?? '')
      const movedTo = textIn(change, 'move_path')
      if (movedTo === null || movedTo === path) return [edit(path, 'update', hunks)]
      contents.set(movedTo, null)
      return [edit(path, 'delete', []), edit(movedTo, 'update', hunks)]
    })
}

/** `absolute`: the path of a patch from where it was applied, under which contents are remembered. */
export function patchEdits(
  patch: string,
  contents: FileContents,
  absolute: (path: string) => string,
): readonly FileEdit[] {
  return readPatch(patch).flatMap((file): readonly FileEdit[] => {
    const path = absolute(file.path)
    const { hunks, after } = patchOutcome(file, contents.get(path))
    const movedTo = file.movedTo === null ? path : absolute(file.movedTo)
    contents.set(path, null)
    contents.set(movedTo, after)
    if (movedTo === path) return [edit(path, file.kind, hunks)]
    return [edit(path, 'delete', []), edit(movedTo, 'update', hunks)]
  })
}

function edit(path: string, kind: FileEdit['kind'], hunks: FileEdit['hunks']): FileEdit {
  return { path, kind, hunks, userModified: null }
}

/** What a call did to files: from its arguments where they tell, else from the diff that the program shows. */
import type { FileEdit } from '../../session/event.ts'
import { patchEdits } from '../codex/edits.ts'
import type { FileContents } from '../file-contents.ts'
import { created, deleted, difference, placeless, unifiedHunks } from '../hunks.ts'
import { type JsonObject, objectIn, objectsIn, textIn } from '../json-value.ts'
import { absolutePath } from '../paths.ts'
import { patchIn, pathsOf } from './tools.ts'

export interface EditedCall {
  readonly input: JsonObject
  /** Of `tool.execution_complete`. */
  readonly data: JsonObject
  readonly contents: FileContents
  readonly workingDirectory: string | null
}

/** Files of one call beyond this are left out: no model writes as many. */
const MAX_FILES = 2_000

/** Paths as the agent wrote them. */
export function editsOf(call: EditedCall): readonly FileEdit[] {
  const { input, data, contents, workingDirectory } = call
  const diff = textIn(objectIn(data, 'result'), 'detailedContent') ?? ''
  const patch = patchIn(input)
  if (patch !== null) {
    return patchEdits(patch, contents, (path) => absolutePath(path, workingDirectory) ?? path)
  }
  const named = objectsIn(data, 'fileEdits')
    .slice(0, MAX_FILES)
    .flatMap((edit) => {
      const path = textIn(edit, 'path')
      return path === null || path === '' ? [] : [{ path, kind: textIn(edit, 'kind') ?? '' }]
    })
  if (named.length > 1) return named.map(({ path, kind }) => fromDiff(path, kind, partOf(diff, path), contents))
  const [path = ''] = [named[0]?.path ?? '', ...pathsOf(input)].filter((one) => one !== '')
  return path === '' ? [] : oneEdit(path, named[0]?.kind ?? '', diff, call)
}

function oneEdit(path: string, kind: string, diff: string, { input, contents }: EditedCall): readonly FileEdit[] {
  const content = textIn(input, 'file_text')
  if (content !== null) {
    const before = contents.get(path)
    contents.set(path, content)
    const isNew = kind === 'create' || (kind === '' && before === null)
    if (isNew) return [edit(path, 'create', created(content))]
    return [edit(path, 'update', before === null ? unifiedHunks(diff) : difference(before, content))]
  }
  const before = contents.get(path)
  const from = textIn(input, 'old_str')
  const to = textIn(input, 'new_str') ?? ''
  const at = before === null || from === null || from === '' ? -1 : before.indexOf(from)
  if (before !== null && from !== null && at >= 0) {
    const after = before.slice(0, at) + to + before.slice(at + from.length)
    contents.set(path, after)
    return [edit(path, 'update', difference(before, after))]
  }
  if (diff === '' && from !== null) {
    contents.set(path, null)
    return [edit(path, 'update', placeless(difference(from, to)))]
  }
  return diff === '' && kind === '' ? [] : [fromDiff(path, kind, diff, contents)]
}

function fromDiff(path: string, kind: string, diff: string, contents: FileContents): FileEdit {
  const before = contents.get(path)
  contents.set(path, null)
  if (kind === 'delete') return edit(path, 'delete', before === null ? withoutPhantom(diff) : deleted(before))
  return edit(path, kind === 'create' ? 'create' : 'update', withoutPhantom(diff))
}

/** The program's diff counts what follows the last line's end as one more line, which is none of the file's. */
function withoutPhantom(diff: string): FileEdit['hunks'] {
  return unifiedHunks(diff.replace(/\n(?: \n?)?$/, ''))
}

/** The part of a diff of several files that is about one of them. */
function partOf(diff: string, path: string): string {
  const plain = path.replace(/^\//, '')
  return (
    diff.split(/^(?=diff --git )/m).find((part) => {
      const [head = ''] = part.split('\n', 1)
      return head.endsWith(`/${plain}`)
    }) ?? ''
  )
}

function edit(path: string, kind: FileEdit['kind'], hunks: FileEdit['hunks']): FileEdit {
  return { path, kind, hunks, userModified: null }
}

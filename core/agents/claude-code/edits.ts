/** What a file tool did, as FileEdits: from the result where the agent recorded it, else from the call itself. */
import type { FileEdit, Hunk } from '../../session/event.ts'
import type { FileContents } from '../file-contents.ts'
import { created, difference, hunkOf, placeless } from '../hunks.ts'
import { booleanIn, countIn, type JsonObject, listIn, objectsIn, textIn } from '../json-value.ts'

export interface FileToolCall {
  readonly tool: string
  readonly input: JsonObject | null
  /** What the agent recorded about the outcome; null for subagents, whose records leave it out. */
  readonly result: JsonObject | null
  /** What the tool told the model. */
  readonly output: string
}

/** `path` as the agent wrote it; null where the call edited nothing. */
export function editOf(call: FileToolCall, contents: FileContents): FileEdit | null {
  const { input, result } = call
  const path =
    textIn(result, 'filePath') ??
    textIn(result, 'notebook_path') ??
    textIn(input, 'file_path') ??
    textIn(input, 'notebook_path')
  if (path === null || path === '') return null
  const change = changeOf(call, result === null ? contents.get(path) : null)
  if (change === null) return null
  contents.set(path, change.after)
  return { path, kind: change.kind, hunks: change.hunks, userModified: booleanIn(result, 'userModified') }
}

/** `known`: what the file held, where only earlier records tell. */
function changeOf(call: FileToolCall, known: string | null): Change | null {
  if (call.tool === 'Write') return written(call, known)
  if (call.tool === 'NotebookEdit') return notebook(call)
  return edited(call, known)
}

interface Change {
  readonly kind: FileEdit['kind']
  readonly hunks: Hunk[]
  /** Content of the file afterwards; null where it is not known. */
  readonly after: string | null
}

function written({ input, result, output }: FileToolCall, known: string | null): Change | null {
  const content = textIn(result, 'content') ?? textIn(input, 'content')
  if (content === null) return null
  const type = textIn(result, 'type')
  const isCreate = type === 'create' || (type === null && /^File created successfully/.test(output))
  if (isCreate) return { kind: 'create', hunks: created(content), after: content }
  const before = textIn(result, 'originalFile') ?? known
  const recorded = recordedHunks(result)
  // An update without a record of what was there: all its lines are the agent's, and what they replaced is not known.
  const hunks =
    recorded.length > 0 || before === content
      ? recorded
      : before === null
        ? created(content)
        : difference(before, content)
  return { kind: 'update', hunks, after: content }
}

function edited({ input, result }: FileToolCall, known: string | null): Change | null {
  const before = textIn(result, 'originalFile') ?? textIn(result, 'originalFileContents') ?? known
  const replacements = replacementsOf(input, result)
  const after = applied(replacements, before)
  const recorded = recordedHunks(result)
  const [first] = replacements
  const isCreate = first !== undefined && first.from === '' && (before === null || before === '')
  if (isCreate) return { kind: 'create', hunks: recorded.length > 0 ? recorded : created(first.to), after: first.to }
  if (recorded.length > 0) return { kind: 'update', hunks: recorded, after }
  if (replacements.length === 0) return null
  if (before !== null && after !== null) return { kind: 'update', hunks: difference(before, after), after }
  return { kind: 'update', hunks: replacements.flatMap(({ from, to }) => placeless(difference(from, to))), after: null }
}

/** Notebooks are rewritten whole; only versions that record both texts tell which lines changed. */
function notebook({ result }: FileToolCall): Change | null {
  const before = textIn(result, 'original_file')
  const after = textIn(result, 'updated_file')
  return { kind: 'update', hunks: before !== null && after !== null ? difference(before, after) : [], after }
}

interface Replacement {
  readonly from: string
  readonly to: string
  readonly all: boolean
}

/** One for Edit, several for MultiEdit. */
function replacementsOf(input: JsonObject | null, result: JsonObject | null): readonly Replacement[] {
  const several = [
    ...objectsIn(input, 'edits'),
    ...(listIn(input, 'edits').length === 0 ? objectsIn(result, 'edits') : []),
  ]
  return (several.length > 0 ? several : [input ?? result]).flatMap((edit) => {
    const from = textIn(edit, 'old_string') ?? textIn(edit, 'oldString')
    const to = textIn(edit, 'new_string') ?? textIn(edit, 'newString')
    if (from === null || to === null) return []
    return [{ from, to, all: (booleanIn(edit, 'replace_all') ?? booleanIn(edit, 'replaceAll')) === true }]
  })
}

/** Files and lists of edits beyond these are not followed: a transcript must not buy more work than its length pays for. */
const MAX_FOLLOWED_LENGTH = 2_000_000
const MAX_FOLLOWED_EDITS = 100

function applied(replacements: readonly Replacement[], before: string | null): string | null {
  if (replacements.length > MAX_FOLLOWED_EDITS) return null
  return replacements.reduce<string | null>(replaced, before)
}

/** null where the text to replace is not there: then the content was not what we believed. */
function replaced(content: string | null, { from, to, all }: Replacement): string | null {
  if (content === null || from === '' || !content.includes(from)) return null
  const times = all ? content.split(from).length - 1 : 1
  if (content.length + times * to.length > MAX_FOLLOWED_LENGTH) return null
  return all ? content.replaceAll(from, () => to) : content.replace(from, () => to)
}

/** The agent's own hunks, as far as they have the form of hunks. */
function recordedHunks(result: JsonObject | null): Hunk[] {
  return objectsIn(result, 'structuredPatch').flatMap((patch) => {
    const lines = listIn(patch, 'lines').filter((line) => typeof line === 'string')
    return hunkOf(countIn(patch, 'oldStart') ?? 0, countIn(patch, 'newStart') ?? 0, lines)
  })
}

/** The notes that git-ai attached to commits, `refs/notes/ai`. */
import { Fault } from '#core/fault.ts'
import { readGitAiNote } from '#core/interop/git-ai-read.ts'
import { GIT_AI_NOTES_REF } from '#core/interop/git-ai-write.ts'
import type { ImportedRecord } from '#core/interop/imported.ts'
import { runGit } from '../io/git.ts'
import { readBlobs } from '../io/objects.ts'
import type { Repository } from '../io/repository.ts'
import { commitsByHand } from '../push/commits.ts'

export interface GitNotes {
  /** One JSON line for each note: what is kept, and what the import is known by. */
  readonly text: string
  readonly records: readonly ImportedRecord[]
}

/** `range` undefined = every note of the repository. Throws where one of them cannot be read, naming its commit. */
export async function readGitNotes(repository: Repository, range: string | undefined): Promise<GitNotes> {
  const listed = await listNotes(repository)
  const wanted = range === undefined ? null : new Set(await commitsByHand(repository, range))
  const named = listed.filter(({ commit }) => wanted === null || wanted.has(commit))
  const contents = await readBlobs(
    repository,
    named.map(({ blob }) => blob),
  )
  const notes = named.map(({ blob, commit }) => {
    const content = contents.get(blob)
    if (content === undefined) throw unreadable(commit)
    return { commit, note: content.toString('utf8') }
  })
  return {
    text: notes.map((one) => `${JSON.stringify(one)}\n`).join(''),
    records: notes.map(({ commit, note }) => readNote(commit, note)),
  }
}

async function listNotes(repository: Repository) {
  const { code, output } = await runGit(repository.root, ['notes', `--ref=${GIT_AI_NOTES_REF}`, 'list'])
  const lines = code === 0 ? output.toString('latin1').split('\n') : []
  const notes = lines.flatMap((line) => {
    const [, blob, commit] = /^([0-9a-f]{40,64}) ([0-9a-f]{40,64})$/.exec(line) ?? []
    return blob === undefined || commit === undefined ? [] : [{ blob, commit }]
  })
  if (notes.length > 0) return notes
  throw new Fault('not-found', {
    message: `This repository has no notes under ${GIT_AI_NOTES_REF}.`,
    hint: `Fetch them: \`git fetch origin ${GIT_AI_NOTES_REF}:${GIT_AI_NOTES_REF}\`.`,
  })
}

function readNote(commit: string, note: string): ImportedRecord {
  try {
    return readGitAiNote(note, commit)
  } catch (problem) {
    if (!(problem instanceof Fault)) throw problem
    const { code, message, hint } = problem
    throw new Fault(code, { message: `The note of commit ${commit.slice(0, 12)}: ${message}`, hint, cause: problem })
  }
}

function unreadable(commit: string): Fault {
  return new Fault('body-too-large', {
    message: `The note of commit ${commit.slice(0, 12)} is missing, or too large to be an authorship log.`,
    hint: `Look at it: \`git notes --ref=${GIT_AI_NOTES_REF} show ${commit.slice(0, 12)}\`.`,
  })
}

/** A snapshot of a work tree, as the launcher takes them: into our own object store, through our own index. */
import { copyFile, mkdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { isMissing } from './files.ts'
import { runGit } from './git.ts'
import type { Repository } from './repository.ts'
import { snapshotEnvironment } from './snapshot-store.ts'

/** Id of the tree, ignored files left out; null where git could not take it. */
export async function snapshotTree(repository: Repository): Promise<string | null> {
  const { root, gitDirectory, commonDirectory, stateDirectory } = repository
  const index = join(stateDirectory, 'index', indexName(repository))
  const draft = `${index}.${process.pid}`
  const objects = join(stateDirectory, 'objects')
  await Promise.all([join(stateDirectory, 'index'), objects].map((folder) => mkdir(folder, { recursive: true })))
  if (!(await copied(index, draft))) await copied(join(gitDirectory, 'index'), draft)
  const environment = {
    // The repository's own store is read only here.
    ...snapshotEnvironment({ ...repository, stateDirectory: commonDirectory }),
    GIT_INDEX_FILE: draft,
    GIT_OBJECT_DIRECTORY: objects,
  }
  const settings = ['-c', 'core.hooksPath=/dev/null', '-c', 'core.safecrlf=false', '-c', 'core.splitIndex=false']
  try {
    // Unreadable files are left out, and make git end with an error that is none.
    await runGit(root, [...settings, 'add', '-A', '--ignore-errors'], { environment })
    const written = await runGit(root, [...settings, 'write-tree', '--missing-ok'], { environment })
    if (written.code !== 0) return null
    await rename(draft, index)
    return written.output.toString('latin1').trim()
  } finally {
    await Promise.all([draft, `${draft}.lock`].map((path) => rm(path, { force: true })))
  }
}

/** A linked worktree's name is unique in its repository. */
function indexName({ gitDirectory, commonDirectory }: Repository): string {
  return gitDirectory === commonDirectory ? 'main' : `worktree-${basename(gitDirectory)}`
}

/** With its time: git decides by it which entries must be looked at again. */
async function copied(from: string, to: string): Promise<boolean> {
  try {
    const { atime, mtime } = await stat(from)
    await copyFile(from, to)
    await utimes(to, atime, mtime)
    return true
  } catch (problem) {
    if (isMissing(problem)) return false
    throw problem
  }
}

/** A file as a person names it -> the file of a commit, also where its name is no UTF-8. */
import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, join, posix, relative, resolve } from 'node:path'
import { Fault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { runGit } from '../io/git.ts'
import { unquoted } from '../io/names.ts'
import { type TreeEntry, treeEntries } from '../io/objects.ts'
import type { Repository } from '../io/repository.ts'
import { plain } from '../io/terminal.ts'
import { shortId } from '../io/words.ts'

interface Wish {
  /** From the folder in which the command runs, absolute, or as `git ls-files` shows it there. */
  readonly file: string
  /** Full id. */
  readonly commit: string
}

/** Throws for everything that is no regular file of the commit, and says what it is instead. */
export async function findInTree(wish: Wish, repository: Repository, context: Context): Promise<TreeEntry> {
  const way = wayTo(wish.file, repository, context)
  const hint = 'Name a file: `git ls-files` lists them.'
  if (way === '..' || way.startsWith('../')) throw refused(`${wish.file} lies outside of this repository.`, hint)
  if (way === '') throw refused(`${wish.file} is a folder.`, hint)
  const [named] = await entries(repository, [wish.commit, '--', way])
  const found = named ?? (await lookEverywhere(wish, way, { repository, context }))
  const { path, mode } = found
  if (mode === '160000')
    throw refused(
      `${path} is a submodule: its lines belong to another repository.`,
      `Run it there: \`stemma --cwd ${path} blame FILE\`.`,
    )
  if (mode === '120000') throw refused(`${path} is a symbolic link, which has no lines of its own.`, hint)
  if (mode === '040000') throw refused(`${path} is a folder.`, hint)
  return found
}

/** From the root, through the folders' real places: git names the root by its own. */
function wayTo(file: string, { root }: Repository, { workingDirectory }: Context): string {
  const path = resolve(workingDirectory, file)
  const isRoot = path === root || realPath(path) === root
  return isRoot ? '' : relative(root, join(realPath(dirname(path)), basename(path)))
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path // of another commit, or of no commit at all
  }
}

interface Place {
  readonly repository: Repository
  readonly context: Context
}

/** A name that no string holds (not UTF-8), or one in the quotes in which git shows it. */
async function lookEverywhere({ file, commit }: Wish, way: string, place: Place): Promise<TreeEntry> {
  const all = await entries(place.repository, ['-r', '-t', commit])
  const folder = wayTo('.', place.repository, place.context)
  const quoted = Buffer.from(
    posix.join(Buffer.from(folder).toString('latin1'), unquoted(Buffer.from(file)).toString('latin1')),
    'latin1',
  )
  const matches = all.filter(
    ({ path, name }) =>
      path === file || quoted.equals(name) || asArgument(Buffer.from(name).toString('utf8')) === asArgument(way),
  )
  const [match] = matches
  if (match === undefined) throw absent({ file, commit }, { way, all, place })
  if (matches.length === 1) return match
  throw refused(
    `${file} can be ${matches.map(({ path }) => path).join(' or ')}.`,
    `Name the one that you mean as git shows it: \`stemma blame '${match.path}'\`.`,
  )
}

/** Node gives a program marks of replacement for bytes of its arguments that are no UTF-8, and how many is its own affair. */
function asArgument(name: string): string {
  return name.replace(/\ufffd+/g, '\ufffd')
}

interface Search {
  readonly way: string
  readonly all: readonly TreeEntry[]
  readonly place: Place
}

function absent({ file, commit }: Wish, { way, all, place: { repository } }: Search): Fault {
  const module = all.find(({ mode, path }) => mode === '160000' && way.startsWith(`${path}/`))
  if (module !== undefined)
    return refused(
      `${file} lies in the submodule ${module.path}: its lines belong to another repository.`,
      `Run it there: \`stemma --cwd ${module.path} blame ${way.slice(module.path.length + 1)}\`.`,
    )
  const hint = existsSync(join(repository.root, way))
    ? 'What is not committed has no author yet: `git add` it and `git commit`.'
    : 'Name a file: `git ls-files` lists them.'
  return refused(`${file} is no file of commit ${shortId(commit)}.`, hint)
}

async function entries({ root }: Repository, words: readonly string[]): Promise<readonly TreeEntry[]> {
  const { code, output } = await runGit(root, ['ls-tree', '-z', '--full-tree', ...words])
  return code === 0 ? treeEntries(output) : []
}

function refused(message: string, hint: string): Fault {
  return new Fault('request-malformed', { message: plain(message), hint: plain(hint) })
}

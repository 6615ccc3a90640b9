/** Changes to files of the work tree: planned, shown as a diff, applied, and taken back byte for byte. */
import { chmod, realpath, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { createTwoFilesPatch } from 'diff'
import { z } from 'zod'
import { sha256Hex } from '#core/evidence/digest.ts'
import { Fault } from '#core/fault.ts'
import { isMissing, readBytes, readText, writeDurably } from '../io/files.ts'
import { plainBlock, type Terminal } from '../io/terminal.ts'

/** `null` = no such file. Paths are relative to the repository root. */
export interface Change {
  readonly path: string
  readonly before: string | null
  readonly after: string | null
}

export function isEffective({ before, after }: Change): boolean {
  return before !== after
}

/** As `git diff` would show it. */
export function diffOf({ path, before, after }: Change): string {
  const patch = createTwoFilesPatch(
    before === null ? '/dev/null' : `a/${path}`,
    after === null ? '/dev/null' : `b/${path}`,
    before ?? '',
    after ?? '',
    undefined,
    undefined,
    { context: 3 },
  )
  return patch.replace(/^=+\n/, '').trimEnd()
}

export function countLines(change: Change): { readonly added: number; readonly removed: number } {
  const lines = diffOf(change).split('\n').slice(HEADER_LINES)
  return {
    added: lines.filter((line) => line.startsWith('+')).length,
    removed: lines.filter((line) => line.startsWith('-')).length,
  }
}

/** `---` and `+++`, which name the file. */
const HEADER_LINES = 2

export function showDiff(change: Change, terminal: Terminal): void {
  const { colours } = terminal
  for (const line of plainBlock(diffOf(change)).split('\n')) {
    const isHeader = line.startsWith('+++') || line.startsWith('---')
    if (isHeader) terminal.print(colours.bold(line))
    else if (line.startsWith('+')) terminal.print(colours.green(line))
    else if (line.startsWith('-')) terminal.print(colours.red(line))
    else terminal.print(line.startsWith('@@') ? colours.cyan(line) : line)
  }
}

const Entry = z.object({
  path: z.string(),
  /** null: there was no such file before. */
  original: z.string().nullable(),
  mode: z.int().nullable(),
  /** SHA-256 of what was written. */
  written: z.string(),
  /** Folders that were made for it, outermost first. */
  folders: z.array(z.string()),
})
type Entry = Readonly<z.infer<typeof Entry>>

const Manifest = z.object({ files: z.array(Entry) })

const MANIFEST = 'backup/files.json'

async function readEntries(stateDirectory: string): Promise<readonly Entry[]> {
  const text = await readText(join(stateDirectory, MANIFEST))
  return text === null ? [] : Manifest.parse(JSON.parse(text)).files
}

async function storeEntries(stateDirectory: string, files: readonly Entry[]): Promise<void> {
  await writeDurably(join(stateDirectory, MANIFEST), `${JSON.stringify({ files }, null, 2)}\n`, 0o600)
}

/** Writes the change; the original is durable in the state folder before the file is touched. */
export async function applyChange(root: string, stateDirectory: string, change: Change): Promise<void> {
  if (change.after === null || !isEffective(change)) return
  const path = await targetOf(root, change.path)
  const entries = await readEntries(stateDirectory)
  const known = entries.find((entry) => entry.path === change.path)
  const present = await readBytes(path)
  const isOurs = known !== undefined && present !== null && (await digestOf(present)) === known.written
  const written = await digestOf(new TextEncoder().encode(change.after))
  const entry: Entry =
    known !== undefined && isOurs ? { ...known, written } : await entryFor(root, stateDirectory, change.path, written)

  await storeEntries(stateDirectory, [...entries.filter(({ path: other }) => other !== change.path), entry])
  await writeDurably(path, change.after, entry.mode ?? 0o644)
}

/**
 * Where the content really lies: a linked settings file stays a link. A link that leaves the repository is refused, since
 * whoever made the repository would otherwise choose a file of the person's to be written.
 */
async function targetOf(root: string, path: string): Promise<string> {
  try {
    const target = await realpath(join(root, path))
    if (target.startsWith(`${await realpath(root)}${sep}`)) return target
  } catch (problem) {
    if (isMissing(problem)) return join(root, path)
    throw problem
  }
  throw new Fault('conflict', {
    message: `${path} is a link that leads out of the repository; Stemma does not write through it.`,
    hint: `Make ${path} a file of the repository, then \`stemma init\`.`,
  })
}

async function entryFor(root: string, stateDirectory: string, path: string, written: string): Promise<Entry> {
  const bytes = await readBytes(join(root, path))
  const folders = await missingFolders(root, dirname(path))
  if (bytes === null) return { path, original: null, mode: null, written, folders }
  const original = await digestOf(bytes)
  await writeDurably(join(stateDirectory, 'backup', original), bytes, 0o600)
  return { path, original, mode: (await stat(join(root, path))).mode & 0o777, written, folders }
}

async function missingFolders(root: string, folder: string): Promise<string[]> {
  if (folder === '.' || folder === '/') return []
  try {
    await stat(join(root, folder))
    return []
  } catch (problem) {
    if (!isMissing(problem)) throw problem
    return [...(await missingFolders(root, dirname(folder))), folder]
  }
}

export type Restoration =
  | { readonly kind: 'restored' | 'removed' | 'absent' | 'untouched' }
  /** Somebody changed the file after us: only what is ours was taken out, or, where that cannot be told, nothing. */
  | { readonly kind: 'edited'; readonly change: Change }

/**
 * What taking the file back would mean. `withoutOurs` gives the text without what Stemma put in (null: nothing remains),
 * for files that were edited since, or that came with a clone and have no backup here.
 */
export async function planRestoration(
  root: string,
  stateDirectory: string,
  path: string,
  withoutOurs: (text: string) => string | null,
): Promise<Restoration> {
  const entry = (await readEntries(stateDirectory)).find((candidate) => candidate.path === path)
  const bytes = await readBytes(join(root, path))
  if (bytes === null) return { kind: 'absent' }
  if (entry !== undefined && (await digestOf(bytes)) === entry.written) {
    return { kind: entry.original === null ? 'removed' : 'restored' }
  }
  const before = bytes.toString('utf8')
  const change: Change = { path, before, after: withoutOurs(before) }
  return isEffective(change) ? { kind: 'edited', change } : { kind: 'untouched' }
}

export async function restore(root: string, stateDirectory: string, path: string, plan: Restoration): Promise<void> {
  const target = await targetOf(root, path)
  const entries = await readEntries(stateDirectory)
  const entry = entries.find((candidate) => candidate.path === path)
  if (plan.kind === 'restored' && entry?.original != null) {
    const original = await readBytes(join(stateDirectory, 'backup', entry.original))
    if (original === null) throw new Error(`the backup of ${path} is gone from ${join(stateDirectory, 'backup')}`)
    await writeDurably(target, original, entry.mode ?? 0o644)
    if (entry.mode !== null) await chmod(target, entry.mode)
  }
  if (plan.kind === 'removed') await rm(target, { force: true })
  if (plan.kind === 'edited') {
    if (plan.change.after === null) await rm(target, { force: true })
    else await writeDurably(target, plan.change.after, (await stat(target)).mode & 0o777)
  }
  for (const folder of [...(entry?.folders ?? [])].reverse()) await removeEmpty(join(root, folder))
  await storeEntries(
    stateDirectory,
    entries.filter((candidate) => candidate.path !== path),
  )
}

async function removeEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder)
  } catch {
    // Something else lies in it by now, so it stays.
  }
}

async function digestOf(bytes: Uint8Array): Promise<string> {
  return sha256Hex(new Uint8Array(bytes))
}

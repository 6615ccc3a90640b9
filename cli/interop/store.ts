/**
 * What was imported, `<state>/imports/`: the bytes as they came under their SHA-256, and beside them what they claim. It is
 * never read by what computes an attribution: nobody here saw these lines written.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { utf8 } from '#core/evidence/bytes.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import { ImportedRecord } from '#core/interop/imported.ts'
import { isMissing, readText, writeDurably } from '../io/files.ts'

const KeptImport = z.object({
  /** SHA-256 of the bytes that were imported. */
  id: z.string(),
  /** Name of the file, or the notes' reference. */
  from: z.string(),
  importedAt: z.iso.datetime(),
  records: z.array(ImportedRecord),
})
export type KeptImport = Readonly<z.infer<typeof KeptImport>>

const folderOf = (stateDirectory: string) => join(stateDirectory, 'imports')

/** The same bytes again change nothing. */
export async function keepImport(
  stateDirectory: string,
  text: string,
  { from, importedAt, records }: Omit<KeptImport, 'id'>,
): Promise<{ readonly kept: KeptImport; readonly isNew: boolean }> {
  const id = await sha256Hex(utf8(text))
  const path = join(folderOf(stateDirectory), id)
  const present = await readKept(`${path}.json`)
  if (present !== null) return { kept: present, isNew: false }
  const kept: KeptImport = { id, from, importedAt, records }
  await writeDurably(path, text, 0o600)
  await writeDurably(`${path}.json`, JSON.stringify(kept), 0o600)
  return { kept, isNew: true }
}

/** In the order in which they came. */
export async function listImports(stateDirectory: string): Promise<readonly KeptImport[]> {
  const folder = folderOf(stateDirectory)
  const names = await readdir(folder).catch((problem: unknown) => {
    if (isMissing(problem)) return []
    throw problem
  })
  const kept = await Promise.all(
    names.filter((name) => /^[0-9a-f]{64}\.json$/.test(name)).map((name) => readKept(join(folder, name))),
  )
  return kept
    .filter((one) => one !== null)
    .sort((left, right) => Date.parse(left.importedAt) - Date.parse(right.importedAt))
}

async function readKept(path: string): Promise<KeptImport | null> {
  const text = await readText(path)
  if (text === null) return null
  try {
    return KeptImport.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null // written by rename, so that this was never ours
  }
}

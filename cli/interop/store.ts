/**
 * What was imported, `<state>/imports/`: the bytes as they came under their SHA-256, and beside them what they claim, signed
 * by who imported it. It is never read by what computes an attribution: nobody here saw these lines written.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { utf8 } from '#core/evidence/bytes.ts'
import { sha256Hex } from '#core/evidence/digest.ts'
import { readKeyText } from '#core/evidence/ssh-key.ts'
import { isSignedImport, signImport } from '#core/interop/import-statement.ts'
import { ImportedRecord } from '#core/interop/imported.ts'
import { isMissing, readBytes, readText, writeDurably } from '../io/files.ts'
import { type DeviceKey, signerOf } from '../io/keys.ts'

const KeptImport = z.object({
  /** SHA-256 of the bytes that were imported. */
  id: z.string(),
  /** Name of the file, or the notes' reference. */
  from: z.string(),
  importedAt: z.iso.datetime(),
  records: z.array(ImportedRecord),
  /** Whose word the import is; what its records say is the word of others, and theirs is `signedBy`. */
  importedBy: z.object({ keyId: z.string(), name: z.string(), publicKey: z.string() }).nullable().default(null),
  /** DSSE over the statement of the import; null for imports of versions that did not sign. */
  envelope: z.string().nullable().default(null),
})
export type KeptImport = Readonly<z.infer<typeof KeptImport>>

const folderOf = (stateDirectory: string) => join(stateDirectory, 'imports')

/** The same bytes again change nothing. */
export async function keepImport(
  stateDirectory: string,
  text: string,
  { from, importedAt, records, key }: Pick<KeptImport, 'from' | 'importedAt' | 'records'> & { readonly key: DeviceKey },
): Promise<{ readonly kept: KeptImport; readonly isNew: boolean }> {
  const id = await sha256Hex(utf8(text))
  const path = join(folderOf(stateDirectory), id)
  const present = await readKept(`${path}.json`)
  if (present !== null) return { kept: present, isNew: false }
  const envelope = await signImport({ id, from, importedAt, records }, await signerOf(key))
  const { keyId, name, publicKey } = key
  const kept: KeptImport = { id, from, importedAt, records, importedBy: { keyId, name, publicKey }, envelope }
  await writeDurably(path, text, 0o600)
  await writeDurably(`${path}.json`, JSON.stringify(kept), 0o600)
  return { kept, isNew: true }
}

export type Soundness = 'signed' | 'unsigned' | 'altered'

/** Whether the bytes and what was read of them are still those that were signed for. */
export async function soundnessOf(stateDirectory: string, kept: KeptImport): Promise<Soundness> {
  const bytes = await readBytes(join(folderOf(stateDirectory), kept.id))
  if (bytes === null || (await sha256Hex(new Uint8Array(bytes))) !== kept.id) return 'altered'
  const { importedBy, envelope } = kept
  if (importedBy === null || envelope === null) return 'unsigned'
  const key = await readKeyText(importedBy.publicKey).catch(() => null)
  const isWhole = key?.id === importedBy.keyId && (await isSignedImport(envelope, kept, key))
  return isWhole ? 'signed' : 'altered'
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

/** What commits change, asked of the forge once and kept without their text: ids of patches, places and digests of lines. */

import { digestLines, lineKeyId } from '#core/attribution/line-digests.ts'
import { addedLineNumbers, joinDigests, type Landed, type LandedFile } from '#core/attribution/merged-attribution.ts'
import { readForgeDiff } from '#core/attribution/merged-diff.ts'
import { patchIdOf } from '#core/attribution/patch-id.ts'
import { type Bytes, fromBase64 } from '#core/evidence/bytes.ts'
import type { Forge, ForgeCommit } from '#core/ports.ts'
import type { FileEdits, Material } from '#core/report/material.ts'
import type { Database } from '#worker/store/database.ts'
import { findLineKey } from '#worker/store/line-keys.ts'

export interface OrganisationLineKey {
  readonly id: string
  readonly key: Bytes
}

/** null where no device of the organisation has asked for one: then no evidence has digests. */
export async function loadLineKey(organisation: string, database: Database): Promise<OrganisationLineKey | null> {
  const key = fromBase64((await findLineKey(organisation, database)) ?? '')
  return key === null || key.length === 0 ? null : { id: await lineKeyId(key), key }
}

/** Of a commit; the files are left out where the diff is too large to be kept, or for the forge to show. */
export interface Change extends Landed {
  readonly additions: number
}

export interface Changes {
  readonly of: (commit: ForgeCommit) => Promise<Change>
}

interface Kept {
  readonly key: string | null
  readonly patchId: string | null
  readonly additions: number
  readonly files: readonly LandedFile[]
}

/** GitHub shows no diff beyond 20,000 lines; the digests of as many are 320 KB, and a value may have 2 MB. */
const MAX_LINES = 20_000
const MAX_EDITS = 10_000

/** A commit never changes, so that it is asked for once for each key under which its lines were digested. */
export function openChanges({
  forge,
  repository,
  storage,
  key,
}: {
  readonly forge: Forge
  readonly repository: string
  readonly storage: SyncKvStorage
  readonly key: OrganisationLineKey | null
}): Changes {
  const of = async (commit: ForgeCommit): Promise<Change> => {
    const { sha, parents, message, authoredAt = '1970-01-01T00:00:00.000Z' } = commit
    const name = `change ${sha}`
    const known = storage.get<Kept>(name)
    const isCurrent = known !== undefined && known.key === (key?.id ?? null)
    const kept = isCurrent ? known : await read(forge, { repository, sha, key })
    if (!isCurrent) storage.put(name, kept)
    const { patchId, additions, files } = kept
    const subject = (message.split('\n')[0] ?? '').slice(0, 500)
    return { commit: sha, parents, authoredAt, subject, patchId, additions, files }
  }
  return { of }
}

async function read(
  forge: Forge,
  {
    repository,
    sha,
    key,
  }: { readonly repository: string; readonly sha: string; readonly key: OrganisationLineKey | null },
): Promise<Kept> {
  const diff = await forge.diff(repository, sha)
  const id = key?.id ?? null
  if (diff === null) return { key: id, patchId: null, additions: await forge.addedLines(repository, sha), files: [] }
  const changed = readForgeDiff(diff)
  const additions = changed.reduce((sum, file) => sum + addedLineNumbers(file).length, 0)
  const edits = changed.reduce((sum, file) => sum + file.edits.length, 0)
  const isSmall = additions <= MAX_LINES && edits + changed.length <= MAX_EDITS
  const files: LandedFile[] = []
  for (const { addedLines, ...file } of isSmall ? changed : []) {
    // A terminator, so that a carriage return before it counts as a part of it, as on the machine.
    const digests =
      key === null
        ? []
        : await digestLines(
            addedLines.map((line) => `${line}\n`),
            key.key,
          )
    files.push({ ...file, digests: joinDigests(digests) })
  }
  return { key: id, patchId: await patchIdOf(diff), additions, files }
}

/**
 * What later commits change in files in which sessions wrote lines before, by commit id: by it those lines are found in
 * the head. A commit whose diff the forge does not show is left out, and so is what comes after the limit.
 */
export async function loadEdits(
  { commits, sessions }: Pick<Material, 'commits' | 'sessions'>,
  { changes, limit }: { readonly changes: Changes; readonly limit: number },
): Promise<NonNullable<Material['edits']>> {
  const files = new Map<string, readonly string[]>()
  for (const { commit, files: changed } of sessions.flatMap(({ attribution }) => attribution)) {
    files.set(commit, [...(files.get(commit) ?? []), ...changed.map(({ path }) => path)])
  }
  const edits = new Map<string, readonly FileEdits[]>()
  const written = new Set<string>()
  for (const commit of commits) {
    const own = files.get(commit.sha)
    // What no session knows of a commit, or a merge brings, can be in any file; a rename has another path.
    const mayMove = written.size > 0 && (own === undefined || own.some((path) => written.has(path)))
    if (mayMove && edits.size < limit) {
      const change = await changes.of(commit)
      const isShown = change.files.length > 0 || change.additions === 0
      if (isShown) edits.set(commit.sha, change.files)
    }
    for (const path of own ?? []) written.add(path)
  }
  return edits
}

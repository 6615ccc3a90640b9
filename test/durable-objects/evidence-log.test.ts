import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { fromBase64 } from '#core/evidence/bytes.ts'
import { readCheckpoint } from '#core/evidence/checkpoint.ts'
import { writeLogLeaf } from '#core/evidence/log-leaf.ts'
import { verifyConsistency } from '#core/evidence/merkle-verify.ts'
import { readNote, readVerifierKey, verifyNote } from '#core/evidence/note.ts'
import { verifyTlogProof } from '#core/evidence/tlog-proof.ts'
import type { LogEntry, LogLeaf } from '#core/ports.ts'

const leafOf = (seed: number): LogLeaf => ({
  evidenceId: seed.toString(16).padStart(64, '0'),
  predicateType: 'https://stemma.dev/attestation/ai-session/v1',
  keyId: 'b'.repeat(64),
  receivedAt: new Date(Date.UTC(2026, 10, 22, 10, 0, seed)).toISOString(),
})

const openLog = (organisation: string) => env.EVIDENCE_LOG.getByName(organisation)
type Log = ReturnType<typeof openLog>

async function proves(log: Log, leaf: LogLeaf, entry: LogEntry): Promise<boolean> {
  const verdict = await verifyTlogProof(
    entry.receipt,
    writeLogLeaf(leaf),
    await readVerifierKey(await log.verifierKey()),
  )
  return verdict.verified && verdict.index === entry.index
}

/** The error with which a call ends. */
async function refusal(call: () => Promise<unknown>): Promise<unknown> {
  try {
    return { answered: await call() }
  } catch (error) {
    return error
  }
}

/** Every checkpoint of the list must be a prefix of the present tree, by proof. */
async function holds(log: Log, notes: readonly string[]): Promise<void> {
  const verifier = await readVerifierKey(await log.verifierKey())
  const checkpoint = await log.checkpoint()
  const present = readNote(checkpoint.note)
  expect(present !== null && (await verifyNote(present, verifier))).toBe(true)
  const newer = readCheckpoint(present?.text ?? '')
  for (const note of notes) {
    const older = readCheckpoint(readNote(note)?.text ?? '')
    if (older === null || newer === null) throw new Error('not a checkpoint')
    const { proof } = await log.consistency(older.size)
    const hashes = proof.map((hash) => fromBase64(hash) ?? new Uint8Array())
    expect(await verifyConsistency({ older, newer, proof: hashes }), `${older.size} to ${newer.size}`).toBe(true)
  }
}

describe('append', () => {
  test('gives a receipt that proves the leaf, and an index that counts up', async () => {
    const log = openLog('append')
    for (let seed = 0; seed < 9; seed++) {
      const entry = await log.append(leafOf(seed))
      expect(entry.index).toBe(seed)
      expect(entry.receivedAt).toBe(leafOf(seed).receivedAt)
      expect(await proves(log, leafOf(seed), entry)).toBe(true)
      expect(await proves(log, leafOf(seed + 1), entry)).toBe(false)
    }
  })

  test('happens once for each evidence, whatever a retry says', async () => {
    const log = openLog('once')
    await log.append(leafOf(1))
    const first = await log.append(leafOf(2))
    const again = await log.append({ ...leafOf(2), receivedAt: leafOf(50).receivedAt })
    expect(again.index).toBe(first.index)
    expect(again.receivedAt).toBe(first.receivedAt)
    expect((await log.checkpoint()).size).toBe(2)
    expect(await proves(log, leafOf(2), again)).toBe(true)
  })

  test('of many at once, with repetitions among them, signs few checkpoints and loses none', async () => {
    const log = openLog('crowd')
    const seeds = Array.from({ length: 400 }, (_, index) => index % 300)
    const entries = await Promise.all(seeds.map((seed) => log.append(leafOf(seed))))
    const { size } = await log.checkpoint()
    expect(size).toBe(300)
    expect(new Set(entries.map(({ index }) => index)).size).toBe(300)
    for (const at of [0, 1, 99, 255, 256, 299, 399]) {
      const [seed, entry] = [seeds[at] ?? 0, entries[at]]
      expect(entry !== undefined && (await proves(log, leafOf(seed), entry))).toBe(true)
    }
    const checkpoints = new Set(entries.map(({ receipt }) => receipt.slice(receipt.indexOf('\n\n'))))
    expect(checkpoints.size).toBeLessThan(200)
    await holds(
      log,
      [...checkpoints].map((text) => text.slice(2)),
    )
  })

  test('refuses what is no leaf, and takes the next one', async () => {
    const log = openLog('malformed')
    expect(await refusal(() => log.append({ ...leafOf(1), evidenceId: 'x' }))).toMatchObject({
      code: 'request-malformed',
    })
    expect(await log.append(leafOf(1))).toMatchObject({ index: 0 })
  })
})

describe('history', () => {
  test('every earlier checkpoint is a prefix of every later one', async () => {
    const log = openLog('history')
    const notes: string[] = []
    for (let seed = 0; seed < 20; seed++) {
      await log.append(leafOf(seed))
      notes.push((await log.checkpoint()).note)
      await holds(log, notes)
    }
  })

  test('survives the death of the object: same key, same tree, same receipts', async () => {
    const log = openLog('restart')
    const entries = await Promise.all([0, 1, 2, 3, 4].map((seed) => log.append(leafOf(seed))))
    const key = await log.verifierKey()
    const { note } = await log.checkpoint()
    await evictDurableObject(log)
    expect(await log.verifierKey()).toBe(key)
    expect((await log.checkpoint()).note).toBe(note)
    expect((await log.append(leafOf(3))).index).toBe(entries[3]?.index)
    expect((await log.append(leafOf(5))).index).toBe(5)
    await holds(log, [note])
  })

  test('a batch built on an older size is refused whole', async () => {
    const log = openLog('stale')
    await log.append(leafOf(0))
    await runInDurableObject(log, async (_, state) => {
      const { openLogStorage } = await import('#objects/log-storage.ts')
      const storage = openLogStorage(state.storage)
      const checkpoint = storage.checkpoint()
      if (checkpoint === null) throw new Error('nothing was appended')
      const leaves = [{ evidenceId: 'x', index: 0, bytes: new Uint8Array([1]) }]
      expect(storage.advance(0, { leaves, nodes: [], checkpoint })).toBe('stale')
      expect(storage.leafOf('x')).toBeNull()
    })
  })

  test('a failed write leaves nothing behind, and the next append succeeds', async () => {
    const log = openLog('failure')
    await log.append(leafOf(0))
    await runInDurableObject(log, (_, state) => {
      state.storage.sql.exec("CREATE TRIGGER fail BEFORE INSERT ON checkpoint BEGIN SELECT RAISE(ABORT, 'disk'); END")
    })
    expect(String(await refusal(() => log.append(leafOf(1))))).toContain('disk')
    await runInDurableObject(log, (_, state) => {
      state.storage.sql.exec('DROP TRIGGER fail')
    })
    expect((await log.checkpoint()).size).toBe(1)
    const entry = await log.append(leafOf(1))
    expect(entry.index).toBe(1)
    expect(await proves(log, leafOf(1), entry)).toBe(true)
  })
})

describe('reading', () => {
  test('an empty log has a signed checkpoint of size 0', async () => {
    const log = openLog('empty')
    const { size, note } = await log.checkpoint()
    const read = readNote(note)
    expect(size).toBe(0)
    expect(read !== null && (await verifyNote(read, await readVerifierKey(await log.verifierKey())))).toBe(true)
  })

  test('a receipt can be asked for again; an index beyond the log is not found', async () => {
    const log = openLog('again')
    await log.append(leafOf(0))
    await log.append(leafOf(1))
    expect(await proves(log, leafOf(0), await log.receipt(0))).toBe(true)
    expect(await refusal(() => log.receipt(2))).toMatchObject({ name: 'Fault', code: 'not-found' })
    expect(await refusal(() => log.receipt(-1))).toMatchObject({ code: 'not-found' })
    expect(await refusal(() => log.consistency(0))).toMatchObject({ code: 'not-found' })
  })

  test('two organisations have two logs with keys and names of their own', async () => {
    const [one, two] = [openLog('organisation-one'), openLog('organisation-two')]
    const entry = await one.append(leafOf(0))
    expect(await one.verifierKey()).toMatch(new RegExp(`^${new URL(env.PUBLIC_URL).host}/log/organisation-one\\+`))
    expect((await two.checkpoint()).size).toBe(0)
    expect(await proves(two, leafOf(0), entry)).toBe(false)
  })
})

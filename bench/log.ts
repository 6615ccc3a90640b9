/**
 * Appends per second through the log's object, tiles and all, beside an object that inserts one bare row a call (in
 * workerd), and CPU milliseconds of a proof in a tree of a million leaves, its rows in SQLite as the object has them.
 */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { build } from 'esbuild'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { z } from 'zod'
import { consistencyProof, HASH_BYTES, inclusionProof, type ReadNode } from '#core/evidence/merkle.ts'
import { compared, type Emit, percentile } from './measurement.ts'

/** One sender waits for the disk each time, many share the waiting; both take a few seconds this way. */
const loads = [
  { atOnce: 1, appends: 1_000 },
  { atOnce: 32, appends: 2_000 },
] as const
/** Taken in turns, so that a neighbour's load falls on both. */
const ROUNDS = 3

/** The driver runs inside of workerd beside the objects, as the Worker does; only the two objects differ. */
const driver = `
import { DurableObject } from 'cloudflare:workers'
export { EvidenceLog } from './durable-objects/evidence-log.ts'

export class BareRow extends DurableObject {
  constructor(context, env) {
    super(context, env)
    context.storage.sql.exec('CREATE TABLE IF NOT EXISTS row (id INTEGER PRIMARY KEY, evidence_id TEXT NOT NULL UNIQUE, bytes TEXT NOT NULL)')
  }
  append(leaf) {
    this.ctx.storage.sql.exec('INSERT INTO row (evidence_id, bytes) VALUES (?, ?)', leaf.evidenceId, JSON.stringify(leaf))
    return { index: 0 }
  }
}

export default {
  async fetch(request, env) {
    const { object, name, appends, atOnce } = await request.json()
    const stub = env[object].getByName(name)
    let next = 0
    const sender = async () => {
      while (next < appends) {
        const evidenceId = (next++).toString(16).padStart(64, '0')
        const receivedAt = '2026-11-22T10:00:00.000Z'
        await stub.append({ evidenceId, predicateType: 'https://stemma.dev/attestation/ai-session/v1', keyId: 'b'.repeat(64), receivedAt })
      }
    }
    await Promise.all(Array.from({ length: atOnce }, sender))
    return new Response('done')
  },
}
`

export async function run(emit: Emit, _options: readonly string[]): Promise<void> {
  const root = join(import.meta.dirname, '..')
  const { outputFiles } = await build({
    stdin: { contents: driver, resolveDir: root, loader: 'ts', sourcefile: 'log-driver.ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['workerd', 'worker', 'browser', 'import'],
    external: ['cloudflare:workers', 'node:*'],
  })
  const platform = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: z.string().parse(outputFiles[0]?.text),
      compatibilityDate: '2026-08-01',
      compatibilityFlags: ['nodejs_compat'],
      r2Buckets: ['BLOBS'],
      durableObjects: {
        EVIDENCE_LOG: { className: 'EvidenceLog', useSQLite: true },
        BARE_ROW: { className: 'BareRow', useSQLite: true },
      },
      bindings: { PUBLIC_URL: 'http://localhost:8787' },
    }),
  )
  try {
    const rate = async (object: string, name: string, load: (typeof loads)[number]): Promise<number> => {
      const body = JSON.stringify({ object, name, ...load })
      const started = performance.now()
      const response = await platform.dispatchFetch('http://localhost/', { method: 'POST', body })
      if (!response.ok) throw new Error(`${object} answered ${response.status}: ${await response.text()}`)
      return load.appends / ((performance.now() - started) / 1_000)
    }
    for (const object of ['EVIDENCE_LOG', 'BARE_ROW']) await rate(object, 'warm-up', loads[1])
    for (const load of loads) {
      const { atOnce } = load
      const [log, bare]: [number[], number[]] = [[], []]
      for (let round = 0; round < ROUNDS; round++) {
        bare.push(await rate('BARE_ROW', `${atOnce}-${round}`, load))
        log.push(await rate('EVIDENCE_LOG', `${atOnce}-${round}`, load))
      }
      const baseline = { name: 'object that inserts one row', value: median(bare) }
      const figure = {
        name: `log appends, ${atOnce} at once`,
        value: median(log),
        unit: '1/s',
        better: 'higher',
      } as const
      emit(compared(figure, baseline))
    }
    await proofs(emit)
  } finally {
    await platform.dispose()
  }
}

const LEAVES = 1_000_000
/** Proofs of either kind that are timed. */
const PROOFS = 200

/** A million leaves are 2 million nodes; only their hashes matter here, so each is made of its place. */
async function proofs(emit: Emit): Promise<void> {
  const database = new DatabaseSync(':memory:')
  database.exec(
    'CREATE TABLE node (level INTEGER, position INTEGER, hash BLOB NOT NULL, PRIMARY KEY (level, position)) WITHOUT ROWID',
  )
  const insert = database.prepare('INSERT INTO node VALUES (?, ?, ?)')
  const hash = new Uint8Array(HASH_BYTES)
  const place = new DataView(hash.buffer)
  database.exec('BEGIN')
  for (let level = 0, count = LEAVES; count > 0; level++, count = Math.floor(count / 2)) {
    place.setUint32(0, level)
    for (let position = 0; position < count; position++) {
      place.setUint32(4, position)
      insert.run(level, position, hash)
    }
  }
  database.exec('COMMIT')
  const select = database.prepare('SELECT hash FROM node WHERE level = ? AND position = ?')
  const read: ReadNode = (level, index) => {
    const bytes = select.get(level, index)?.['hash']
    if (!(bytes instanceof Uint8Array)) throw new RangeError(`no node ${level}/${index}`)
    return new Uint8Array(bytes)
  }
  // Spread over the whole tree, so that no part of it is warmer than the others.
  const places = Array.from({ length: PROOFS }, (_, at) => 1 + ((at * 7_919_993) % (LEAVES - 1)))
  const kinds = [
    ['inclusion', (at: number) => inclusionProof(at, LEAVES, read)],
    ['consistency', (at: number) => consistencyProof(at, LEAVES, read)],
  ] as const
  for (const [kind, prove] of kinds) {
    const milliseconds: number[] = []
    for (const at of places) {
      const before = process.cpuUsage()
      await prove(at)
      const { user, system } = process.cpuUsage(before)
      milliseconds.push((user + system) / 1_000)
    }
    const name = `${kind} proof at ${LEAVES} leaves, p95 CPU`
    emit({ name, value: percentile(milliseconds, 0.95), unit: 'ms', better: 'lower' })
  }
  database.close()
}

function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0
}

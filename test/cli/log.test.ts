import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { readCheckpoint } from '#core/evidence/checkpoint.ts'
import { growTree, leafHash, readThrough } from '#core/evidence/merkle.ts'
import { merkleLevelOf, readTilePath, TILE_WIDTH, writeEntryBundle } from '#core/evidence/tile.ts'
import {
  createDevice,
  createMemoryLog,
  type Device,
  type MemoryLog,
  signPayload,
  statementBytes,
} from '#test/docs/evidence-log.ts'
import { basket, freshForEachTest, machine, server, session, setUp } from './enrolled.ts'

freshForEachTest()

const ORIGIN = 'log.example.com/public'

async function logOf(seeds: readonly number[], device: Device, logKey: Device): Promise<MemoryLog> {
  const envelopes = await Promise.all(seeds.map((seed) => signPayload(device, statementBytes(seed))))
  return createMemoryLog(ORIGIN, device, envelopes, logKey)
}

const range = (count: number, from = 0) => Array.from({ length: count }, (_, at) => from + at)

let publicServer: Server | null = null
afterEach(() => {
  publicServer?.close()
  publicServer?.closeAllConnections()
  publicServer = null
})

/** C2SP tlog-tiles below `/log`; `shown()` is what is served at the time. */
async function serve(shown: () => MemoryLog): Promise<string> {
  const started = createServer(async (request, response) => {
    const path = (request.url ?? '').replace('/log/', '')
    const log = shown()
    if (path === 'checkpoint') return response.end(await log.checkpoint())
    const tile = readTilePath(path)
    if (tile === null) return response.writeHead(404).end()
    const [first, end] = [tile.index * TILE_WIDTH, tile.index * TILE_WIDTH + tile.width]
    if (tile.level === 'entries') {
      if (end > log.entries.length) return response.writeHead(404).end()
      return response.end(writeEntryBundle(log.entries.slice(first, end)))
    }
    const missing = () => new Uint8Array()
    const nodes = await growTree(0, await Promise.all(log.entries.map(leafHash)), missing)
    const read = readThrough(nodes, missing)
    const hashes = range(tile.width, first).map((index) => read(merkleLevelOf(Number(tile.level)), index))
    return response.end(Buffer.concat(hashes))
  })
  publicServer = started
  await new Promise<void>((settle) => started.listen(0, '127.0.0.1', settle))
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}/log`
}

describe('stemma log audit', () => {
  it('re-derives a public log without being enrolled, and notices when it is rewritten, shrunk or false', async () => {
    const [device, logKey] = [await createDevice(), await createDevice()]
    let shown = await logOf(range(258), device, logKey)
    const url = await serve(() => shown)
    const audit = async (vkey = shown.vkey) => {
      const words = ['log', 'audit', '--url', url, '--log-key', vkey, '--json']
      const { code, stdout } = await machine.stemma(words, { cwd: machine.home })
      return { code, ...JSON.parse(stdout) }
    }
    expect(await audit()).toMatchObject({
      code: 0,
      verified: true,
      entries: 258,
      checkpoints: { seen: 0 },
      problems: [],
    })
    const kept = join(machine.home, '.config/stemma/checkpoints', `${encodeURIComponent(ORIGIN)}.jsonl`)
    expect(existsSync(kept)).toBe(true)

    // A crash tore the last line; what comes after it is kept all the same.
    writeFileSync(kept, `${readFileSync(kept, 'utf8')}{"at":"2026-11-2`)
    shown = await logOf(range(300), device, logKey)
    expect(await audit()).toMatchObject({ code: 0, checkpoints: { seen: 1, consistent: 1 } })

    shown = await logOf([...range(100), ...range(300, 1_000)], device, logKey)
    const rewritten = await audit()
    expect(rewritten).toMatchObject({ code: 4, verified: false, checkpoints: { seen: 2, consistent: 0 } })
    expect(rewritten.problems.map(({ code }: { code: string }) => code)).toEqual(['forked', 'forked'])

    shown = await logOf(range(5), device, logKey)
    expect((await audit()).problems.map(({ code }: { code: string }) => code)).toContain('rolled-back')

    const impostor = await logOf(range(300), device, await createDevice())
    expect(await audit(impostor.vkey)).toMatchObject({ code: 4, problems: [{ code: 'checkpoint-signature' }] })
  })

  it('works from a bundle, offline, and in words', async () => {
    const [device, logKey] = [await createDevice(), await createDevice()]
    const log = await logOf(range(300), device, logKey)
    const bundle = await log.bundle([0, 299])
    const path = join(machine.home, 'bundle.json')
    const audit = (words: readonly string[] = ['--log-key', log.vkey]) =>
      machine.stemma(['log', 'audit', path, ...words], { cwd: machine.home })
    writeFileSync(path, JSON.stringify(bundle))
    const good = await audit()
    expect(good.code, good.stderr).toBe(0)
    expect(good.stdout).toContain('entries     300 re-derived')
    expect(good.stdout).toContain('✓ the log is what it was')
    expect((await audit([])).stderr).toContain('not one whose key is pinned')

    const [first = '', ...others] = bundle.log.entries ?? []
    writeFileSync(
      path,
      JSON.stringify({ ...bundle, log: { ...bundle.log, entries: [first.replace('A', 'B'), ...others] } }),
    )
    const bad = await audit()
    expect(bad.code).toBe(4)
    expect(bad.stdout).toContain('✗ the log does not verify')
    writeFileSync(path, JSON.stringify({ ...bundle, log: { ...bundle.log, entries: null } }))
    expect((await audit()).code).toBe(2)
  })
})

describe('stemma export and verify', () => {
  it('write what verifies elsewhere with the key of the log alone, and nothing that was changed on the way', async () => {
    await setUp()
    session('s1')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    await machine.stemma(['push'])
    const [id = ''] = server.evidence.map((one) => one.id)
    const key = JSON.parse(readFileSync(keyFile(), 'utf8'))
    const logKey: string = key.enrolment.logKey

    const path = join(machine.home, 'bundle.json')
    const exported = await machine.stemma(['export', '--evidence', 'HEAD', '--out', path])
    expect(exported.code, exported.stderr).toBe(0)
    const text = readFileSync(path, 'utf8')
    for (const secret of [key.privateKey, key.enrolment.token]) expect(text).not.toContain(secret)
    expect(readCheckpoint(JSON.parse(text).log.checkpoints[0].split('\n\n')[0].concat('\n'))?.size).toBe(1)

    // With the whole log, which the machine audits as well, against its own receipts.
    const all = await machine.stemma(['export', '--evidence', '--all'])
    expect(all.code, all.stderr).toBe(0)
    expect(JSON.parse(all.stdout).log.entries).toHaveLength(1)
    const audited = await machine.json(['log', 'audit'])
    const { held } = audited['receipts'] as { held: number }
    expect(audited).toMatchObject({ verified: true, receipts: { held, included: held } })
    expect(held).toBeGreaterThan(0)

    // Somebody else's machine knows nothing but the log's key.
    const elsewhere = { cwd: machine.home, environment: { HOME: join(machine.home, 'nobody') } }
    const verify = (words: readonly string[]) => machine.stemma(['verify', path, ...words], elsewhere)
    const good = await verify(['--log-key', logKey])
    expect(good.code, good.stdout).toBe(0)
    expect(good.stdout).toContain('✓ verified')
    expect((await verify([])).code).toBe(4)
    writeFileSync(path, text.replace(/"index": \d+/, '"index": 5'))
    const bad = await verify(['--log-key', logKey])
    expect(bad.code).toBe(4)
    expect(bad.stdout).toContain('index-mismatch')

    const sigstore = await machine.stemma(['export', '--sigstore', '--all'])
    const [line = ''] = sigstore.stdout.trim().split('\n')
    const bundle = JSON.parse(line)
    expect(bundle.mediaType).toBe('application/vnd.dev.sigstore.bundle.v0.3+json')
    expect(bundle.verificationMaterial.publicKey.hint).toBe(key.keyId)
    expect(bundle.dsseEnvelope.signatures).toHaveLength(1)

    expect((await machine.stemma(['export', '--evidence'])).code).toBe(2)
    expect((await machine.stemma(['export', '--evidence', '--sigstore', 'HEAD'])).code).toBe(2)

    // The receipt by itself, in both forms, and a log that signed another root for this size.
    const receiptPath = join(machine.state, 'receipts', `${id}.json`)
    const { receipt } = JSON.parse(readFileSync(receiptPath, 'utf8'))
    const proofPath = join(machine.home, 'evidence.tlog-proof')
    writeFileSync(proofPath, receipt)
    expect((await machine.stemma(['verify', receiptPath])).code).toBe(0)
    const proven = await machine.stemma(['verify', proofPath])
    expect(proven.code, proven.stderr).toBe(0)
    expect(proven.stdout).toMatch(/passed\s+history/)
    writeFileSync(proofPath, receipt.replace(/index \d+/, 'index 77'))
    expect((await machine.stemma(['verify', proofPath])).code).not.toBe(0)
  })
})

function keyFile(): string {
  return join(machine.home, '.config/stemma/keys', `${encodeURIComponent(server.url)}.json`)
}

import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, test } from 'vitest'
import { type LogView, LogView as LogViewSchema } from '#core/api/evidence.ts'
import { AuditorToken, ConsistencyView } from '#core/api/log.ts'
import { auditLog } from '#core/evidence/audit.ts'
import { fromBase64 } from '#core/evidence/bytes.ts'
import { readCheckpoint } from '#core/evidence/checkpoint.ts'
import { writeLogLeaf } from '#core/evidence/log-leaf.ts'
import { verifyConsistency } from '#core/evidence/merkle-verify.ts'
import { readNote, readVerifierKey } from '#core/evidence/note.ts'
import { tilePath } from '#core/evidence/tile.ts'
import { verifyTlogProof } from '#core/evidence/tlog-proof.ts'
import { leafOf } from '#test/durable-objects/log-reading.ts'
import { createOrganisation, request, sendJson, type TestOrganisation } from '#test/workerd/organisation.ts'
import { forgetLogReaders } from '#worker/middleware/log-reader.ts'

const LEAVES = 300

let owner: TestOrganisation
let stranger: TestOrganisation
let auditor: string

const choose = async (readers: string, token = owner.token) => sendJson('PUT', '/v1/log', token, { readers })
const view = async (): Promise<LogView> =>
  LogViewSchema.parse(await (await request('/v1/log', { token: owner.machine.token })).json())
const issue = async (token = owner.token) => sendJson('POST', '/v1/log/auditor-tokens', token, {})

beforeAll(async () => {
  owner = await createOrganisation('log-owner')
  stranger = await createOrganisation('log-stranger')
  const log = env.EVIDENCE_LOG.getByName(owner.id)
  await Promise.all(Array.from({ length: LEAVES }, (_, seed) => log.append(leafOf(seed))))
  // Whoever comes first, alarm or test: after this call the checkpoint in the bucket is there.
  await log.publish(Date.now())
  auditor = AuditorToken.parse(await (await issue()).json()).token
})

describe('who may read', () => {
  const paths = ['checkpoint', 'key', 'tile/0/000', 'tile/entries/000', 'consistency?from=1', 'proof/0']
  const statuses = async (prefix: string, token?: string) =>
    Promise.all(paths.map(async (path) => (await request(`${prefix}/${path}`, { ...(token ? { token } : {}) })).status))
  const all = (status: number) => paths.map(() => status)

  /** By the organisation's choice, what its people, its auditors, strangers and nobody in particular are answered. */
  test.each([
    { readers: 'members', auditors: 403, strangers: 404 },
    { readers: 'auditors', auditors: 200, strangers: 404 },
    { readers: 'public', auditors: 200, strangers: 200 },
  ])('$readers', async ({ readers, auditors, strangers }) => {
    expect((await choose(readers)).status).toBe(200)
    expect((await view()).readers).toBe(readers)
    const prefix = `/log/${owner.id}`
    expect(await statuses('/v1/log', owner.machine.token)).toEqual(all(200))
    expect(await statuses(prefix, owner.machine.token)).toEqual(all(200))
    expect(await statuses('/v1/log', auditor)).toEqual(all(auditors))
    expect(await statuses(prefix, auditor)).toEqual(all(auditors))
    expect(await statuses(prefix, stranger.machine.token)).toEqual(all(strangers))
    expect(await statuses(prefix)).toEqual(all(strangers))
    expect(await statuses('/v1/log')).toEqual(all(401))
    expect(await statuses('/log/no-such-organisation')).toEqual(all(404))
  })

  test('only administrators choose and issue; an auditor reads the log and nothing else', async () => {
    expect((await choose('public', owner.machine.token)).status).toBe(403)
    expect((await issue(owner.machine.token)).status).toBe(403)
    await choose('auditors')
    for (const path of ['/v1/sessions', '/v1/keys', '/v1/me', '/v1/evidence/x']) {
      expect((await request(path, { token: auditor })).status, path).toBe(401)
    }
    await choose('auditors', stranger.token)
    const other = AuditorToken.parse(await (await issue(stranger.token)).json()).token
    expect((await request(`/log/${owner.id}/checkpoint`, { token: other })).status).toBe(404)
  })

  test('a new organisation lets its members read, and an ended token is ended', async () => {
    const fresh = await createOrganisation('log-fresh')
    const answer = LogViewSchema.parse(await (await request('/v1/log', { token: fresh.token })).json())
    expect(answer).toMatchObject({ size: 0, readers: 'members', origin: `stemma.test/log/${fresh.id}` })
    expect((await choose('auditors', fresh.token)).status).toBe(200)
    const { token } = AuditorToken.parse(await (await issue(fresh.token)).json())
    expect((await request('/v1/log/checkpoint', { token })).status).toBe(200)
    const ended = await request('/v1/log/auditor-tokens', { method: 'DELETE', token: fresh.token })
    expect(ended.status).toBe(204)
    expect((await request('/v1/log/checkpoint', { token })).status).toBe(401)
  })
})

describe('what is read', () => {
  test('a stranger re-derives the whole log from its origin', async () => {
    await choose('public')
    const { origin, logKey } = await view()
    const read = async (path: string) => request(`${origin.slice('stemma.test'.length)}/${path}`)
    expect((await (await read('key')).text()).trim()).toBe(logKey)
    const audit = await auditLog({
      source: {
        checkpoint: async () => (await read('checkpoint')).text(),
        tile: async (tile) => {
          const response = await read(tilePath(tile))
          return response.ok ? new Uint8Array(await response.arrayBuffer()) : null
        },
        hasTiles: true,
      },
      log: await readVerifierKey(logKey),
      seen: [],
      receipts: [{ index: 0, leaf: writeLogLeaf(leafOf(0)) }],
      onProgress: () => undefined,
    })
    expect(audit).toMatchObject({ verified: true, entries: LEAVES, included: 1, problems: [] })
  })

  test('tiles may be kept for ever, by shared caches only where anybody may read; the checkpoint for seconds', async () => {
    const cached = async (path: string) =>
      (await request(`/log/${owner.id}/${path}`, { token: owner.machine.token })).headers.get('cache-control')
    await choose('public')
    expect(await cached('tile/0/000')).toBe('public, max-age=31536000, immutable')
    expect(await cached('tile/entries/001.p/44')).toBe('public, max-age=31536000, immutable')
    expect(await cached('checkpoint')).toBe('public, max-age=2')
    await choose('members')
    expect(await cached('tile/0/000')).toBe('private, max-age=31536000, immutable')
    expect(await cached('checkpoint')).toBe('private, max-age=2')
    expect(await cached('consistency?from=1')).toBeNull()
    const own = await request('/v1/log/consistency?from=1', { token: owner.machine.token })
    expect(own.headers.get('cache-control')).toBe('no-store')
  })

  test('a partial tile of every earlier size, and nothing beyond the end', async () => {
    const tile = async (path: string) => {
      const response = await request(`/v1/log/tile/${path}`, { token: owner.machine.token })
      return response.ok ? new Uint8Array(await response.arrayBuffer()) : response.status
    }
    const full = await tile('0/000')
    expect(full).toHaveLength(8_192)
    if (typeof full === 'number') return
    for (const width of [1, 7, 255]) expect(await tile(`0/000.p/${width}`)).toEqual(full.slice(0, width * 32))
    expect(await tile('0/001.p/3')).toHaveLength(96)
    expect(await tile('1/000.p/1')).toHaveLength(32)
    for (const path of [
      '0/001',
      '0/001.p/45',
      '0/002.p/1',
      '1/000.p/2',
      '2/000.p/1',
      '0/0',
      '0/0000',
      '00/000',
      '0/000.p/0',
      '0/000.p/256',
      '7/000',
      'entries/002.p/1',
      '0/x000/000',
      '..%2fcheckpoint/000',
    ]) {
      expect(await tile(path), path).toBe(404)
    }
  })

  test('proofs lead from leaf and from earlier tree to the present one', async () => {
    const { checkpoint, logKey } = await view()
    const present = readCheckpoint(readNote(checkpoint)?.text ?? '')
    const proven = await (await request('/v1/log/proof/17', { token: owner.machine.token })).text()
    expect(await verifyTlogProof(proven, writeLogLeaf(leafOf(17)), await readVerifierKey(logKey))).toMatchObject({
      verified: true,
      index: 17,
    })
    const ask = async (query: string) => request(`/v1/log/consistency?${query}`, { token: owner.machine.token })
    const { from, to, proof } = ConsistencyView.parse(await (await ask(`from=256&to=${LEAVES}`)).json())
    expect([from, to]).toEqual([256, LEAVES])
    const tile = await request('/v1/log/tile/1/000.p/1', { token: owner.machine.token })
    const older = { size: 256, root: new Uint8Array(await tile.arrayBuffer()) }
    const hashes = proof.map((hash) => fromBase64(hash) ?? new Uint8Array())
    expect(present !== null && (await verifyConsistency({ older, newer: present, proof: hashes }))).toBe(true)
    for (const query of ['from=0', `from=${LEAVES + 1}`, 'from=5&to=4', `from=1&to=${LEAVES + 1}`, '', 'from=x']) {
      const answer = await ask(query)
      expect([400, 404], `${query}: ${await answer.text()}`).toContain(answer.status)
    }
    expect((await request('/v1/log/proof/300', { token: owner.machine.token })).status).toBe(404)
  })
})

test('a changed choice is forgotten with the memory of it', async () => {
  await choose('public')
  expect((await request(`/log/${owner.id}/checkpoint`)).status).toBe(200)
  await env.DB.prepare("update organisations set log_readers = 'members' where id = ?").bind(owner.id).run()
  expect((await request(`/log/${owner.id}/checkpoint`)).status).toBe(200)
  forgetLogReaders()
  expect((await request(`/log/${owner.id}/checkpoint`)).status).toBe(404)
})

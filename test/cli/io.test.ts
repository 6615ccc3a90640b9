import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { changeServer, parseConfiguration, readServer, writeConfiguration } from '#cli/io/configuration.ts'
import { withLock } from '#cli/io/lock.ts'
import { addOutgoing, listOutgoing, readOutgoing } from '#cli/io/outgoing.ts'
import { knownSecrets, readEnvironmentFile } from '#cli/io/secrets.ts'
import { money } from '#cli/io/words.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stemma-io-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('.stemma.yml', () => {
  it('reads what it writes', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 50, unit: 'grapheme' }), (name) => {
        const text = writeConfiguration({ server: 'https://stemma.example.com', organisation: name })
        const read = parseConfiguration(text)
        return read.organisation === name && read.server === 'https://stemma.example.com' && read.tier === 'redacted'
      }),
    )
  })

  it('keeps comments where only the server changes', () => {
    const text = '# ours\napiVersion: stemma.dev/v1 # fixed\ntier: metadata\n'
    const changed = changeServer(text, { server: 'https://stemma.example.com', organisation: null })
    expect(changed).toBe(`${text}server: https://stemma.example.com\n`)
  })

  it.each([
    ['apiVersion: stemma.dev/v2\n', ':1: `apiVersion`'],
    ['apiVersion: stemma.dev/v1\ntier: half\n', ':2: `tier`'],
    ['apiVersion: stemma.dev/v1\n\nserver: http://example.com\n', ':3: `server`'],
    ['apiVersion: stemma.dev/v1\nstrict: [off\n', ':3:'],
    ['apiVersion: stemma.dev/v1\nserve: x\n', ':2: unknown key `serve`'],
    ['', ':1: `apiVersion`'],
  ])('names the line of what is wrong in %j', (text, where) => {
    expect(() => parseConfiguration(text)).toThrow(where)
  })

  it.each([
    ['https://Stemma.Example.com/', 'https://stemma.example.com'],
    ['http://127.0.0.1:8787', 'http://127.0.0.1:8787'],
    ['https://example.com/stemma/', 'https://example.com/stemma'],
    ['http://example.com', null],
    ['https://user:pass@example.com', null],
    ['ftp://example.com', null],
    ['example.com', null],
  ])('takes %s for %s', (address, server) => {
    expect(readServer(address)).toBe(server)
  })
})

describe('the lock', () => {
  it('lets one at a time in, however many come', async () => {
    let inside = 0
    let most = 0
    let done = 0
    const work = async () => {
      inside++
      most = Math.max(most, inside)
      await new Promise((settle) => setTimeout(settle, 5))
      inside--
      done++
    }
    await Promise.all(Array.from({ length: 8 }, () => withLock(join(folder, 'lock'), 20_000, work)))
    expect({ most, done }).toEqual({ most: 1, done: 8 })
  })

  it('comes free when the work fails, and is not waited for longer than asked', async () => {
    const lock = join(folder, 'lock')
    await expect(withLock(lock, 0, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    const inside = Promise.withResolvers<void>()
    const leave = Promise.withResolvers<void>()
    const held = withLock(lock, 0, () => {
      inside.resolve()
      return leave.promise
    })
    await inside.promise
    expect(await withLock(lock, 50, async () => 'in')).toEqual({ acquired: false })
    leave.resolve()
    await held
    expect(await withLock(lock, 50, async () => 'in')).toEqual({ acquired: true, result: 'in' })
  })
})

describe('the outgoing spool', () => {
  const id = 'a'.repeat(64)
  const evidence = {
    notes: {
      id,
      session: 's',
      predicateType: 'p',
      commits: [],
      events: 0,
      content: 'c',
      transcript: null,
      createdAt: '2026-11-22T00:00:00.000Z',
    },
    envelope: '{"first":true}',
    transcript: new Uint8Array([1, 2]),
  }

  it('keeps the first bytes of evidence that is added twice, and shows no drafts', async () => {
    await addOutgoing(folder, evidence)
    await addOutgoing(folder, { ...evidence, envelope: '{"second":true}' })
    expect(await listOutgoing(folder)).toEqual([id])
    expect((await readOutgoing(folder, id))?.envelope).toBe('{"first":true}')
  })

  it('takes damaged evidence for none instead of failing', async () => {
    await addOutgoing(folder, evidence)
    writeFileSync(join(folder, 'outgoing', id, 'notes.json'), '{')
    expect(await readOutgoing(folder, id)).toBeNull()
  })
})

describe('secrets of this machine', () => {
  it('takes what is named or looks like one, and leaves settings alone', () => {
    const text = [
      'NODE_ENV=production',
      'PORT=3000',
      'export API_TOKEN="a b c d e f g"',
      "DB_PASSWORD='with # sign' # a comment",
      'SESSION=9f8e7d6c5b4a39281706',
      'DATABASE_URL=postgres://ada:s3cretpass@db/shop',
      'TOKEN_FILE=/run/secrets/token-of-shop',
    ].join('\n')
    expect(readEnvironmentFile(text).map(([name, value]) => `${name}: ${value}`)).toEqual([
      'API_TOKEN: a b c d e f g',
      'DB_PASSWORD: with # sign',
      'SESSION: 9f8e7d6c5b4a39281706',
      'DATABASE_URL: postgres://ada:s3cretpass@db/shop',
    ])
  })

  it('reads .env files but no templates, and the longest value first', async () => {
    writeFileSync(join(folder, '.env.local'), 'A_SECRET=short-one-1\nB_SECRET=short-one-1-and-longer\n')
    writeFileSync(join(folder, '.env.example'), 'C_SECRET=change-me-please\n')
    const environment = { GITHUB_TOKEN: 'from-the-environment', SSH_AUTH_SOCK: '/run/agent.1234' }
    expect(await knownSecrets([folder], environment)).toEqual([
      'short-one-1-and-longer',
      'from-the-environment',
      'short-one-1',
    ])
  })
})

describe('money', () => {
  it.each([
    [{ microUsd: 1_234_567, unpricedModels: [] }, '$1.23'],
    [{ microUsd: 1_000_000, unpricedModels: ['x'] }, '$1.00+'],
    [{ microUsd: 12, unpricedModels: [] }, '<$0.01'],
    [{ microUsd: 0, unpricedModels: [] }, '$0.00'],
    [{ microUsd: null, unpricedModels: ['x'] }, 'unpriced'],
    [{ microUsd: null, unpricedModels: [] }, 'not recorded'],
  ])('says %j as %s', (cost, text) => {
    expect(money(cost)).toBe(text)
  })
})

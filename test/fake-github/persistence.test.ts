import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startFakeGitHub } from './server.ts'
import { openWorkplace } from './workplace.ts'

test('a fake with a folder of its own continues where it stopped', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kept-'))
  const first = await openWorkplace({ persistPath: folder })
  try {
    const pull = await first.propose('kept', { 'k.txt': 'k\n' })
    await first.api('POST', `/repos/acme/shop/issues/${pull.number}/comments`, { body: 'kept' })
    await first.close()

    const second = await startFakeGitHub({
      appId: 1,
      publicKey: first.key.spki,
      webhookSecret: 's',
      persistPath: folder,
    })
    expect(second.pullRequest({ owner: 'acme', name: 'shop', number: pull.number }).head.sha).toBe(pull.head.sha)
    expect(second.state.comments.map(({ body }) => body)).toEqual(['kept'])
    expect(second.install({ account: 'acme' }).id).toBe(first.installation.id)
    const page = await (await fetch(`${second.url}/acme/shop/pull/${pull.number}`)).text()
    expect(page).toContain('k.txt')
    const { id } = await second.createRepository({ owner: 'acme', name: 'shop' })
    expect(id).toBe(second.state.repositories[0]?.id)
    expect(second.state.nextId).toBeGreaterThan(Math.max(...second.state.comments.map((comment) => comment.id)))
    await second.close()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

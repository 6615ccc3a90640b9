/** The one writer: what is written, in what order, and what survives. */
import { evictDurableObject } from 'cloudflare:test'
import { describe, expect, test } from 'vitest'
import { check, comment, freshForEachTest, friendly, github, openOutbox } from './outbox-world.ts'

freshForEachTest()

describe('writing', () => {
  test('one write a turn, in order, with a pause between', async () => {
    friendly()
    const { put, turn, plannedAt, stub } = await openOutbox()
    await put(check())
    await put(comment('first'))
    await turn()
    expect(github.writes().map(({ path }) => path)).toEqual(['/repos/octo/widgets/check-runs'])
    expect((await plannedAt()) ?? 0).toBeGreaterThan(Date.now() + 50_000)
    await turn()
    expect(github.writes().map(({ path }) => path)).toEqual([
      '/repos/octo/widgets/check-runs',
      '/repos/octo/widgets/issues/7/comments',
    ])
    expect(await stub.pending()).toEqual([])
  })

  test('of several bodies under one key only the newest is written', async () => {
    friendly()
    const { put, turn } = await openOutbox()
    for (const body of ['one', 'two', 'three']) await put(comment(body))
    await put(check({ status: 'in_progress', conclusion: null }))
    await put(check({ conclusion: 'failure' }))
    for (let count = 0; count < 4; count++) await turn()
    expect(github.writes().map(({ body }) => body)).toMatchObject([{ body: 'three' }, { conclusion: 'failure' }])
  })

  test('what is there is updated; the same again costs no request', async () => {
    friendly()
    const { put, turn } = await openOutbox()
    for (const write of [comment('one'), comment('two'), comment('two')]) {
      await put(write)
      await turn()
    }
    expect(github.writes().map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /repos/octo/widgets/issues/7/comments',
      'PATCH /repos/octo/widgets/issues/comments/101',
    ])
    const before = github.asked.length
    await put(comment('two'))
    await turn()
    expect(github.asked.length).toBe(before)
  })

  test('a renamed repository keeps its check and comment, and what waits for it', async () => {
    friendly()
    const { put, turn, stub } = await openOutbox()
    for (const write of [comment('one'), check({ conclusion: 'success' })]) {
      await put(write)
      await turn()
    }
    await put(comment('two'))
    await stub.rename('octo/widgets', 'octo/gadgets')
    // Another repository whose name only begins alike is left alone.
    await stub.rename('octo/gadget', 'octo/other')
    await turn()
    const renamed = check({ conclusion: 'failure' })
    await put({ ...renamed, repository: 'octo/gadgets' })
    await turn()
    expect(github.writes().map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /repos/octo/widgets/issues/7/comments',
      'POST /repos/octo/widgets/check-runs',
      expect.stringMatching(/^PATCH \/repos\/octo\/gadgets\/issues\/comments\/\d+$/),
      expect.stringMatching(/^PATCH \/repos\/octo\/gadgets\/check-runs\/\d+$/),
    ])
  })

  test('updates add annotations, so each is sent once, and a run that must lose one is followed by a new one', async () => {
    friendly()
    const { put, turn } = await openOutbox()
    const annotation = { path: 'a.ts', startLine: 1, endLine: 1, level: 'warning', title: 't', message: 'm' } as const
    const second = { ...annotation, path: 'b.ts' }
    for (const write of [
      check({ status: 'in_progress', conclusion: null }),
      check({ annotations: [annotation] }),
      check({ annotations: [annotation], title: 'changed' }),
      check({ annotations: [annotation, second], title: 'changed' }),
      check({ annotations: [second], title: 'changed' }),
    ]) {
      await put(write)
      await turn()
    }
    const sent = github.writes().map(({ method, body }) => {
      const { output } = body as { readonly output: { readonly annotations?: readonly { readonly path: string }[] } }
      return [method, ...(output.annotations ?? []).map(({ path }) => path)].join(' ')
    })
    expect(sent).toEqual(['POST', 'PATCH a.ts', 'PATCH', 'PATCH b.ts', 'POST b.ts'])
  })

  test('a re-run is a new run, even where a newer body overtakes it', async () => {
    friendly()
    const { put, turn } = await openOutbox()
    await put(check())
    await turn()
    await put(check({ status: 'in_progress', conclusion: null }, true))
    await put(check())
    await turn()
    expect(github.writes().map(({ method, body }) => [method, body])).toMatchObject([
      ['POST', { conclusion: 'success' }],
      ['POST', { conclusion: 'success' }],
    ])
  })

  test('tokens are narrow: this repository, these permissions, asked for once', async () => {
    friendly()
    const { put, turn } = await openOutbox()
    await put(check())
    await turn()
    await put(check({ title: 'changed' }))
    await turn()
    const tokens = github.asked.filter(({ path }) => path.endsWith('/access_tokens'))
    expect(tokens.map(({ body }) => body)).toEqual([
      { repositories: ['widgets'], permissions: { checks: 'write', metadata: 'read', pull_requests: 'write' } },
    ])
    expect(tokens[0]?.authorization).toMatch(/^Bearer eyJ/)
    expect(github.writes()[0]?.authorization).toMatch(/^token ghs_/)
  })
})

describe('restart', () => {
  test('what waits survives the death of the object', async () => {
    friendly()
    const installation = 900_001
    const { put, stub } = await openOutbox(installation)
    await put(comment('kept'))
    await evictDurableObject(stub)
    const again = await openOutbox(installation)
    expect(await again.stub.pending()).toHaveLength(1)
    await again.turn()
    expect(github.writes()).toHaveLength(1)
  })

  test('the clock sets an alarm again that the platform gave up', async () => {
    const { put, stub, plannedAt } = await openOutbox()
    await put(comment('waits'))
    expect(await plannedAt()).toBeNull()
    github.answer(() => new Promise(() => {}))
    await stub.wake()
    expect(await plannedAt()).not.toBeUndefined()
  })
})

/** What GitHub refuses, limits and leaves unanswered. */
import { describe, expect, test } from 'vitest'
import { json, until } from './github.ts'
import { check, comment, freshForEachTest, friendly, github, HEAD, openOutbox } from './outbox-world.ts'

freshForEachTest()

describe('refusals', () => {
  test('nothing is dropped: the error stays visible, the pauses grow, and the write succeeds in the end', async () => {
    const { put, turn, stub, within } = await openOutbox()
    await put(check())
    const pauses: number[] = []
    // More often than what is not found is asked for.
    for (let count = 0; count < 14; count++) {
      const before = Date.now()
      await turn()
      const [pending] = await stub.pending()
      pauses.push(Date.parse(pending?.dueAt ?? '') - before)
      expect(pending).toMatchObject({ attempts: count + 1, isStuck: count + 1 >= 8 })
      expect(pending?.error).toContain('GitHub answered 500')
    }
    expect(pauses[0]).toBeGreaterThanOrEqual(2_000)
    expect(pauses[3]).toBeGreaterThanOrEqual(16_000)
    expect(pauses.at(-1)).toBeLessThan(3_700_000)
    friendly()
    await turn()
    expect(await stub.pending()).toEqual([])
    expect(await within((_, state) => state.storage.getAlarm())).toBeNull()
  })

  test.each([
    ['retry-after', () => json({ message: 'slow down' }, 429, { 'retry-after': '120' }), 120_000],
    [
      'a secondary limit without a time',
      () => json({ message: 'You have exceeded a secondary rate limit' }, 403),
      60_000,
    ],
    [
      'a used-up hour',
      () =>
        json({ message: 'API rate limit exceeded' }, 403, {
          'x-ratelimit-remaining': '0',
          'x-ratelimit-reset': String(Math.floor(Date.now() / 1_000) + 900),
        }),
      890_000,
    ],
  ])('%s stops every write of the installation for as long', async (_, refuse, wait) => {
    github.answer(({ method, path }) => (method === 'POST' && path.endsWith('/check-runs') ? refuse() : null))
    const { put, turn, plannedAt } = await openOutbox()
    await put(check())
    await put(comment('waits too'))
    const before = Date.now()
    await turn()
    expect((await plannedAt()) ?? 0).toBeGreaterThanOrEqual(before + wait)
    expect((await plannedAt()) ?? 0).toBeLessThan(before + wait + 70_000)
  })

  test('a token that GitHub refuses before its time is replaced at once', async () => {
    friendly()
    let isRevoked = true
    github.answer(({ path }) => {
      if (!isRevoked || path.endsWith('/access_tokens')) return null
      isRevoked = false
      return json({ message: 'Bad credentials' }, 401)
    })
    const { put, turn, stub } = await openOutbox()
    await put(check())
    await turn()
    expect(await stub.pending()).toEqual([])
    expect(github.asked.filter(({ path }) => path.endsWith('/access_tokens'))).toHaveLength(2)
  })

  test('a run whose creation was not answered is found again by its mark, also after a newer body came', async () => {
    friendly()
    let created: unknown = null
    github.answer(({ method, path, body }) => {
      if (created !== null || method !== 'POST' || !path.endsWith('/check-runs')) return null
      created = body
      return json({ message: 'the answer is lost' }, 502)
    })
    github.answer(({ method, path }) => {
      const mark =
        typeof created === 'object' && created !== null && 'external_id' in created ? created.external_id : null
      const runs = [
        { id: 8, external_id: 'another', output: { annotations_count: 0 } },
        { id: 9, external_id: mark, output: { annotations_count: 0 } },
      ]
      return method === 'GET' && path.includes(`/commits/${HEAD}/check-runs?`) ? json({ check_runs: runs }) : null
    })
    const { put, turn, stub } = await openOutbox()
    await put(check({ title: 'older' }))
    await turn()
    await put(check({ title: 'newer' }))
    await turn()
    expect(await stub.pending()).toEqual([])
    expect(github.writes().map(({ method, path, body }) => [method, path, body])).toMatchObject([
      ['POST', '/repos/octo/widgets/check-runs', { output: { title: 'older' } }],
      ['PATCH', '/repos/octo/widgets/check-runs/9', { output: { title: 'newer' } }],
    ])
  })

  test('a body that comes while the old one is being written is written after it', async () => {
    friendly()
    const outbox = await openOutbox()
    const { promise: isReleased, resolve: release } = Promise.withResolvers<void>()
    let isFirst = true
    github.answer(async ({ method, path }) => {
      if (!isFirst || method !== 'POST' || !path.endsWith('/check-runs')) return null
      isFirst = false
      await isReleased
      return json({ id: 1 }, 201)
    })
    await outbox.put(check({ title: 'older' }, true))
    const turned = outbox.turn()
    await until(() => !isFirst)
    await outbox.stub.put(check({ title: 'newer' }))
    release()
    await turned
    expect(await outbox.stub.pending()).toHaveLength(1)
    await outbox.turn()
    expect(github.writes().map(({ method, body }) => [method, body])).toMatchObject([
      ['POST', { output: { title: 'older' } }],
      ['PATCH', { output: { title: 'newer' } }],
    ])
  })

  test('what is not found for hours ends: it stays visible, is asked no more, and comes back with the next body', async () => {
    github.answer(({ path }) => (path.endsWith('/access_tokens') ? null : json({ message: 'Not Found' }, 404)))
    const { put, turn, stub, plannedAt } = await openOutbox()
    await put(check())
    for (let count = 0; count < 11; count++) await turn()
    expect(await stub.pending()).toMatchObject([{ attempts: 11, isStuck: true, dueAt: expect.any(String) }])
    await turn()
    const [refused] = await stub.pending()
    expect(refused).toMatchObject({ attempts: 12, isStuck: true, dueAt: null })
    expect(refused?.error).toContain('GitHub answered 404')
    // No alarm: nothing would end what is asked each hour for ever.
    await stub.wake()
    expect(await plannedAt()).toBeNull()

    const other = comment('is written beside it')
    friendly()
    await put(other)
    await turn()
    expect((await stub.pending()).map(({ key }) => key)).toEqual([`check octo/widgets ${HEAD} Stemma`])
    await put(check())
    await turn()
    expect(await stub.pending()).toEqual([])
  })

  test.each([
    ['was made', true, ['PATCH a.ts', 'PATCH']],
    ['was not made', false, ['PATCH a.ts', 'PATCH a.ts']],
  ])(
    'an update that was not answered and %s leaves one run, with each annotation once',
    async (_, isMade, expected) => {
      friendly()
      const { put, turn, stub } = await openOutbox()
      await put(check({ status: 'in_progress', conclusion: null }))
      await turn()
      let isLost = true
      github.answer(({ method, path }) => {
        if (method === 'GET' && /\/check-runs\/\d+$/.test(path))
          return json({ output: { annotations_count: isMade ? 1 : 0 } })
        if (method !== 'PATCH' || !isLost) return null
        isLost = false
        return json({ message: 'the answer is lost' }, 502)
      })
      const annotation = { path: 'a.ts', startLine: 1, endLine: 1, level: 'warning', title: 't', message: 'm' } as const
      await put(check({ annotations: [annotation] }))
      await turn()
      await turn()
      const sent = github.writes().map(({ method, body }) => {
        const { output } = body as { readonly output: { readonly annotations?: readonly { readonly path: string }[] } }
        return [method, ...(output.annotations ?? []).map(({ path }) => path)].join(' ')
      })
      expect(sent).toEqual(['POST', ...expected])
      expect(await stub.pending()).toEqual([])
    },
  )
})

/** The one comment: ours, found again, and nobody else's. */
import { describe, expect, test } from 'vitest'
import { json } from './github.ts'
import { comment, freshForEachTest, friendly, github, openOutbox } from './outbox-world.ts'

freshForEachTest()

describe('comments', () => {
  const marked = 'text <!-- stemma -->'

  test("somebody else's comment with our marker is left alone", async () => {
    friendly()
    github.answer(({ method, path }) =>
      method === 'GET' && path.includes('/issues/7/comments')
        ? json([
            { id: 5, body: marked, performed_via_github_app: null },
            { id: 6, body: marked, performed_via_github_app: { id: 9 } },
          ])
        : null,
    )
    const { put, turn } = await openOutbox()
    await put(comment(marked))
    await turn()
    expect(github.writes().map(({ method }) => method)).toEqual(['POST'])
  })

  test('our own comment is found again by its marker, on any page, and edited', async () => {
    friendly()
    github.answer(({ method, path }) => {
      if (method !== 'GET' || !path.includes('/issues/7/comments')) return null
      if (path.includes('page=2')) return json([{ id: 6, body: marked, performed_via_github_app: { id: 42 } }])
      const link = '<https://api.github.com/repos/octo/widgets/issues/7/comments?per_page=100&page=2>; rel="next"'
      return json([{ id: 5, body: 'hello' }], 200, { link })
    })
    const { put, turn } = await openOutbox()
    await put(comment(`new ${marked}`))
    await turn()
    expect(github.writes()).toMatchObject([{ method: 'PATCH', path: '/repos/octo/widgets/issues/comments/6' }])
  })

  test('a deleted comment is written anew', async () => {
    friendly()
    const { put, turn } = await openOutbox()
    await put(comment('one'))
    await turn()
    github.answer(({ path }) => (/comments\/101$/.test(path) ? json({ message: 'Not Found' }, 404) : null))
    await put(comment('two'))
    await turn()
    expect(github.writes().map(({ method }) => method)).toEqual(['POST', 'POST'])
  })

  test('a next page on another host is not followed, so that no token leaves', async () => {
    friendly()
    github.answer(({ method, path }) =>
      method === 'GET' && path.includes('/issues/7/comments')
        ? json([], 200, { link: '<https://evil.example/steal>; rel="next"' })
        : null,
    )
    const { put, turn } = await openOutbox()
    await put(comment('one'))
    await turn()
    expect(github.asked.some(({ path }) => path.includes('steal'))).toBe(false)
    expect(github.writes()).toHaveLength(1)
  })
})

describe('duplicates of our comment', () => {
  test('are folded, the first is edited, and what others wrote stays', async () => {
    const ours = { body: '<!-- stemma:pr:v1 --> old', performed_via_github_app: { id: 42 } }
    github.answer(({ method, path }) => {
      if (method === 'GET' && /\/issues\/7\/comments/.test(path)) {
        const theirs = { id: 1, node_id: 'theirs', body: ours.body, performed_via_github_app: null }
        return json([theirs, { id: 2, node_id: 'first', ...ours }, { id: 3, node_id: 'second', ...ours }])
      }
      if (path.endsWith('/graphql')) return json({ data: null, errors: [{ message: 'no' }] })
      return method === 'PATCH' ? json({ id: 2 }) : null
    })
    const { put, turn } = await openOutbox()
    const write = comment('new')
    await put(write.kind === 'comment' ? { ...write, marker: '<!-- stemma:pr:v1 -->' } : write)
    await turn()
    expect(github.writes().map(({ method, path }) => [method, path])).toEqual([
      ['POST', '/graphql'],
      ['PATCH', '/repos/octo/widgets/issues/comments/2'],
    ])
    expect(JSON.stringify(github.writes()[0])).toContain('second')
  })
})

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openWorkplace, type Workplace } from './workplace.ts'

let place: Workplace
const comments = '/repos/acme/shop/issues/1/comments'
const comment = (id: number): string => `/repos/acme/shop/issues/comments/${id}`

beforeAll(async () => {
  place = await openWorkplace()
  await place.propose('comments', { 'a.txt': 'a\n' })
})
afterEach(async () => {
  await place.github.settled()
  place.github.assertNoViolations()
})
afterAll(() => place.close())

test('a comment is written, edited in place, read and deleted', async () => {
  const created = await place.api('POST', comments, { body: 'first' })
  expect([created.status, created.body.user.login, created.body.user.type]).toEqual([201, 'stemma[bot]', 'Bot'])
  expect(created.body.performed_via_github_app.id).toBe(place.github.state.comments[0]?.appId)

  const edited = await place.api('PATCH', comment(created.body.id), { body: 'second' })
  expect([edited.status, edited.body.id, edited.body.body]).toEqual([200, created.body.id, 'second'])
  expect((await place.api('GET', comments)).body).toEqual([edited.body])

  expect((await place.api('DELETE', comment(created.body.id))).status).toBe(204)
  expect((await place.api('GET', comment(created.body.id))).status).toBe(404)
  await place.github.settled()
  const events = place.received.filter(({ event }) => event === 'issue_comment').map(({ payload }) => payload['action'])
  expect(events).toEqual(['created', 'edited', 'deleted'])
})

test('65,536 characters fit and one more does not', async () => {
  const long = await place.api('POST', comments, { body: 'ü'.repeat(65_536) })
  expect(long.status).toBe(201)
  const tooLong = await place.api('PATCH', comment(long.body.id), { body: 'ü'.repeat(65_537) })
  expect([tooLong.status, tooLong.body.errors[0].message]).toEqual([
    422,
    'body is too long (maximum is 65536 characters)',
  ])
  expect(place.github.state.comments.find(({ id }) => id === long.body.id)?.body).toHaveLength(65_536)
})

test('an empty comment is refused', async () => {
  expect((await place.api('POST', comments, { body: ' \n' })).status).toBe(422)
})

test('a comment on what does not exist is 404', async () => {
  expect((await place.api('POST', '/repos/acme/shop/issues/99/comments', { body: 'x' })).status).toBe(404)
})

test('a person comments and the App is told', async () => {
  place.received.length = 0
  const written = place.github.comment({ owner: 'acme', name: 'shop', number: 1, author: 'ada', body: 'nice' })
  await place.github.settled()
  expect(place.received[0]?.payload).toMatchObject({
    action: 'created',
    comment: { id: written.id, user: { login: 'ada' }, performed_via_github_app: null },
    issue: { number: 1, pull_request: {} },
  })
})

test.each([
  [
    'inline',
    (id: string) => ({
      query: `mutation { minimizeComment(input: {subjectId: "${id}", classifier: OUTDATED}) { minimizedComment { isMinimized } } }`,
    }),
  ],
  [
    'with a variable',
    (id: string) => ({
      query:
        'mutation ($input: MinimizeCommentInput!) { minimizeComment(input: $input) { minimizedComment { isMinimized } } }',
      variables: { input: { subjectId: id, classifier: 'OUTDATED' } },
    }),
  ],
  [
    'with variables inside',
    (id: string) => ({
      query:
        'mutation ($id: ID!) { minimizeComment(input: {subjectId: $id, classifier: OUTDATED}) { clientMutationId } }',
      variables: { id },
    }),
  ],
])('GraphQL minimises a comment, input %s', async (_, request) => {
  const { body } = await place.api('POST', comments, { body: 'old news' })
  const answer = await place.api('POST', '/graphql', request(body.node_id))
  expect(answer.body.data.minimizeComment.minimizedComment.isMinimized).toBe(true)
  expect(place.github.state.comments.find(({ id }) => id === body.id)?.minimizedReason).toBe('outdated')
})

test('GraphQL answers errors with status 200', async () => {
  const query = 'mutation { minimizeComment(input: {subjectId: "nobody", classifier: OUTDATED}) { clientMutationId } }'
  const { status, body } = await place.api('POST', '/graphql', { query })
  expect([status, body.errors[0].type]).toEqual([200, 'NOT_FOUND'])
})

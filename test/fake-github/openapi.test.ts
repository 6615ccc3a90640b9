import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { loadSpecification } from './openapi.ts'
import { openWorkplace, type Workplace } from './workplace.ts'

let place: Workplace
const specification = loadSpecification()

beforeAll(async () => {
  place = await openWorkplace()
  await place.propose('openapi', { 'a.txt': 'a\n' })
})
beforeEach(() => {
  place.github.state.violations.length = 0
})
afterAll(() => place.close())

test('an invalid request is 422 and on record', async () => {
  const { status, body } = await place.api('POST', '/repos/acme/shop/issues/1/comments', { body: 7 })
  expect([status, body.errors]).toEqual([422, ['/body must be string {"type":"string"}']])
  expect(place.github.state.violations).toEqual([
    { direction: 'request', operation: 'issues/create-comment', problems: ['/body must be string {"type":"string"}'] },
  ])
  expect(() => place.github.assertNoViolations()).toThrow(/issues\/create-comment/)
})

test('a property that GitHub would ignore passes but is on record', async () => {
  const { status } = await place.api('POST', '/repos/acme/shop/issues/1/comments', { body: 'x', boddy: 'y' })
  expect(status).toBe(201)
  expect(place.github.state.violations[0]?.problems).toEqual(['/boddy is not a property that GitHub knows'])
})

test('a body that is no JSON is 400', async () => {
  const { status, body } = await place.api('POST', '/repos/acme/shop/issues/1/comments', '{')
  expect([status, body.message]).toEqual([400, 'Problems parsing JSON'])
})

test('an unknown parameter and a page that is too large are on record', async () => {
  await place.api('GET', '/repos/acme/shop/pulls?per_page=500&sortt=created')
  expect(place.github.state.violations[0]?.problems).toEqual([
    '?sortt is not a parameter that GitHub knows',
    '?per_page is more than 100',
  ])
})

test('an operation that the fake does not know is 404 and on record', async () => {
  expect((await place.api('GET', '/repos/acme/shop/labels')).status).toBe(404)
  expect(place.github.state.violations[0]?.operation).toBe('GET /repos/acme/shop/labels')
})

test('an answer that is not as GitHub describes it never leaves', async () => {
  const run = place.github.reportCheck({
    owner: 'acme',
    name: 'shop',
    sha: place.github.pullRequest({ owner: 'acme', name: 'shop', number: 1 }).head.sha,
    check: 'CI',
    appId: 5,
    conclusion: 'success',
  })
  Object.assign(run, { conclusion: 'splendid' })
  const { status, body } = await place.api('GET', `/repos/acme/shop/check-runs/${run.id}`)
  expect(status).toBe(500)
  expect(body.message).toContain('/conclusion')
  expect(place.github.state.violations).toMatchObject([{ direction: 'answer', operation: 'checks/get' }])
  Object.assign(run, { conclusion: 'success' })
})

test('null is allowed where GitHub allows it, and nowhere else', async () => {
  const { body } = await place.api('GET', '/repos/acme/shop/pulls/1')
  expect(specification.checkAnswer('pulls/get', 200, body)).toEqual([])
  expect(specification.checkAnswer('pulls/get', 200, { ...body, body: null, merged_by: null })).toEqual([])
  expect(specification.checkAnswer('pulls/get', 200, { ...body, title: null })).not.toEqual([])
  expect(specification.checkAnswer('pulls/get', 200, { ...body, state: null })).not.toEqual([])
  expect(specification.checkAnswer('pulls/get', 203, body)).not.toEqual([])
})

test('a webhook without its action or of an unknown name is a violation', () => {
  expect(specification.checkWebhook('pull-request-opened', {})).not.toEqual([])
  expect(specification.checkWebhook('pull-request-invented', {})).not.toEqual([])
})

test('every operation of the extract is served', async () => {
  const values: Readonly<Record<string, string>> = {
    owner: 'acme',
    repo: 'shop',
    ref: 'main',
    basehead: 'main...openapi',
  }
  for (const [id, { method, path }] of Object.entries(specification.operations)) {
    const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '1')
    await place.api(method, address, method === 'GET' ? undefined : {})
    const unknown = place.github.state.violations.filter(({ operation }) => operation === `${method} ${address}`)
    expect(unknown, id).toEqual([])
  }
})

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { openWorkplace, type Workplace } from './workplace.ts'

let place: Workplace
let sha: string
const runs = '/repos/acme/shop/check-runs'

beforeAll(async () => {
  place = await openWorkplace()
  sha = (await place.propose('checks', { 'a.txt': 'a\n' })).head.sha
})
beforeEach(() => {
  place.github.state.violations.length = 0
})
afterEach(async () => {
  await place.github.settled()
})
afterAll(() => place.close())

const annotation = (line: number) => ({
  path: 'a.txt',
  start_line: line,
  end_line: line,
  annotation_level: 'warning',
  message: 'look',
})

test('a run goes from queued through in progress to its conclusion', async () => {
  const created = await place.api('POST', runs, { name: 'Stemma', head_sha: sha })
  expect([created.status, created.body.status, created.body.conclusion]).toEqual([201, 'queued', null])
  expect(created.body.pull_requests.map((pull: { number: number }) => pull.number)).toEqual([1])
  const url = `${runs}/${created.body.id}`

  const started = await place.api('PATCH', url, { status: 'in_progress', output: { title: 'Reading', summary: '…' } })
  expect([started.status, started.body.status, started.body.output.title]).toEqual([200, 'in_progress', 'Reading'])

  const ended = await place.api('PATCH', url, { conclusion: 'neutral', output: { title: 'Done', summary: '**ok**' } })
  expect([ended.body.status, ended.body.conclusion]).toEqual(['completed', 'neutral'])
  expect(ended.body.completed_at).toMatch(/Z$/)

  const read = await place.api('GET', url)
  expect(read.body).toEqual(ended.body)
  place.github.assertNoViolations()
})

test('a run that is set back to in progress loses its conclusion', async () => {
  const { body } = await place.api('POST', runs, { name: 'Back', head_sha: sha, conclusion: 'success' })
  const again = await place.api('PATCH', `${runs}/${body.id}`, { status: 'in_progress' })
  expect([again.body.status, again.body.conclusion, again.body.completed_at]).toEqual(['in_progress', null, null])
})

test('completed needs a conclusion, and stale is not ours to set', async () => {
  expect((await place.api('POST', runs, { name: 'a', head_sha: sha, status: 'completed' })).status).toBe(422)
  expect((await place.api('POST', runs, { name: 'a', head_sha: sha, conclusion: 'stale' })).status).toBe(422)
})

test('a commit that does not exist is refused', async () => {
  const { status, body } = await place.api('POST', runs, { name: 'a', head_sha: 'f'.repeat(40) })
  expect([status, body.message]).toEqual([422, `No commit found for SHA: ${'f'.repeat(40)}`])
})

test.each([
  [
    '51 annotations',
    { title: 't', summary: 's', annotations: Array.from({ length: 51 }, (_, i) => annotation(i + 1)) },
  ],
  ['a summary of 65,536 characters', { title: 't', summary: 'x'.repeat(65_536) }],
  ['a text of 65,536 characters', { title: 't', summary: 's', text: 'x'.repeat(65_536) }],
  ['an output without a summary', { title: 't' }],
])('%s is too much', async (_, output) => {
  const { status, body } = await place.api('POST', runs, { name: 'a', head_sha: sha, output })
  expect(status).toBe(422)
  expect(body.errors).not.toEqual([])
  expect(place.github.state.violations).toMatchObject([{ direction: 'request', operation: 'checks/create' }])
})

test('annotations of later requests are added to earlier ones, 50 at a time', async () => {
  const fifty = Array.from({ length: 50 }, (_, index) => annotation(index + 1))
  const output = { title: 't', summary: 'x'.repeat(65_535), annotations: fifty }
  const { body } = await place.api('POST', runs, { name: 'Many', head_sha: sha, output })
  const next = await place.api('PATCH', `${runs}/${body.id}`, { output: { ...output, annotations: fifty.slice(0, 3) } })
  expect(next.body.output.annotations_count).toBe(53)
  const page = await place.api('GET', `${runs}/${body.id}/annotations?per_page=50&page=2`)
  expect(page.body.map((one: { start_line: number }) => one.start_line)).toEqual([1, 2, 3])
  place.github.assertNoViolations()
})

test('a ref lists the newest run of each name, or all', async () => {
  await place.api('POST', runs, { name: 'Twice', head_sha: sha, conclusion: 'failure' })
  await place.api('POST', runs, { name: 'Twice', head_sha: sha, conclusion: 'success' })
  const list = '/repos/acme/shop/commits/checks/check-runs?check_name=Twice'
  const latest = await place.api('GET', list)
  expect(latest.body.check_runs.map((run: { conclusion: string }) => run.conclusion)).toEqual(['success'])
  expect((await place.api('GET', `${list}&filter=all`)).body.total_count).toBe(2)
  place.github.assertNoViolations()
})

test("another App's run cannot be changed", async () => {
  const other = place.github.reportCheck({ owner: 'acme', name: 'shop', sha, check: 'CI', appId: 99, conclusion: null })
  expect((await place.api('PATCH', `${runs}/${other.id}`, { conclusion: 'success' })).status).toBe(403)
  expect((await place.api('GET', `${runs}/${other.id}`)).body.app.id).toBe(99)
})

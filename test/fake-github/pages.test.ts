import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { patchLines } from './pages/diff.ts'
import { renderMarkdown } from './pages/markdown.ts'
import { sanitise } from './pages/sanitise.ts'
import { openWorkplace, type Workplace } from './workplace.ts'

let place: Workplace
const shop = { owner: 'acme', name: 'shop' }
const hostile = '"><script>alert(1)</script><img src=x onerror=alert(2)>'

beforeAll(async () => {
  place = await openWorkplace()
  await place.propose('page', { 'src/till.ts': `one\n${hostile}\n` })
})
afterAll(() => place.close())

const read = async (path: string): Promise<string> => (await fetch(`${place.github.url}${path}`)).text()

test('titles, files, comments and checks cannot break out of the page', async () => {
  const { number, head } = place.github.pullRequest({ ...shop, number: 1 })
  await place.github.updatePullRequest({ ...shop, number, title: hostile, body: hostile })
  place.github.comment({ ...shop, number, author: hostile, body: hostile })
  place.github.reportCheck({
    ...shop,
    sha: head.sha,
    check: hostile,
    appId: 9,
    conclusion: 'failure',
    summary: hostile,
  })
  for (const path of ['/', '/acme/shop', '/acme/shop/pull/1', `/acme/shop/commit/${head.sha}`]) {
    const page = await read(path)
    expect(page, path).not.toMatch(/<script/i)
    expect(page, path).not.toMatch(/<[^>]+ onerror/i)
  }
  expect(await read('/acme/shop/pull/1')).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  expect((await fetch(`${place.github.url}/`)).headers.get('content-security-policy')).toContain("default-src 'none'")
})

test('the page of a pull request shows what a reviewer looks for', async () => {
  const pull = await place.propose('shown', { 'shown.txt': 'new line\n' })
  const body =
    '## Verdict\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n<details><summary>More</summary>\n\n`code`\n\n</details>'
  await place.api('POST', `/repos/acme/shop/issues/${pull.number}/comments`, { body })
  const output = { title: 'All fine', summary: '**Bold** verdict' }
  const { body: run } = await place.api('POST', '/repos/acme/shop/check-runs', {
    name: 'Stemma',
    head_sha: pull.head.sha,
    status: 'in_progress',
    output,
  })
  const path = `/acme/shop/pull/${pull.number}`
  const during = await read(path)
  expect(during).toContain('http-equiv="refresh"')
  for (const part of [
    'Work on shown',
    '<table>',
    '<details><summary>More</summary>',
    '<strong>Bold</strong> verdict',
    '+new line',
    'stemma[bot]',
  ])
    expect(during).toContain(part)
  await place.api('PATCH', `/repos/acme/shop/check-runs/${run.id}`, { conclusion: 'success' })
  expect(await read(path)).not.toContain('http-equiv="refresh"')
})

test('a person merges and re-runs with buttons; other sites cannot', async () => {
  const pull = await place.propose('buttons', { 'buttons.txt': 'x\n' })
  const url = `${place.github.url}/acme/shop/pull/${pull.number}`
  const press = (fields: Record<string, string>, headers = {}) =>
    fetch(url, { method: 'POST', body: new URLSearchParams(fields), headers, redirect: 'manual' })
  expect((await press({ do: 'merge', method: 'squash' }, { origin: 'https://evil.example' })).status).toBe(403)
  place.received.length = 0
  const { body: run } = await place.api('POST', '/repos/acme/shop/check-runs', {
    name: 'Stemma',
    head_sha: pull.head.sha,
  })
  expect((await press({ do: 'rerun', run: String(run.id) })).status).toBe(303)
  await place.github.settled()
  expect(place.received[0]?.payload['action']).toBe('rerequested')
  expect((await press({ do: 'merge', method: 'squash' })).status).toBe(303)
  expect(place.github.pullRequest({ ...shop, number: pull.number }).mergedAt).not.toBeNull()
  expect((await press({ do: 'merge', method: 'squash' })).status).toBe(405)
})

test('a page that does not exist is 404', async () => {
  expect((await fetch(`${place.github.url}/acme/nothing`)).status).toBe(404)
  expect((await fetch(`${place.github.url}/acme/shop/pull/999`)).status).toBe(404)
})

test.each([
  ['<script>alert(1)</script>safe', 'safe'],
  ['<a href="javascript:alert(1)">x</a>', '<a rel="nofollow noreferrer">x</a>'],
  ['<a href="java&#x73;cript:alert(1)">x</a>', '<a rel="nofollow noreferrer">x</a>'],
  ['<a href=" java\nscript:alert(1)">x</a>', '<a rel="nofollow noreferrer">x</a>'],
  ['<a href="data:text/html,x">x</a>', '<a rel="nofollow noreferrer">x</a>'],
  [
    '<a href="https://example.com/?a=1&amp;b=2" onclick="x()">x</a>',
    '<a href="https://example.com/?a=1&amp;b=2" rel="nofollow noreferrer">x</a>',
  ],
  ['<img src="x" onerror="alert(1)">', '<img src="x">'],
  ['<svg><script>alert(1)</script></svg>ok', 'ok'],
  ['<details open><summary>s</summary>body', '<details open=""><summary>s</summary>body</details>'],
  ['</div></main>text', 'text'],
  ['<!-- hidden --><sub>small</sub><br>', '<sub>small</sub><br>'],
  ['<form action="/x"><button>Go</button></form>', 'Go'],
  ['<b style="position:fixed" class="x" id="y">b</b>', '<b>b</b>'],
  ['<style>body{display:none}</style>ok', 'ok'],
  ['a < b > c', 'a &lt; b &gt; c'],
])('sanitise %s', (input, output) => {
  expect(sanitise(input)).toBe(output)
})

test('whatever goes in, only allowed tags with harmless attributes come out, and they balance', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '<!--',
      '-->',
      '<script>',
      '</script>',
      '<a href=',
      'javascript:',
      '<b>',
      '</b>',
      '<details>',
      ' onload=',
      '<iframe src=',
      '&#x3c;',
      '<img ',
    ),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const output = sanitise(pieces.join(''))
      const tags = [...output.matchAll(/<(\/?)([a-z0-9-]+)((?: [a-z]+="[^"]*")*)>/g)]
      // Each bracket belongs to a well-formed tag.
      expect(output.replaceAll(/<\/?[a-z0-9-]+(?: [a-z]+="[^"]*")*>/g, '')).not.toMatch(/[<>]/)
      expect(tags.map(([, , tag]) => tag).filter((tag) => tag === 'script' || tag === 'iframe')).toEqual([])
      expect(output).not.toMatch(/<[^>]* on[a-z]+=/)
      expect(output).not.toMatch(/href="\s*javascript:/i)
      const opened = (name: string): number => tags.filter(([, slash, tag]) => slash === '' && tag === name).length
      const closed = (name: string): number => tags.filter(([, slash, tag]) => slash === '/' && tag === name).length
      for (const name of ['a', 'b', 'details']) expect(opened(name)).toBe(closed(name))
    }),
  )
})

test('mentions and references become links outside code, and only there', () => {
  const place = { repositoryPage: '/acme/shop', keepsBreaks: true }
  const html = renderMarkdown('@ada sees #7, not `@bob #8` nor a@b.example', place)
  expect(html).toContain('<a class="mention" href="/ada">@ada</a>')
  expect(html).toContain('<a href="/acme/shop/pull/7">#7</a>')
  expect(html).toContain('<code>@bob #8</code>')
  expect(html).not.toContain('>@b<')
})

test('the lines of a patch carry their numbers', () => {
  const lines = patchLines('@@ -2,2 +2,2 @@ head\n same\n-old\n+new\n\\ No newline at end of file')
  expect(lines.map(({ kind, before, after }) => [kind, before, after])).toEqual([
    ['hunk', null, null],
    ['same', 2, 2],
    ['minus', 3, null],
    ['plus', null, 3],
    ['same', null, null],
  ])
})

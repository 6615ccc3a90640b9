import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { askedOf, withoutWords } from '#core/session/asked.ts'
import type { Event } from '#core/session/event.ts'
import { Asked } from '#core/session/session.ts'
import { ticketsInBranch, ticketsInText } from '#core/session/ticket.ts'
import { prompt, sessionOf } from './sample-session.ts'

const keys = (text: string) => ticketsInText(text).map(({ key }) => key)

describe('tickets', () => {
  test.each([
    ['Do SHOP-12, then AB2-7.', ['SHOP-12', 'AB2-7']],
    ['fixes #12 and (#7)', ['#12', '#7']],
    ['see acme/shop#12', ['acme/shop#12']],
    ['GH-12', ['#12']],
    ['https://github.com/acme/shop/issues/12.', ['acme/shop#12']],
    ['https://github.com/acme/shop/pull/12/files', ['acme/shop#12']],
    ['https://gitlab.example.com/a/b/c/-/merge_requests/3', ['a/b/c#3']],
    ['https://acme.atlassian.net/browse/SHOP-12?focused=1', ['SHOP-12']],
    ['https://linear.app/acme/issue/ENG-3/fix-it', ['ENG-3']],
    ['https://acme.atlassian.net/jira/boards/3?selectedIssue=SHOP-9', ['SHOP-9']],
    ['SHOP-12 at https://acme.atlassian.net/browse/SHOP-12', ['SHOP-12']],
    ['UTF-8, SHA-256, ISO-8601, RFC-2119, GPT-4, CVE-2024-1234', []],
    ['colour #123abc, a heading\n# 1, &#39; and path/#2x', []],
    ['shop-12, XSHOP-12x, v1.SHOP-1, A-1', []],
    ['https://example.com/blog/12', []],
  ])('%s', (text, expected) => expect(keys(text)).toEqual(expected))

  test('keep the address that was given', () => {
    const url = 'https://acme.atlassian.net/browse/SHOP-12'
    expect(ticketsInText(`SHOP-12, ${url}, SHOP-12`)).toEqual([{ key: 'SHOP-12', url }])
  })
  test.each([
    ['feature/SHOP-12-basket', ['SHOP-12']],
    ['12-fix-basket', ['#12']],
    ['ada/12_fix', ['#12']],
    ['issue-12', ['#12']],
    ['fix/gh-7', ['#7']],
    ['release/1.2', []],
    ['main', []],
    ['2026-11-02', []],
    ['utf-8/UTF-8', []],
  ])('of branch %s', (branch, expected) => expect(ticketsInBranch(branch)).toEqual(expected))
  test('any text is read in a bounded time, and gives keys that are in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (text) => {
        for (const { key } of ticketsInText(text)) expect(text).toContain(key.split('#').at(-1)?.split('-').at(-1))
      }),
    )
  })
})

const place = { at: null, thread: 'main' } as const
const call = (id: string, category: 'read' | 'web' | 'skill', changes: object): Event => ({
  ...place,
  id,
  kind: 'toolCall',
  callId: id,
  tool: category,
  category,
  input: {},
  command: null,
  paths: [],
  ...changes,
})
const events: readonly Event[] = [
  prompt('Do SHOP-12', 'p1'),
  prompt('and #7', 'p2'),
  prompt('x'.repeat(3_000), 'p3'),
  prompt('SHOP-12 again', 'p4'),
  call('r1', 'read', { paths: ['docs/plan.md', 'src/app.ts'] }),
  call('r2', 'read', { paths: ['docs/plan.md'] }),
  call('r3', 'read', { paths: ['.claude/skills/review/SKILL.md'] }),
  call('s1', 'skill', { input: { skill: 'deploy' } }),
  call('s2', 'skill', { input: { skill: 'deploy' } }),
  call('w1', 'web', { input: { url: 'https://example.com/spec' } }),
  call('w2', 'web', { input: { query: 'how' } }),
  call('r4', 'read', { paths: ['secret.md'] }),
  { ...place, id: 'd1', kind: 'denial', callId: 'r4', by: 'rule', reason: '' },
]
const session = sessionOf(events, { branches: ['feature/SHOP-12', 'main'] })

describe('askedOf', () => {
  const asked = askedOf(session)
  test('names what a session was to do, each with the events that show it', () => {
    expect(asked).toMatchObject({
      promptCount: 4,
      prompts: [{ event: 'p1', text: 'Do SHOP-12' }, { event: 'p2' }, { event: 'p3', text: `${'x'.repeat(2_000)}…` }],
      tickets: [
        { key: 'SHOP-12', url: null, branches: ['feature/SHOP-12'], events: ['p1', 'p4'] },
        { key: '#7', branches: [], events: ['p2'] },
      ],
      documentCount: 2,
      documents: [
        { name: 'docs/plan.md', events: ['r1', 'r2'] },
        { name: 'https://example.com/spec', events: ['w1'] },
      ],
      skillCount: 2,
      skills: [
        { name: 'review', uses: 1, events: ['r3'] },
        { name: 'deploy', uses: 2, events: ['s1', 's2'] },
      ],
    })
    expect(Asked.parse(asked)).toEqual(asked)
  })
  test('cites events that there are', () => {
    const ids = new Set(events.map(({ id }) => id))
    const cited = [
      asked.prompts.map(({ event }) => event),
      ...[...asked.tickets, ...asked.documents, ...asked.skills].map((one) => one.events),
    ]
    for (const id of cited.flat()) expect(ids).toContain(id)
  })
  test('without words nothing of them is left but counts and keys', () => {
    const bare = withoutWords(asked)
    expect(bare).toMatchObject({
      promptCount: 4,
      prompts: [],
      documentCount: 2,
      documents: [],
      skillCount: 2,
      skills: [],
    })
    expect(bare.tickets.map(({ key }) => key)).toEqual(['SHOP-12', '#7'])
    expect(JSON.stringify(bare)).not.toMatch(/xxx|Do |again|plan|deploy|http/)
  })
  test('of a session that shows nothing is empty', () => {
    expect(askedOf(sessionOf([]))).toEqual({
      promptCount: 0,
      prompts: [],
      tickets: [],
      documentCount: 0,
      documents: [],
      skillCount: 0,
      skills: [],
    })
  })
})

import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Report } from '#core/report/report.ts'
import { createMachine, type Machine } from './machine.ts'
import { createTestServer, type TestServer } from './server.ts'

let machine: Machine
let server: TestServer

beforeEach(async () => {
  machine = createMachine()
  server = await createTestServer()
})
afterEach(async () => {
  machine.remove()
  await server.stop()
})

function reportOn(head: string): Report {
  return {
    repository: 'acme/shop',
    number: 27,
    head,
    conclusion: 'neutral',
    lines: { ai: 0, human: 0, mixed: 0, unknown: 4 },
    sessions: [],
    unobservedCommits: [{ commit: head, subject: 'Write \u001b[2Jnotes', hint: null }],
    signatures: { verified: 0, total: 0 },
    checkpoint: null,
    notRecorded: [],
    dashboardUrl: 'https://stemma.example.com/pulls/acme/shop/27',
  }
}

it('shows the report of the pull request whose head is checked out, as the comment has it', async () => {
  await machine.stemma(['init', '--yes', '--server', server.url, '--token', server.enrolmentToken])
  const head = machine.commit({ 'notes.md': 'by hand\n' }, 'Write notes')
  const pullRequest = {
    repository: 'acme/shop',
    number: 27,
    title: 'Notes',
    state: 'open' as const,
    head,
    sessions: 0,
    conclusion: 'neutral' as const,
    updatedAt: '2026-11-22T12:00:00.000Z',
  }
  server.pullRequests.set(27, { pullRequest, report: reportOn(head) })

  const found = await machine.stemma(['report'])
  expect(found.code, found.stderr).toBe(0)
  expect(found.stdout.toLowerCase()).toContain('missing evidence')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is searched for.
  expect(found.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
  expect((await machine.stemma(['report', '--pr', '27', '--md'])).stdout).toContain('<!-- stemma:pr:v1 -->')
  expect(await machine.json(['report', '--pr', '27'])).toMatchObject({ pullRequest: { number: 27 } })
  expect((await machine.stemma(['report', '--pr', '28'])).code).toBe(2)
})

it('says how to enrol where there is no key', async () => {
  await machine.stemma(['init', '--yes'])
  const refused = await machine.stemma(['report', '--pr', '1'])
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain('stemma init --server URL --token TOKEN')
})

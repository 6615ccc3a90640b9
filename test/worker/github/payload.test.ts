import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readPayload } from '#worker/github/payload.ts'

const head = 'a'.repeat(40)
const common = { installation: { id: 31 }, repository: { id: 77, full_name: 'octo/widgets' } }
const base = { installation: 31, repository: 'octo/widgets', repositoryId: 77 }

test('a re-run names its head and pull requests', () => {
  const check_run = { head_sha: head, app: { id: 42 }, pull_requests: [{ number: 7 }] }
  expect(readPayload('check_run', { ...common, action: 'rerequested', check_run })).toEqual({
    read: 'event',
    event: { kind: 'check-rerequested', ...base, head, app: 42, numbers: [7] },
  })
  expect(readPayload('check_run', { ...common, action: 'created', check_run }).read).toBe('ignored')
  const suite = { ...common, action: 'rerequested', check_suite: check_run }
  expect(readPayload('check_suite', suite)).toEqual(
    readPayload('check_run', { ...common, action: 'rerequested', check_run }),
  )
  expect(readPayload('check_suite', { ...suite, action: 'requested' }).read).toBe('ignored')
})

test('a button of ours asks for what it says; one that we do not offer asks for nothing, for a stated reason', () => {
  const check_run = { head_sha: head, app: { id: 42 }, pull_requests: [] }
  const clicked = (requested_action: unknown) =>
    readPayload('check_run', { ...common, action: 'requested_action', check_run, requested_action })
  expect(clicked({ identifier: 'evaluate' })).toEqual({
    read: 'event',
    event: { kind: 'evaluation-requested', ...base, head, app: 42, numbers: [] },
  })
  for (const identifier of ['waive', 'Evaluate', '', '__proto__', 'x'.repeat(5_000)]) {
    const outcome = clicked({ identifier })
    expect(outcome).toEqual({
      read: 'ignored',
      reason: expect.stringContaining(`no button "${identifier.slice(0, 60)}"`),
    })
  }
  expect(clicked(undefined)).toMatchObject({ read: 'ignored', reason: expect.stringContaining('no button') })
})

test('a push to a branch is read; of a tag, or of nothing, it is ignored', () => {
  const push = { ...common, ref: 'refs/heads/feature/x', after: head, deleted: false }
  expect(readPayload('push', push)).toEqual({
    read: 'event',
    event: { kind: 'push', ...base, branch: 'feature/x', head },
  })
  expect(readPayload('push', { ...push, ref: 'refs/tags/v1' }).read).toBe('ignored')
  expect(readPayload('push', { ...push, after: '0'.repeat(40), deleted: true }).read).toBe('ignored')
})

test.each([
  ['refs/heads/gh-readonly-queue/main/pr-7-', 7],
  ['refs/heads/gh-readonly-queue/release/2.0/pr-7-', 7],
  ['refs/heads/gh-readonly-queue/pr-9-x/pr-7-', 7],
])('the pull request of a merge group is found in %s…', (prefix, number) => {
  const merge_group = { head_sha: head, head_ref: `${prefix}${'b'.repeat(40)}` }
  const payload = { ...common, action: 'checks_requested', merge_group }
  expect(readPayload('merge_group', payload)).toEqual({
    read: 'event',
    event: { kind: 'merge-group', ...base, head, number },
  })
})

test('a merge group that names no pull request is malformed', () => {
  const merge_group = { head_sha: head, head_ref: 'refs/heads/main' }
  expect(readPayload('merge_group', { ...common, action: 'checks_requested', merge_group }).read).toBe('malformed')
})

test('of an installation its end is read, and what it reaches from now on', () => {
  const change = (event: string, payload: object) => readPayload(event, { installation: { id: 31 }, ...payload })
  expect(change('installation', { action: 'deleted' })).toEqual({
    read: 'event',
    event: { kind: 'installation-removed', installation: 31 },
  })
  const reached = { read: 'event', event: { kind: 'installation-changed', installation: 31, repositories: ['octo/a'] } }
  const repositories = [{ full_name: 'octo/a' }]
  expect(change('installation', { action: 'created', repositories })).toEqual(reached)
  expect(change('installation_repositories', { action: 'added', repositories_added: repositories })).toEqual(reached)
  expect(change('installation', { action: 'unsuspend', repositories: null })).toEqual({
    read: 'event',
    event: { kind: 'installation-changed', installation: 31, repositories: [] },
  })
  expect(change('installation', { action: 'suspend' }).read).toBe('ignored')
  expect(change('installation_repositories', { action: 'removed', repositories_added: [] }).read).toBe('ignored')
})

test.each([
  ['renamed', { repository: { name: { from: 'gadgets' } } }, 'octo/gadgets'],
  ['transferred', { owner: { from: { user: { login: 'ada' } } } }, 'ada/widgets'],
  ['transferred', { owner: { from: { organization: { login: 'acme' } } } }, 'acme/widgets'],
])('a repository that was %s keeps its former name', (action, changes, former) => {
  expect(readPayload('repository', { ...common, action, changes })).toEqual({
    read: 'event',
    event: { kind: 'repository-renamed', ...base, former },
  })
  expect(readPayload('repository', { ...common, action: 'edited', changes: {} }).read).toBe('ignored')
})

test('no payload makes the reader throw', () => {
  const names = ['pull_request', 'check_run', 'push', 'merge_group', 'installation', 'repository', 'toString', 'ping']
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.jsonValue(), (name, value) => {
      expect(['event', 'ignored', 'malformed']).toContain(readPayload(name, value).read)
    }),
  )
})

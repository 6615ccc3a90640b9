/**
 * GitHub's own examples of its webhooks (`@octokit/webhooks-examples`, MIT): each is read for what it says, or ignored
 * for a stated reason. None may be malformed to us, since GitHub sends such payloads.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { readPayload } from '#worker/github/payload.ts'

interface Example {
  readonly name: string
  readonly examples: readonly Readonly<Record<string, unknown>>[]
}

// The package's entry imports JSON without the attribute that Node asks for, hence the file itself.
const entry = createRequire(import.meta.url).resolve('@octokit/webhooks-examples')
const events = (JSON.parse(readFileSync(entry, 'utf8')) as readonly Example[]).map(({ name, examples }) => ({
  name,
  // Most were taken from webhooks of repositories; an App's own deliveries always name their installation.
  examples: examples.map((example) => ({ installation: { id: 1 }, ...example })),
}))

const outcomesOf = (name: string) =>
  (events.find((event) => event.name === name)?.examples ?? []).map((example) => ({
    action: 'action' in example ? example['action'] : null,
    outcome: readPayload(name, example),
  }))

test.each(events)('every example of $name is read, or ignored for a reason', ({ name, examples }) => {
  expect(examples.length).toBeGreaterThan(0)
  for (const example of examples) {
    const outcome = readPayload(name, example)
    expect(outcome, JSON.stringify(example).slice(0, 300)).not.toMatchObject({ read: 'malformed' })
    if (outcome.read === 'ignored') expect(outcome.reason.length).toBeGreaterThan(20)
  }
})

describe('what Stemma acts on', () => {
  test.each([
    // `edited` is read too; there is no example of it.
    ['pull_request', ['closed', 'converted_to_draft', 'opened', 'ready_for_review', 'reopened', 'synchronize']],
    ['pull_request_review', ['dismissed', 'submitted']],
    // The example of a button bears an identifier that is none of ours: test/worker/github/payload.test.ts.
    ['check_run', ['rerequested']],
    ['check_suite', ['rerequested']],
    ['merge_group', ['checks_requested']],
    ['installation', ['created', 'deleted', 'new_permissions_accepted', 'unsuspend']],
    ['installation_repositories', ['added']],
    ['repository', ['renamed', 'transferred']],
  ])('%s: %j', (name, actions) => {
    const acted = outcomesOf(name).filter(({ outcome }) => outcome.read === 'event')
    expect([...new Set(acted.map(({ action }) => action))].sort()).toEqual(actions)
  })

  test('a push of a branch, but not of a tag or a deletion', () => {
    const outcomes = outcomesOf('push').map(({ outcome }) => outcome)
    expect(outcomes.map(({ read }) => read)).toContain('event')
    expect(outcomes.map(({ read }) => read)).toContain('ignored')
  })
})

import { describe, expect, test } from 'vitest'
import { judgeSetup, type SetupObserved } from '#worker/github/judge-setup.ts'
import { appEvents, appPermissions } from '#worker/github/manifest.ts'
import type { InstallationState, RepositoryState } from '#worker/github/setup-state.ts'
import { judgeWrites } from '#worker/judge-writes.ts'

const repository: RepositoryState = {
  name: 'acme/shop',
  page: 'https://github.com/acme/shop',
  branch: 'main',
  requiredFrom: [42],
  requiredBeside: [],
  problem: null,
}
const found: NonNullable<InstallationState['found']> = {
  page: 'https://github.com/settings/installations/7',
  permissions: appPermissions,
  events: appEvents,
  suspendedAt: null,
  repositories: [repository],
  repositoryNames: ['acme/shop'],
  repositoryCount: 1,
}
const app: NonNullable<SetupObserved['app']> = {
  slug: 'stemma',
  page: 'https://github.com/apps/stemma',
  permissions: appPermissions,
  events: appEvents,
  webhookUrl: 'https://stemma.test/webhooks/github',
  lastDelivery: { at: '2026-11-22T10:00:00Z', status: 'OK', statusCode: 202 },
}
const well: SetupObserved = {
  missingSecrets: [],
  address: 'https://github.com',
  publicUrl: 'https://stemma.test',
  appId: '42',
  organisation: 'the-organisation',
  problem: null,
  app,
  installations: [{ id: 7, account: 'acme', found }],
  repositoriesSeen: ['acme/shop'],
}
const installation = (part: Partial<typeof found>) => [{ id: 7, account: 'acme', found: { ...found, ...part } }]
const ruled = (part: Partial<RepositoryState>) => installation({ repositories: [{ ...repository, ...part }] })

test('where all is well every step is done, and nothing is asked for', () => {
  const steps = judgeSetup(well)
  expect(steps.map(({ state }) => state)).toEqual(steps.map(() => 'done'))
  expect(steps.length).toBeGreaterThanOrEqual(5)
})

describe('what is missing is said, with what to do', () => {
  test.each<[string, Partial<SetupObserved>, RegExp, string]>([
    ['a secret', { missingSecrets: ['GITHUB_APP_ID'] }, /no GITHUB_APP_ID/, 'wrangler secret put GITHUB_APP_ID'],
    [
      'a wrong key, or a clock that is wrong',
      { app: null, problem: { status: 401, message: 'GitHub answered 401' } },
      /clock/,
      'secret put GITHUB_PRIVATE_KEY',
    ],
    [
      'an App that is gone',
      { app: null, problem: { status: 404, message: 'x' } },
      /no App/,
      'secret put GITHUB_APP_ID',
    ],
    ['a webhook elsewhere', { app: { ...app, webhookUrl: 'https://old.test/' } }, /old\.test/, '/apps/stemma'],
    ['no delivery', { app: { ...app, lastDelivery: null } }, /nothing yet/, '/apps/stemma'],
    [
      'a webhook secret of another App',
      { app: { ...app, lastDelivery: { at: 't', status: 'Unauthorized', statusCode: 401 } } },
      /401 Unauthorized/,
      'secret put GITHUB_WEBHOOK_SECRET',
    ],
    [
      'a webhook that nobody answers',
      { app: { ...app, lastDelivery: { at: 't', status: 'timed out', statusCode: 0 } } },
      /failed: timed out/,
      '/apps/stemma',
    ],
    [
      'a permission of the App',
      { app: { ...app, permissions: { ...appPermissions, checks: 'read' } } },
      /checks: write/,
      '/settings/apps/stemma/permissions',
    ],
    [
      'an event',
      { app: { ...app, events: ['push'] } },
      /merge_group, pull_request/,
      '/settings/apps/stemma/permissions',
    ],
    [
      'an installation that is gone',
      { installations: [{ id: 7, account: 'acme', found: null }] },
      /no installation 7/,
      '/new',
    ],
    [
      'a suspended installation',
      {
        installations: installation({ suspendedAt: '2026-11-01T00:00:00Z', repositories: null, repositoryNames: null }),
      },
      /suspended since 2026-11-01.*nothing is lost/,
      '/settings/installations/7',
    ],
    [
      'a permission that the account has not granted',
      { installations: installation({ permissions: { metadata: 'read' } }) },
      /pull_requests: write/,
      '/settings/installations/7',
    ],
    ['a repository without the App', { repositoriesSeen: ['acme/till'] }, /does not reach it/, '/installations/new'],
    [
      'a check that is not required',
      { installations: ruled({ requiredFrom: [] }) },
      /No ruleset/,
      'shop/settings/rules',
    ],
    [
      'a check from any source',
      { installations: ruled({ requiredFrom: [null] }) },
      /any source/,
      'shop/settings/rules',
    ],
    ['a check of another App', { installations: ruled({ requiredFrom: [41] }) }, /another App/, 'shop/settings/rules'],
  ])('%s', (_, part, text, target) => {
    const open = judgeSetup({ ...well, ...part }).filter(({ state }) => state === 'missing')
    expect(open).toHaveLength(1)
    expect(open[0]?.text).toMatch(text)
    expect(open[0]?.next?.target).toContain(target)
  })

  test('what GitHub does not show is neither done nor missing', () => {
    const rules = judgeSetup({ ...well, installations: ruled({ requiredFrom: [], problem: 'GitHub answered 403' }) })
    expect(rules.find(({ subject }) => subject.startsWith('Rules'))).toMatchObject({ state: 'unknown' })
    const silent = judgeSetup({ ...well, app: null, problem: { status: null, message: 'no answer' } })
    expect(silent).toMatchObject([{ state: 'unknown' }])
  })

  test('repositories that were not looked at are counted, and none of them is said to be out of reach', () => {
    const part = { repositoryNames: null, repositoryCount: 2_345 }
    const steps = judgeSetup({ ...well, installations: installation(part), repositoriesSeen: ['acme/till'] })
    const open = steps.filter(({ state }) => state !== 'done')
    expect(open).toMatchObject([{ state: 'unknown', subject: 'Rules of acme' }])
    expect(open[0]?.text).toContain('2344 more repositories')
  })

  test('without an installation: the click that makes one, and the command that claims it', () => {
    const open = judgeSetup({ ...well, installations: [] }).filter(({ state }) => state === 'missing')
    expect(open.map(({ next }) => next?.kind)).toEqual(['link', 'command'])
    expect(open[1]?.next?.target).toContain('"organisation":"the-organisation"')
  })
})

describe('writes that do not arrive', () => {
  const write = { key: 'comment acme/shop#7', attempts: 2, dueAt: '2026-11-22T10:00:00Z', error: null, isStuck: false }
  const locked = { ...write, attempts: 9, isStuck: true, error: 'GitHub answered 403: issue is locked.' }
  const gone = { ...write, attempts: 12, isStuck: true, dueAt: null, error: 'GitHub answered 404' }
  const judged = (...writes: (typeof write | typeof locked | typeof gone)[]) =>
    judgeWrites({ account: 'acme', writes }, 'https://github.com/settings/installations/7')

  test("are said with the forge's own words, and whether they are tried again", () => {
    expect(judged()).toEqual([])
    expect(judged(write)).toEqual([])
    const [stuck, refused, ...others] = judged(write, locked, gone, { ...gone, key: 'another' })
    expect(others).toEqual([])
    expect(stuck).toMatchObject({ state: 'missing', subject: 'Writes to acme' })
    expect(stuck?.text).toBe(
      '1 write is refused after 9 attempts, and tried again each hour. comment acme/shop#7: GitHub answered 403: issue is locked.',
    )
    expect(refused?.text).toMatch(/^2 writes are refused for good, until the next push or "Re-run"\. .*answered 404$/)
  })
})

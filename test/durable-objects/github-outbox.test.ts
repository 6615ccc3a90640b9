import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { CheckRun } from '#core/ports.ts'
import type { GitHubOutbox } from '#objects/github-outbox.ts'
import type { Write } from '#objects/outbox-storage.ts'
import { json, type ScriptedGitHub, scriptGitHub, until } from './github.ts'

const HEAD = 'a'.repeat(40)
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
})

const runOf = (run: Partial<CheckRun> = {}): CheckRun => ({
  name: 'Stemma',
  head: HEAD,
  status: 'completed',
  conclusion: 'success',
  title: 'title',
  summary: 'summary',
  text: null,
  annotations: [],
  detailsUrl: 'https://stemma.example/x',
  ...run,
})

const check = (run: Partial<CheckRun> = {}, isNew = false): Write => ({
  kind: 'check',
  repository: 'octo/widgets',
  run: { ...runOf(run), annotations: [...(run.annotations ?? [])] },
  isNew,
})

const comment = (body: string, number = 7): Write => ({
  kind: 'comment',
  repository: 'octo/widgets',
  number,
  marker: '<!-- stemma -->',
  body,
})

let github: ScriptedGitHub
let next = 1

/** An outbox of its own for each test, whose alarms fire only when the test says so. */
async function openOutbox(installation = next++) {
  const stub = env.GITHUB_OUTBOX.getByName(String(installation))
  const within = <T>(work: (object: GitHubOutbox, state: DurableObjectState) => T | Promise<T>) =>
    runInDurableObject(stub, work)
  await within((object) => {
    Object.assign(object, {
      env: { ...env, GITHUB_APP_ID: '42', GITHUB_PRIVATE_KEY: privateKey, GITHUB_WRITE_INTERVAL_MS: '60000' },
    })
  })
  /** Puts without letting the alarm come by itself. */
  const put = (write: Write) =>
    within(async (object, state) => {
      await object.put(write)
      await state.storage.deleteAlarm()
    })
  /** One turn, as though every waiting time had passed. */
  const turn = async () => {
    await within((_, state) => {
      state.storage.sql.exec('UPDATE waiting SET due_at = 0')
      state.storage.sql.exec('DELETE FROM pause')
      return state.storage.setAlarm(Date.now() + 3_600_000)
    })
    await runDurableObjectAlarm(stub)
  }
  const plannedAt = () => within((_, state) => state.storage.getAlarm())
  return { stub, within, put, turn, plannedAt }
}

/** GitHub as it is when all is well: creates, updates, and knows the comments that it was given. */
function friendly(scripted: ScriptedGitHub): void {
  let id = 100
  const comments = new Map<number, string>()
  scripted.answer(({ method, path, body }) => {
    const text = typeof body === 'object' && body !== null && 'body' in body ? String(body.body) : ''
    if (path.endsWith('/access_tokens')) return null
    const known = Number(/\/comments\/(\d+)$/.exec(path)?.[1])
    if (method === 'GET' && known > 0)
      return json({ id: known, body: comments.get(known), performed_via_github_app: { id: 42 } })
    if (method === 'GET' && path.includes('/check-runs?')) return json({ check_runs: [] })
    if (method === 'GET') return json([])
    if (method === 'PATCH') {
      if (known > 0) comments.set(known, text)
      return json({ id: Number(/(\d+)$/.exec(path)?.[1]) })
    }
    id++
    if (path.endsWith('/comments')) comments.set(id, text)
    return json({ id }, 201)
  })
}

beforeEach(() => {
  github = scriptGitHub()
})
afterEach(() => {
  vi.restoreAllMocks()
})

describe('writing', () => {
  test('one write a turn, in order, with a pause between', async () => {
    friendly(github)
    const { put, turn, plannedAt, stub } = await openOutbox()
    await put(check())
    await put(comment('first'))
    await turn()
    expect(github.writes().map(({ path }) => path)).toEqual(['/repos/octo/widgets/check-runs'])
    expect((await plannedAt()) ?? 0).toBeGreaterThan(Date.now() + 50_000)
    await turn()
    expect(github.writes().map(({ path }) => path)).toEqual([
      '/repos/octo/widgets/check-runs',
      '/repos/octo/widgets/issues/7/comments',
    ])
    expect(await stub.pending()).toEqual([])
  })

  test('of several bodies under one key only the newest is written', async () => {
    friendly(github)
    const { put, turn } = await openOutbox()
    for (const body of ['one', 'two', 'three']) await put(comment(body))
    await put(check({ status: 'in_progress', conclusion: null }))
    await put(check({ conclusion: 'failure' }))
    for (let count = 0; count < 4; count++) await turn()
    expect(github.writes().map(({ body }) => body)).toMatchObject([{ body: 'three' }, { conclusion: 'failure' }])
  })

  test('what is there is updated; the same again costs no request', async () => {
    friendly(github)
    const { put, turn } = await openOutbox()
    for (const write of [comment('one'), comment('two'), comment('two')]) {
      await put(write)
      await turn()
    }
    expect(github.writes().map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /repos/octo/widgets/issues/7/comments',
      'PATCH /repos/octo/widgets/issues/comments/101',
    ])
    const before = github.asked.length
    await put(comment('two'))
    await turn()
    expect(github.asked.length).toBe(before)
  })

  test('a renamed repository keeps its check and comment, and what waits for it', async () => {
    friendly(github)
    const { put, turn, stub } = await openOutbox()
    for (const write of [comment('one'), check({ conclusion: 'success' })]) {
      await put(write)
      await turn()
    }
    await put(comment('two'))
    await stub.rename('octo/widgets', 'octo/gadgets')
    // Another repository whose name only begins alike is left alone.
    await stub.rename('octo/gadget', 'octo/other')
    await turn()
    const renamed = check({ conclusion: 'failure' })
    await put({ ...renamed, repository: 'octo/gadgets' })
    await turn()
    expect(github.writes().map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /repos/octo/widgets/issues/7/comments',
      'POST /repos/octo/widgets/check-runs',
      expect.stringMatching(/^PATCH \/repos\/octo\/gadgets\/issues\/comments\/\d+$/),
      expect.stringMatching(/^PATCH \/repos\/octo\/gadgets\/check-runs\/\d+$/),
    ])
  })

  test('updates add annotations, so each is sent once, and a run that must lose one is followed by a new one', async () => {
    friendly(github)
    const { put, turn } = await openOutbox()
    const annotation = { path: 'a.ts', startLine: 1, endLine: 1, level: 'warning', title: 't', message: 'm' } as const
    const second = { ...annotation, path: 'b.ts' }
    for (const write of [
      check({ status: 'in_progress', conclusion: null }),
      check({ annotations: [annotation] }),
      check({ annotations: [annotation], title: 'changed' }),
      check({ annotations: [annotation, second], title: 'changed' }),
      check({ annotations: [second], title: 'changed' }),
    ]) {
      await put(write)
      await turn()
    }
    const sent = github.writes().map(({ method, body }) => {
      const { output } = body as { readonly output: { readonly annotations?: readonly { readonly path: string }[] } }
      return [method, ...(output.annotations ?? []).map(({ path }) => path)].join(' ')
    })
    expect(sent).toEqual(['POST', 'PATCH a.ts', 'PATCH', 'PATCH b.ts', 'POST b.ts'])
  })

  test('a re-run is a new run, even where a newer body overtakes it', async () => {
    friendly(github)
    const { put, turn } = await openOutbox()
    await put(check())
    await turn()
    await put(check({ status: 'in_progress', conclusion: null }, true))
    await put(check())
    await turn()
    expect(github.writes().map(({ method, body }) => [method, body])).toMatchObject([
      ['POST', { conclusion: 'success' }],
      ['POST', { conclusion: 'success' }],
    ])
  })

  test('tokens are narrow: this repository, these permissions, asked for once', async () => {
    friendly(github)
    const { put, turn } = await openOutbox()
    await put(check())
    await turn()
    await put(check({ title: 'changed' }))
    await turn()
    const tokens = github.asked.filter(({ path }) => path.endsWith('/access_tokens'))
    expect(tokens.map(({ body }) => body)).toEqual([
      { repositories: ['widgets'], permissions: { checks: 'write', metadata: 'read', pull_requests: 'write' } },
    ])
    expect(tokens[0]?.authorization).toMatch(/^Bearer eyJ/)
    expect(github.writes()[0]?.authorization).toMatch(/^token ghs_/)
  })
})

describe('refusals', () => {
  test('nothing is dropped: the error stays visible, the pauses grow, and the write succeeds in the end', async () => {
    const { put, turn, stub, within } = await openOutbox()
    await put(check())
    const pauses: number[] = []
    for (let count = 0; count < 10; count++) {
      const before = Date.now()
      await turn()
      const [pending] = await stub.pending()
      pauses.push(Date.parse(pending?.dueAt ?? '') - before)
      expect(pending).toMatchObject({ attempts: count + 1, isStuck: count + 1 >= 8 })
      expect(pending?.error).toContain('GitHub answered 500')
    }
    expect(pauses[0]).toBeGreaterThanOrEqual(2_000)
    expect(pauses[3]).toBeGreaterThanOrEqual(16_000)
    expect(pauses.at(-1)).toBeLessThan(3_700_000)
    friendly(github)
    await turn()
    expect(await stub.pending()).toEqual([])
    expect(await within((_, state) => state.storage.getAlarm())).toBeNull()
  })

  test.each([
    ['retry-after', () => json({ message: 'slow down' }, 429, { 'retry-after': '120' }), 120_000],
    [
      'a secondary limit without a time',
      () => json({ message: 'You have exceeded a secondary rate limit' }, 403),
      60_000,
    ],
    [
      'a used-up hour',
      () =>
        json({ message: 'API rate limit exceeded' }, 403, {
          'x-ratelimit-remaining': '0',
          'x-ratelimit-reset': String(Math.floor(Date.now() / 1_000) + 900),
        }),
      890_000,
    ],
  ])('%s stops every write of the installation for as long', async (_, refuse, wait) => {
    github.answer(({ method, path }) => (method === 'POST' && path.endsWith('/check-runs') ? refuse() : null))
    const { put, turn, plannedAt } = await openOutbox()
    await put(check())
    await put(comment('waits too'))
    const before = Date.now()
    await turn()
    expect((await plannedAt()) ?? 0).toBeGreaterThanOrEqual(before + wait)
    expect((await plannedAt()) ?? 0).toBeLessThan(before + wait + 70_000)
  })

  test('a token that GitHub refuses before its time is replaced at once', async () => {
    friendly(github)
    let isRevoked = true
    github.answer(({ path }) => {
      if (!isRevoked || path.endsWith('/access_tokens')) return null
      isRevoked = false
      return json({ message: 'Bad credentials' }, 401)
    })
    const { put, turn, stub } = await openOutbox()
    await put(check())
    await turn()
    expect(await stub.pending()).toEqual([])
    expect(github.asked.filter(({ path }) => path.endsWith('/access_tokens'))).toHaveLength(2)
  })

  test('a run whose creation was not answered is found again by its mark, also after a newer body came', async () => {
    friendly(github)
    let created: unknown = null
    github.answer(({ method, path, body }) => {
      if (created !== null || method !== 'POST' || !path.endsWith('/check-runs')) return null
      created = body
      return json({ message: 'the answer is lost' }, 502)
    })
    github.answer(({ method, path }) => {
      const mark =
        typeof created === 'object' && created !== null && 'external_id' in created ? created.external_id : null
      const runs = [
        { id: 8, external_id: 'another', output: { annotations_count: 0 } },
        { id: 9, external_id: mark, output: { annotations_count: 0 } },
      ]
      return method === 'GET' && path.includes(`/commits/${HEAD}/check-runs?`) ? json({ check_runs: runs }) : null
    })
    const { put, turn, stub } = await openOutbox()
    await put(check({ title: 'older' }))
    await turn()
    await put(check({ title: 'newer' }))
    await turn()
    expect(await stub.pending()).toEqual([])
    expect(github.writes().map(({ method, path, body }) => [method, path, body])).toMatchObject([
      ['POST', '/repos/octo/widgets/check-runs', { output: { title: 'older' } }],
      ['PATCH', '/repos/octo/widgets/check-runs/9', { output: { title: 'newer' } }],
    ])
  })

  test('a body that comes while the old one is being written is written after it', async () => {
    friendly(github)
    const outbox = await openOutbox()
    const { promise: isReleased, resolve: release } = Promise.withResolvers<void>()
    let isFirst = true
    github.answer(async ({ method, path }) => {
      if (!isFirst || method !== 'POST' || !path.endsWith('/check-runs')) return null
      isFirst = false
      await isReleased
      return json({ id: 1 }, 201)
    })
    await outbox.put(check({ title: 'older' }, true))
    const turned = outbox.turn()
    await until(() => !isFirst)
    await outbox.stub.put(check({ title: 'newer' }))
    release()
    await turned
    expect(await outbox.stub.pending()).toHaveLength(1)
    await outbox.turn()
    expect(github.writes().map(({ method, body }) => [method, body])).toMatchObject([
      ['POST', { output: { title: 'older' } }],
      ['PATCH', { output: { title: 'newer' } }],
    ])
  })
})

describe('comments', () => {
  const marked = 'text <!-- stemma -->'

  test("somebody else's comment with our marker is left alone", async () => {
    friendly(github)
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
    friendly(github)
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
    friendly(github)
    const { put, turn } = await openOutbox()
    await put(comment('one'))
    await turn()
    github.answer(({ path }) => (/comments\/101$/.test(path) ? json({ message: 'Not Found' }, 404) : null))
    await put(comment('two'))
    await turn()
    expect(github.writes().map(({ method }) => method)).toEqual(['POST', 'POST'])
  })

  test('a next page on another host is not followed, so that no token leaves', async () => {
    friendly(github)
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

describe('restart', () => {
  test('what waits survives the death of the object', async () => {
    friendly(github)
    const installation = next++
    const { put, stub } = await openOutbox(installation)
    await put(comment('kept'))
    await evictDurableObject(stub)
    const again = await openOutbox(installation)
    expect(await again.stub.pending()).toHaveLength(1)
    await again.turn()
    expect(github.writes()).toHaveLength(1)
  })

  test('the clock sets an alarm again that the platform gave up', async () => {
    const { put, stub, plannedAt } = await openOutbox()
    await put(comment('waits'))
    expect(await plannedAt()).toBeNull()
    github.answer(() => new Promise(() => {}))
    await stub.wake()
    expect(await plannedAt()).not.toBeUndefined()
  })
})

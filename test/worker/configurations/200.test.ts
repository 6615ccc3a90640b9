import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, test } from 'vitest'
import { ConfigurationDrift, ConfigurationPage, ConfigurationView } from '#core/api/configurations.ts'
import { SessionView } from '#core/api/sessions.ts'
import type { AgentConfiguration } from '#core/configuration/configuration.ts'
import { defaultContract } from '#core/policy/contract.ts'
import { exampleFile, examplePermission, exampleServer, exampleSkill } from '#core/policy/subject.ts'
import { collected, pushConfiguration } from '#test/workerd/configurations.ts'
import {
  createOrganisation,
  enrolMachine,
  pushEvidence,
  request,
  sendJson,
  smallSession,
  type TestOrganisation,
} from '#test/workerd/organisation.ts'
import { deliver } from '#test/workerd/queue.ts'

let organisation: TestOrganisation
beforeAll(async () => {
  organisation = await createOrganisation('acme')
})

const files = [exampleFile('CLAUDE.md', 'instructions'), exampleFile('.claude/settings.json', 'settings')]
const narrow = collected({ files, permissions: [examplePermission('Bash(npm test:*)')] })
const wide = collected({
  files: [exampleFile('CLAUDE.md', 'instructions'), exampleFile('.claude/settings.json', 'settings', '2')],
  permissions: [examplePermission('Bash(*)')],
  mcpServers: [exampleServer({ transport: 'http', target: 'mcp.example.com', source: 'network' })],
})

const index = (evidenceId: string) => deliver([{ type: 'index', organisation: organisation.id, evidenceId }])
async function sent(agents: readonly AgentConfiguration[], repository: string | null, machine = organisation.machine) {
  const { id } = await pushConfiguration(machine, agents, { repository })
  await index(id)
  return id
}
const list = async (query: string) =>
  ConfigurationPage.parse(await (await request(`/v1/configurations?${query}`, { token: organisation.token })).json())
const driftOf = async (id: string, since = '') =>
  ConfigurationDrift.parse(
    await (await request(`/v1/configurations/${id}/drift${since}`, { token: organisation.token })).json(),
  )

describe('a configuration that a machine sent', () => {
  test('is listed with what a line can say of it, and read whole with its risks', async () => {
    const id = await sent([wide], 'acme/whole')
    const { items } = await list('repository=acme/whole')
    expect(items).toEqual([
      {
        id,
        repository: 'acme/whole',
        person: { id: organisation.machine.personId, name: expect.any(String) },
        machine: { keyId: organisation.machine.keyId, name: expect.any(String) },
        receivedAt: expect.any(String),
        commit: 'a'.repeat(40),
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        tier: 'full',
        agents: [{ agent: 'claude-code', files: 2, servers: 1, hooks: 0, permissionMode: null, risks: 1, notes: 1 }],
        drift: null,
      },
    ])
    const view = ConfigurationView.parse(
      await (await request(`/v1/configurations/${id}`, { token: organisation.token })).json(),
    )
    expect(view.configuration).toEqual(items[0])
    expect(view.agents).toEqual([wide])
    expect(view.risks.map(({ risk, file, line }) => [risk, file, line])).toEqual([
      ['wide-permission', '.claude/settings.json', 3],
      ['network-server', '.mcp.json', 3],
    ])
  })

  test('is compared with the one before it of the same machine and repository', async () => {
    const other = await enrolMachine(organisation.token, { name: 'Hopper', login: 'hopper' })
    const first = await sent([narrow], 'acme/compared')
    await sent([collected()], 'acme/compared', other)
    await sent([collected()], 'acme/elsewhere')
    const second = await sent([wide], 'acme/compared')
    const { since, drift } = await driftOf(second)
    expect(since).toBe(first)
    expect(drift.map(({ item, change, name }) => [item, change, name])).toEqual([
      ['file', 'changed', 'settings'],
      ['permission', 'added', 'Bash(*)'],
      ['permission', 'removed', 'Bash(npm test:*)'],
      ['server', 'added', 'weather'],
    ])
    expect(await driftOf(first)).toEqual({ id: first, since: null, drift: [] })
    const back = await driftOf(first, `?since=${second}`)
    expect(back.drift).toHaveLength(4)
    const rows = (await list('repository=acme/compared')).items
    expect(rows.find(({ id }) => id === second)?.drift).toBe(4)
    expect(rows).toHaveLength(3)
    const current = (await list('repository=acme/compared&current=true')).items
    expect(current.map(({ id }) => id)).not.toContain(first)
    expect(current).toHaveLength(2)
    expect((await list(`repository=acme/compared&person=${other.personId}`)).items).toHaveLength(1)
  })

  test('gives the same rows in whatever order, and however often, its messages come', async () => {
    const [first, second, third] = [
      await pushConfiguration(organisation.machine, [narrow], { repository: 'acme/order' }),
      await pushConfiguration(organisation.machine, [wide], { repository: 'acme/order' }),
      await pushConfiguration(organisation.machine, [collected()], { repository: 'acme/order' }),
    ]
    for (const { id } of [third, first, second, second, first]) await index(id)
    const { items } = await list('repository=acme/order')
    const driftBy = new Map(items.map(({ id, drift }) => [id, drift]))
    expect([first, second, third].map(({ id }) => driftBy.get(id))).toEqual([null, 4, 4])
  })

  test('is paged without loss', async () => {
    const ids = [
      await sent([narrow], 'acme/paged'),
      await sent([wide], 'acme/paged'),
      await sent([collected()], 'acme/paged'),
    ]
    const first = await list('repository=acme/paged&limit=2')
    const second = await list(`repository=acme/paged&limit=2&cursor=${first.next}`)
    expect([...first.items, ...second.items].map(({ id }) => id).sort()).toEqual(ids.sort())
    expect(second.next).toBeNull()
  })
})

describe('sessions', () => {
  const policies = ['approved-mcp-servers', 'approved-skills', 'risky-config', 'config-drift', 'instructions-present']
  beforeAll(async () => {
    const contract = {
      ...defaultContract,
      name: 'configuration',
      policies: policies.map((policy) => ({ policy, with: {}, gate: false })),
    }
    const put = await sendJson('PUT', '/v1/contract', organisation.token, contract)
    expect(put.status, await put.clone().text()).toBeLessThan(300)
  })

  async function judged(id: string, repository: string, before: () => Promise<unknown> = async () => {}) {
    const pushed = await pushEvidence(organisation.machine, {
      session: smallSession({ id: `claude-code:${id}` }),
      predicate: { repository },
    })
    await before()
    await index(pushed.id)
    return pushed
  }
  async function resultsOf(id: string) {
    const view = SessionView.parse(
      await (await request(`/v1/sessions/claude-code:${id}`, { token: organisation.token })).json(),
    )
    return Object.fromEntries(view.verdicts.map(({ policy, result }) => [policy, result]))
  }

  const risky = collected({
    files: [exampleFile('.claude/settings.json', 'settings')],
    accepted: [exampleFile('.claude/settings.json', 'settings', '2')],
    permissions: [examplePermission('Bash(*)')],
    mcpServers: [exampleServer()],
    skills: [exampleSkill('d'.repeat(64))],
  })

  test('are judged by the configuration that their machine sent before', async () => {
    await sent([risky], 'acme/risky')
    await judged('risky', 'acme/risky')
    expect(await resultsOf('risky')).toEqual({
      'approved-mcp-servers': 'fail',
      'approved-skills': 'fail',
      'risky-config': 'fail',
      'config-drift': 'fail',
      'instructions-present': 'fail',
    })
    await sent([narrow], 'acme/narrow')
    await judged('narrow', 'acme/narrow')
    expect(await resultsOf('narrow')).toEqual({
      'approved-mcp-servers': 'pass',
      'approved-skills': 'pass',
      'risky-config': 'pass',
      'config-drift': 'skipped',
      'instructions-present': 'pass',
    })
  })

  test('without one are no violation, and not said to have passed what nobody saw', async () => {
    await judged('unseen', 'acme/unseen')
    const results = await resultsOf('unseen')
    expect(Object.values(results)).not.toContain('fail')
    expect(results).toMatchObject({
      'risky-config': 'skipped',
      'config-drift': 'skipped',
      'instructions-present': 'error',
    })
  })

  test('are not judged by another machine’s, another repository’s or another agent’s', async () => {
    const other = await enrolMachine(organisation.token, { name: 'Linus', login: 'linus' })
    await sent([risky], 'acme/foreign', other)
    await sent([risky], 'acme/near')
    await sent([{ ...risky, agent: 'codex' }], 'acme/foreign')
    await judged('foreign', 'acme/foreign')
    expect(Object.values(await resultsOf('foreign'))).not.toContain('fail')
  })

  test('are not judged by what was sent after them', async () => {
    const pushed = await judged('earlier', 'acme/earlier')
    await sent([risky], 'acme/earlier')
    await deliver([{ type: 'evaluate', organisation: organisation.id, evidenceId: pushed.id }])
    expect(Object.values(await resultsOf('earlier'))).not.toContain('fail')
  })

  test('are judged again where the configuration’s message comes after theirs', async () => {
    const configuration = await pushConfiguration(organisation.machine, [risky], { repository: 'acme/late' })
    const pushed = await judged('late', 'acme/late')
    expect((await resultsOf('late'))['risky-config']).toBe('skipped')
    const asked: unknown[] = []
    const { indexConfiguration } = await import('#queues/index-configuration.ts')
    const { findEvidence } = await import('#worker/store/evidence.ts')
    const { openDatabase } = await import('#worker/store/database.ts')
    const { readConfigurationEvidence } = await import('#queues/load-configuration.ts')
    const row = await findEvidence(organisation.id, openDatabase(env.DB), configuration.id)
    if (row === null) throw new TypeError('the evidence was accepted')
    const JOBS = {
      ...env.JOBS,
      sendBatch: async (messages: Iterable<{ readonly body: unknown }>) => {
        asked.push(...[...messages].map(({ body }) => body))
        return { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } }
      },
    }
    const predicate = await readConfigurationEvidence(env, organisation.id, configuration.id)
    await indexConfiguration({ ...env, JOBS: JOBS as typeof env.JOBS }, row, predicate)
    expect(asked).toEqual([{ type: 'evaluate', organisation: organisation.id, evidenceId: pushed.id }])
    await deliver(asked)
    expect((await resultsOf('late'))['risky-config']).toBe('fail')
  })

  test('of tier metadata leave the question open', async () => {
    const { permissions: _, ...rest } = risky
    const digests = {
      ...rest,
      permissions: null,
      mcpServers: null,
      hooks: null,
      settings: null,
      trustsEveryMcpServer: null,
      skills: null,
    }
    await pushConfiguration(organisation.machine, [digests], { repository: 'acme/digests', tier: 'metadata' }).then(
      ({ id }) => index(id),
    )
    await judged('digests', 'acme/digests')
    expect(await resultsOf('digests')).toMatchObject({ 'risky-config': 'error', 'config-drift': 'fail' })
  })
})

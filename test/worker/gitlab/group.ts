/** An organisation with a group at the local GitLab, whose webhooks arrive, and machines that send evidence. */
import { env } from 'cloudflare:workers'
import { expect, vi } from 'vitest'
import { SetupDone } from '#core/api/account.ts'
import { GitLabSetup } from '#core/api/gitlab-setup.ts'
import { createFakeGitLab } from '#test/fake-gitlab/server.ts'
import type { Deliver, MergeRequest } from '#test/fake-gitlab/state.ts'
import { enrolMachine, pushEvidence, request, sendJson, smallCommit, smallSession } from '#test/workerd/organisation.ts'

export const shaOf = (digit: string) => digit.repeat(40)
export const hunk = `@@ -0,0 +1,10 @@\n${Array.from({ length: 10 }, (_, at) => `+line ${at}\n`).join('')}`

const TOKEN = 'glpat-of-the-tests'
let next = 600

export type Group = Awaited<ReturnType<typeof openGroup>>

/** `project`: full path below the group `acme`. The caller takes the place of `fetch` back. */
export async function openGroup(project: string) {
  const group = next++
  /** Group id -> address and token of its webhook. */
  const hooks = new Map<number, { readonly url: string; readonly token: string }>()
  const arrive: Deliver = async ({ event, key, body }) => {
    const hook = hooks.get(group)
    const headers = { 'x-gitlab-event': event, 'x-gitlab-token': hook?.token ?? '', 'idempotency-key': key }
    expect((await request(hook?.url ?? '', { method: 'POST', headers, body })).status).toBe(202)
  }
  const opened = { deliver: arrive }
  const gitlab = createFakeGitLab({
    url: 'https://gitlab.test',
    token: TOKEN,
    group,
    deliver: (delivery) => opened.deliver(delivery),
  })
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const answer = await gitlab.fetch(new Request(input, init))
    return answer ?? new Response('not here', { status: 599 })
  })
  const done = await sendJson('POST', '/v1/setup', 'setup-token-of-the-tests', {
    organisation: `Acme ${group}`,
    administrator: { name: 'Ada', login: 'ada' },
    installations: [{ forge: 'gitlab', id: group, account: 'acme' }],
  })
  const { token: administrator, organisation } = SetupDone.parse(await done.json())
  const setup = GitLabSetup.parse(await (await request('/v1/gitlab/setup', { token: administrator })).json())
  expect(setup).toMatchObject({ account: 'group_77_bot_stemma', problem: null })
  const [webhook] = setup.webhooks
  const hook = { url: (webhook?.url ?? '').replace(env.PUBLIC_URL, ''), token: webhook?.token ?? '' }
  hooks.set(group, hook)

  return {
    group,
    gitlab,
    hook,
    administrator,
    organisation: organisation.id,
    /** From now on webhooks do this; null: they arrive. */
    deliverBy: (deliver: Deliver | null) => {
      opened.deliver = deliver ?? arrive
    },
    /** Claimed by the organisation, beside the first one. */
    addGroup: async (id: number, account: string) => {
      gitlab.addGroup(id, account)
      const installations = [{ forge: 'gitlab', id, account }]
      const body = { organisation: organisation.id, installations }
      const claimed = await sendJson('POST', '/v1/setup/installations', 'setup-token-of-the-tests', body)
      expect(claimed.ok).toBe(true)
    },
    /** A merge request of one commit. */
    open: async (): Promise<MergeRequest> => {
      await gitlab.push(project, 'main', { id: shaOf('0'), message: 'Begin', files: {} })
      const files = { 'src/parser.ts': hunk }
      await gitlab.push(project, 'topic', { id: shaOf('a'), message: 'Accept empty input', files })
      return gitlab.openMergeRequest(project, { branch: 'topic', title: 'Accept empty input' })
    },
    /** Evidence of the commit. `repository`: what the machine calls it. */
    witness: async (sha: string, repository = project): Promise<void> => {
      const session = `claude-code:${group}-${sha[0]}`
      const machine = await enrolMachine(administrator, { name: 'Grace', login: 'grace' })
      await pushEvidence(machine, {
        session: smallSession({ id: session }),
        attribution: [smallCommit(sha, session)],
        predicate: { repository },
      })
    },
    own: ({ notes }: MergeRequest) => notes.filter(({ author }) => author.id === gitlab.account.id),
    statusOf: (sha: string, path = project) => gitlab.project(path).statuses.findLast((status) => status.sha === sha),
  }
}

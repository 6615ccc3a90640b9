/** One pull request's object in workerd: its alarm rings when the test says so, and what it hands on stays readable. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import { Write } from '#objects/outbox-storage.ts'
import { connection } from '#test/workerd/github-app.ts'
import type { TestOrganisation } from '#test/workerd/organisation.ts'
import type { ForgeEvent } from '#worker/github/payload.ts'
import { openDatabase } from '#worker/store/database.ts'
import { pullRequestName } from '#worker/store/pull-requests.ts'

export const repository = 'octo/widgets'
export const shaOf = (digit: string) => digit.repeat(40)
export const database = openDatabase(env.DB)

/** Nothing is worked off beside the test, which says itself when evidence is indexed and evaluated. */
export function holdQueue(): void {
  vi.spyOn(env.JOBS, 'send').mockImplementation(async () => ({
    metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } },
  }))
}

interface Numbers {
  readonly number: number
  readonly installation: number
}

export async function openObject({ id: organisation }: TestOrganisation, { number, installation }: Numbers) {
  const key = { repository, number }
  const subject = { organisation, installation, ...key }
  const stub = env.PULL_REQUEST.getByName(pullRequestName(organisation, key))
  const outbox = env.GITHUB_OUTBOX.getByName(String(installation))
  const prepare = () =>
    runInDurableObject(stub, (object) => {
      Object.assign(object, { env: { ...env, ...connection, PULL_REQUEST_DEBOUNCE_MS: '3600000' } })
    })
  await prepare()
  return {
    number,
    installation,
    key,
    stub,
    prepare,
    observe: (event: ForgeEvent) => stub.observe(subject, event),
    turn: () => runDurableObjectAlarm(stub),
    /** The newest body under each key, in order of arrival; the outbox is not connected, so that all stay. */
    handed: () =>
      runInDurableObject(outbox, (_, state) =>
        [...state.storage.sql.exec('SELECT body FROM waiting ORDER BY rowid').raw<[string]>()].map(([body]) =>
          Write.parse(JSON.parse(body)),
        ),
      ),
    plannedAt: () => runInDurableObject(stub, (_, state) => state.storage.getAlarm()),
  }
}

export type OpenObject = Awaited<ReturnType<typeof openObject>>

export async function commentsOf(one: Pick<OpenObject, 'handed'>): Promise<readonly string[]> {
  return (await one.handed()).flatMap((write) => (write.kind === 'comment' ? [write.body] : []))
}

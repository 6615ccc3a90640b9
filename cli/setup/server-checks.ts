/** Whether evidence gets to the server: the key, the way there, its clock and the enrolment. */
import { Me } from '#core/api/account.ts'
import { isFault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { callApi } from '../io/http.ts'
import { isKeyPrivate, keyPath, makeKeyPrivate, readDeviceKey } from '../io/keys.ts'
import { type Finding, failed, ok, skipped, warning } from './finding.ts'

/** Beyond this, claimed times and the log's stand so far apart that people wonder. */
const MAX_SKEW_SECONDS = 120
const REQUEST_MILLISECONDS = 5_000

interface Way {
  readonly context: Context
  readonly server: string | null
}

export async function checkKey({ context, server }: Way): Promise<Finding> {
  const name = 'device key'
  const path = keyPath(context.configurationFolder, server)
  const key = await readDeviceKey(context.configurationFolder, server)
  if (key === null) {
    return server === null
      ? skipped(name, 'made at the first push')
      : failed(name, `none for ${server}`, 'stemma init --token TOKEN')
  }
  if (!(await isKeyPrivate(path))) {
    return failed(name, `others can read ${path}`, `chmod 600 ${path}`, () => makeKeyPrivate(path))
  }
  return ok(name, `${key.name}, readable by you alone`)
}

export async function checkServer({ context, server }: Way): Promise<readonly Finding[]> {
  if (server === null)
    return [warning('server', 'none: evidence is signed and kept here', 'stemma init --server URL --token TOKEN')]
  const date = await serverTime(server)
  if (date === null)
    return [failed('server', `${server} cannot be reached`, 'check the address in .stemma.yml and the network')]
  const findings = [ok('server', `${server} answers`)]
  const skew = Math.round((context.now().getTime() - date.getTime()) / 1_000)
  findings.push(
    Math.abs(skew) <= MAX_SKEW_SECONDS
      ? ok('clock', `within ${Math.max(1, Math.abs(skew))} s of the server’s`)
      : warning(
          'clock',
          `${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'} the server’s`,
          'set the clock of this machine',
        ),
  )
  return [...findings, await checkEnrolment(context, server)]
}

/** Any answer will do: it proves the way there, and carries the server's time. null where there is none. */
async function serverTime(server: string): Promise<Date | null> {
  try {
    const answer = await fetch(`${server}/v1/me`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(REQUEST_MILLISECONDS),
    })
    await answer.arrayBuffer()
    return new Date(answer.headers.get('date') ?? Date.now())
  } catch {
    return null
  }
}

async function checkEnrolment({ configurationFolder }: Context, server: string): Promise<Finding> {
  const name = 'enrolment'
  const key = await readDeviceKey(configurationFolder, server)
  if (key?.enrolment == null)
    return failed(name, `this machine has no key enrolled with ${server}`, 'stemma init --token TOKEN')
  try {
    const request = { method: 'GET', path: '/v1/me', token: key.enrolment.token, answer: Me } as const
    const me = await callApi(server, { ...request, milliseconds: REQUEST_MILLISECONDS })
    return ok(name, `${me.organisation.name} · ${me.person.name}`)
  } catch (problem) {
    if (!isFault(problem)) throw problem
    return failed(name, problem.message, problem.exit === 3 ? 'stemma doctor' : 'stemma init --new-key --token TOKEN')
  }
}

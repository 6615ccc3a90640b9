/** Signing in with GitHub from a terminal: GitHub says who it is, the organisation whether that person may come in. */
import { createRoute } from '@hono/zod-openapi'
import { KeyEnrolled } from '#core/api/evidence.ts'
import { DeviceLogin, DeviceLoginPending, DeviceLoginPoll, SignUpView } from '#core/api/identity.ts'
import { Fault } from '#core/fault.ts'
import { createRouter } from '../context.ts'
import { enrolProved, proveKey, requireFreeKey } from '../identity/enrol.ts'
import { accountOf, pollDeviceFlow, startDeviceFlow } from '../identity/github-account.ts'
import { authenticate, requireAdministrator } from '../middleware/authenticate.ts'
import { jsonBody } from '../middleware/json-body.ts'
import { limitAttempts } from '../middleware/limit-attempts.ts'
import { openDatabase } from '../store/database.ts'
import { bindAccount, findSignUp, type GitHubAccount, organisationsOfAccount, setSignUp } from '../store/identity.ts'
import { bearer, credentialProblems, json, jsonRequest, problems } from './responses.ts'

const begin = createRoute({
  method: 'post',
  path: '/v1/device-login',
  summary: 'Begin to sign in with GitHub: a code that a person enters there',
  middleware: [limitAttempts] as const,
  responses: {
    201: json('The code; nothing is stored of it here.', DeviceLogin),
    ...problems('rate-limited', 'forge-unavailable', 'unavailable'),
  },
})

const poll = createRoute({
  method: 'post',
  path: '/v1/device-login/poll',
  summary: 'Ask whether the person has entered the code; where so, the key of the machine is enrolled',
  middleware: [limitAttempts, jsonBody] as const,
  request: { body: jsonRequest(DeviceLoginPoll) },
  responses: {
    201: json('The key is enrolled; the token of the device is shown once.', KeyEnrolled),
    202: json('Not yet: ask again after the interval.', DeviceLoginPending),
    ...problems(
      'request-malformed',
      'key-weak',
      'proof-invalid',
      'sign-in-denied',
      'sign-in-not-allowed',
      'conflict',
      'rate-limited',
      'forge-unavailable',
      'unavailable',
    ),
  },
})

const readSignUp = createRoute({
  method: 'get',
  path: '/v1/sign-up',
  summary: 'Whom a sign-in with GitHub makes a member',
  security: bearer,
  middleware: [authenticate] as const,
  responses: { 200: json('The choice.', SignUpView), ...problems(...credentialProblems) },
})

const chooseSignUp = createRoute({
  method: 'put',
  path: '/v1/sign-up',
  summary: 'Choose whom a sign-in with GitHub makes a member (administrator)',
  security: bearer,
  middleware: [authenticate, requireAdministrator, jsonBody] as const,
  request: { body: jsonRequest(SignUpView) },
  responses: {
    200: json('It holds from now on; who is a member already stays one.', SignUpView),
    ...problems('request-malformed', ...credentialProblems, 'media-type-unsupported', 'body-too-large'),
  },
})

export const deviceLogin = createRouter()
  .openapi(begin, async (context) => {
    const started = await startDeviceFlow(context.env)
    return context.json(
      {
        deviceCode: started.device_code,
        userCode: started.user_code,
        verificationUri: started.verification_uri,
        expiresInSeconds: started.expires_in,
        intervalSeconds: started.interval,
      },
      201,
    )
  })
  .openapi(poll, async (context) => {
    const asked = context.req.valid('json')
    // Before GitHub is asked: a code that was entered is worth one answer, which a wrong proof must not spend.
    const key = await proveKey(asked.deviceCode, asked)
    const flow = await pollDeviceFlow(context.env, asked.deviceCode)
    if (flow.status === 'pending') {
      return context.json({ status: flow.status, intervalSeconds: flow.intervalSeconds }, 202)
    }
    const { account, installations } = await accountOf(context.env, flow.token)
    const database = openDatabase(context.env.DB)
    const doors = await organisationsOfAccount(database, account, installations)
    const { organisation, person: known } = chosen(doors, account, asked.organisation)
    const now = new Date().toISOString()
    const person = await bindAccount(organisation.id, database, { account, person: known, now })
    if (person === null) throw notAllowed(account)
    await requireFreeKey(organisation.id, database, { id: key.id, person: person.id })
    return context.json(
      await enrolProved(context.env, database, { organisation, person, key, name: asked.name, now }),
      201,
    )
  })
  .openapi(readSignUp, async (context) => {
    const { organisation } = context.get('principal')
    return context.json({ signUp: await findSignUp(organisation.id, openDatabase(context.env.DB)) }, 200)
  })
  .openapi(chooseSignUp, async (context) => {
    const { signUp } = context.req.valid('json')
    await setSignUp(context.get('principal').organisation.id, openDatabase(context.env.DB), signUp)
    return context.json({ signUp }, 200)
  })

type Door = Awaited<ReturnType<typeof organisationsOfAccount>>[number]

function chosen(doors: readonly Door[], account: GitHubAccount, wanted: string | undefined): Door {
  const open =
    wanted === undefined
      ? doors
      : doors.filter(({ organisation }) => organisation.id === wanted || organisation.name === wanted)
  const [first, ...others] = open
  if (first === undefined) throw notAllowed(account)
  if (others.length === 0) return first
  const names = open.map(({ organisation }) => `${organisation.name} (${organisation.id})`).join(', ')
  throw new Fault('conflict', {
    message: `${account.login} belongs to several organisations here: ${names}.`.slice(0, 1_000),
    hint: 'Name one: `stemma login --organisation ID`.',
  })
}

function notAllowed({ login }: GitHubAccount): Fault {
  return new Fault('sign-in-not-allowed', {
    message: `GitHub says that you are ${login}, whom no organisation here lets in.`,
    hint: 'Ask an administrator to invite you, or for an enrolment token: `stemma login --token TOKEN`.',
  })
}

/** Signing in with GitHub: the platform begins the device flow, the person enters a code there, and the key is enrolled. */
import { setTimeout as wait } from 'node:timers/promises'
import { DeviceLogin, DeviceLoginAnswer } from '#core/api/identity.ts'
import { Fault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { callApi } from '../io/http.ts'
import type { DeviceKey } from '../io/keys.ts'
import { plain } from '../io/terminal.ts'
import { type KeyChoice, keepEnrolled, keyToEnrol, proofOf } from './enrolment.ts'

interface SignIn extends KeyChoice {
  /** Id or name, for who belongs to several. */
  readonly organisation: string | undefined
}

export async function signIn(choice: SignIn, context: Context): Promise<DeviceKey> {
  const { server, organisation } = choice
  const key = await keyToEnrol(choice, context)
  const post = { method: 'POST', headers: { 'content-type': 'application/json' } } as const
  const started = await callApi(server, { ...post, path: '/v1/device-login', answer: DeviceLogin })
  const { deviceCode, userCode, verificationUri, expiresInSeconds } = started
  context.terminal.say(`Open ${plain(verificationUri)} and enter the code ${plain(userCode)}`)
  const body = JSON.stringify({
    deviceCode,
    publicKey: key.publicKey,
    proof: await proofOf(key, deviceCode),
    name: key.name,
    ...(organisation === undefined ? {} : { organisation }),
  })
  const end = context.now().getTime() + expiresInSeconds * 1_000
  for (let seconds = started.intervalSeconds; context.now().getTime() < end; ) {
    await wait(seconds * 1_000)
    const answer = await callApi(server, { ...post, path: '/v1/device-login/poll', body, answer: DeviceLoginAnswer })
    if (!('status' in answer)) return keepEnrolled(key, answer, { server, context })
    seconds = answer.intervalSeconds
  }
  throw new Fault('sign-in-denied', {
    message: 'Nobody entered the code in time.',
    hint: 'Begin again with `stemma login`.',
  })
}

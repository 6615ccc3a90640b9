/** A run of GitHub Actions has no key and no secret: it asks GitHub who it is, and gets a key for an hour. */
import { z } from 'zod'
import { PipelineKey } from '#core/api/identity.ts'
import { Fault, isFault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { callApi } from '../io/http.ts'
import { newDeviceKey, readDeviceKey } from '../io/keys.ts'
import { keepEnrolled, proofOf } from './enrolment.ts'

/** A push may take minutes; a key that ends meanwhile would sign evidence that nobody takes. */
const LEAST_MILLISECONDS = 10 * 60_000

const Answer = z.object({ value: z.string().min(1) })

/**
 * Makes sure that a run has a key of the server's, where GitHub lets it have an identity token. Resolves to why it could
 * not be had; null where there is one, or where this is no such run.
 */
export async function enrolPipeline(context: Context, server: string): Promise<Fault | null> {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer } = context.environment
  if (!url || !bearer) return null
  const present = await readDeviceKey(context.configurationFolder, server)
  const enrolment = present?.enrolment ?? null
  // A runner of the organisation's own may have been enrolled like any machine.
  const isEnough =
    enrolment !== null &&
    (enrolment.expiresAt === undefined ||
      Date.parse(enrolment.expiresAt) - context.now().getTime() > LEAST_MILLISECONDS)
  if (isEnough) return null
  try {
    const token = await identityToken(url, bearer, server)
    // Never the old one: each run has a key of its own, so that what it signed is told apart.
    const key = await newDeviceKey(server, context.now())
    const enrolled = await callApi(server, {
      method: 'POST',
      path: '/v1/pipeline-keys',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, publicKey: key.publicKey, proof: await proofOf(key, token) }),
      answer: PipelineKey,
    })
    await keepEnrolled(key, enrolled, { server, context, retiredAt: enrolment?.expiresAt ?? null })
    return null
  } catch (problem) {
    if (isFault(problem)) return problem
    throw problem
  }
}

const TOKEN_MILLISECONDS = 30_000

/** Of GitHub, for this server and no other. */
async function identityToken(url: string, bearer: string, audience: string): Promise<string> {
  try {
    const address = new URL(url)
    address.searchParams.set('audience', audience)
    const response = await fetch(address, {
      headers: { authorization: `bearer ${bearer}`, accept: 'application/json' },
      redirect: 'manual',
      signal: AbortSignal.timeout(TOKEN_MILLISECONDS),
    })
    if (!response.ok) throw new TypeError(`status ${response.status}`)
    return Answer.parse(await response.json()).value
  } catch (cause) {
    throw new Fault('forge-unavailable', {
      message: 'GitHub gave this run no identity token.',
      hint: 'Give the job `permissions: id-token: write`, then run it again; by hand: `stemma push --retry`.',
      cause,
    })
  }
}

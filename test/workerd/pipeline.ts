/** A pipeline of acme/parser at the door of an organisation that lets it in. */
import { vi } from 'vitest'
import { createIssuer, type FakeIssuer } from '#test/fake-issuer.ts'
import { enrolmentBody, newKey, request, sendJson, type TestOrganisation } from './organisation.ts'

/** Stands in for GitHub's issuer, by `fetch`. Restore with `vi.restoreAllMocks()`. */
export async function standInIssuer(): Promise<FakeIssuer> {
  const issuer = await createIssuer('https://stemma.test')
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    return issuer.answer(new Request(input, init)) ?? new Response('nothing is here', { status: 404 })
  })
  return issuer
}

export function letIn(organisation: TestOrganisation, body: unknown = { ownerId: 815 }): Promise<Response> {
  return sendJson('PUT', '/v1/pipeline-owners', organisation.token, body)
}

/** The body with which a run asks for its key. */
export async function keyRequest(token: string) {
  const { signer, spki } = await newKey()
  const { publicKey, proof } = await enrolmentBody(token, signer, spki)
  return { signer, body: { token, publicKey, proof } }
}

export function askForKey(body: unknown): Promise<Response> {
  return request('/v1/pipeline-keys', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

export async function exchange(token: string): Promise<Response> {
  return askForKey((await keyRequest(token)).body)
}

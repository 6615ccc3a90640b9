/** The contract in force: asked of the server, kept for when it cannot be asked, the default where there is no server. */
import { join } from 'node:path'
import { isFault } from '#core/fault.ts'
import { Contract, defaultContract } from '#core/policy/contract.ts'
import { readText, writeForNow } from '../io/files.ts'
import { callApi } from '../io/http.ts'
import type { Destination } from './send.ts'

/** A push waits for this; the contract that was kept is nearly always the same. */
const REQUEST_MILLISECONDS = 5_000

/** `repository`: `owner/name`; null where no remote names it. */
export async function contractInForce(
  stateDirectory: string,
  destination: Destination | null,
  repository: string | null,
): Promise<Contract> {
  if (destination === null) return defaultContract
  const { server, enrolment } = destination
  const path = join(stateDirectory, 'contract.json')
  try {
    const wanted = repository === null ? '' : `?repository=${encodeURIComponent(repository)}`
    const request = { method: 'GET', path: `/v1/contract${wanted}`, token: enrolment.token, answer: Contract } as const
    const contract = await callApi(server, { ...request, milliseconds: REQUEST_MILLISECONDS })
    await writeForNow(path, JSON.stringify({ server, repository, contract }))
    return contract
  } catch (problem) {
    if (!isFault(problem)) throw problem
    return (await keptContract(path, server, repository)) ?? defaultContract
  }
}

async function keptContract(path: string, server: string, repository: string | null): Promise<Contract | null> {
  const text = await readText(path)
  if (text === null) return null
  try {
    const kept = JSON.parse(text)
    return kept.server === server && kept.repository === repository
      ? (Contract.safeParse(kept.contract).data ?? null)
      : null
  } catch {
    return null
  }
}

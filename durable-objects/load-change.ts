/** What policies on a pull request as a whole look at: of the forge only what the contract asks for. */
import { isFault } from '#core/fault.ts'
import type { Contract } from '#core/policy/contract.ts'
import { asksOfForge } from '#core/policy/judge-pull-request.ts'
import { latestReviews } from '#core/policy/pull-request.ts'
import type { Forge, ForgePullRequest } from '#core/ports.ts'
import type { ChangeMaterial, Material } from '#core/report/material.ts'
import type { Database } from '#worker/store/database.ts'
import { loadSpending } from '#worker/store/spending.ts'
import { waiversInForce } from '#worker/store/waivers.ts'

interface ChangeSubject {
  readonly organisation: string
  readonly database: Database
  readonly forge: Forge
  readonly pull: ForgePullRequest
  readonly material: Material
}

export async function loadChange(subject: ChangeSubject): Promise<ChangeMaterial> {
  const { organisation, database, forge, pull, material } = subject
  const { contract, repository, number } = material
  const now = new Date().toISOString()
  const [reviews, files, waivers, spending] = await Promise.all([
    whereAsked(contract, 'reviews', () => forge.reviews(repository, number)),
    whereAsked(contract, 'files', () => forge.files(repository, number)),
    waiversInForce(organisation, database, now),
    loadSpending(organisation, database, {
      contract,
      sessions: material.sessions.map(({ header }) => header.id),
      repository,
      now,
    }),
  ])
  return {
    author: pull.authorLogin,
    base: pull.base,
    reviews: reviews === null ? null : latestReviews(reviews),
    files,
    waivers,
    spending,
    now,
  }
}

/**
 * null where nobody asks, and where the forge will not say: the rule cannot tell then. That it does not answer just now
 * is no such thing, and the report is made again.
 */
async function whereAsked<Answer>(
  contract: Contract,
  what: 'reviews' | 'files',
  read: () => Promise<Answer>,
): Promise<Answer | null> {
  if (!asksOfForge(contract, what)) return null
  try {
    return await read()
  } catch (error) {
    if (isFault(error) && error.code === 'not-found') return null
    throw error
  }
}

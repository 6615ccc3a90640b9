/** A repository by its id, or by a name that it has or had. */
import { z } from 'zod'
import { Fault } from '#core/fault.ts'
import { movedTo } from '#core/forge-refusal.ts'
import type { ForgeRepository } from '#core/ports.ts'
import { installationAuthorization } from './app.ts'
import { askGitHub, type GitHubAnswer, readAnswer } from './request.ts'
import type { GitHubSettings } from './settings.ts'

const RepositoryJson = z.object({ id: z.int().positive(), full_name: z.string() })
const RepositoriesJson = z.object({ repositories: z.array(RepositoryJson) })

/** Ten thousand repositories, of which renames are rare. */
const MAX_PAGES = 100

/** Throws not-found where the installation reaches none. */
export async function findRepository(
  settings: GitHubSettings,
  installation: number,
  place: number | string,
): Promise<ForgeRepository> {
  if (typeof place === 'number') return findById(settings, installation, place)
  try {
    return await findByName(settings, installation, place)
  } catch (error) {
    const id = movedTo(error)
    if (id === null) throw error
    return findById(settings, installation, id)
  }
}

/** Of a former name GitHub answers with the id, which the Fault then carries. */
export async function findByName(
  settings: GitHubSettings,
  installation: number,
  name: string,
): Promise<ForgeRepository> {
  const path = `/repos/${name.split('/').map(encodeURIComponent).join('/')}`
  const answer = await look(settings, installation, path)
  const { id, full_name: present } = readAnswer(RepositoryJson, answer)
  return { id, name: present }
}

/** In the list of what the installation reaches: by id alone GitHub's description knows no address. */
async function findById(settings: GitHubSettings, installation: number, id: number): Promise<ForgeRepository> {
  let path: string | null = '/installation/repositories?per_page=100'
  for (let page = 0; path !== null && page < MAX_PAGES; page++) {
    const answer: GitHubAnswer = await look(settings, installation, path)
    const found = readAnswer(RepositoriesJson, answer).repositories.find((one) => one.id === id)
    if (found !== undefined) return { id, name: found.full_name }
    path = answer.next
  }
  throw new Fault('not-found', {
    message: `The installation ${installation} reaches no repository with the id ${id}.`,
    hint: 'Add it to the installation of the App: open `/setup/github` of this deployment.',
  })
}

/** With a token for all of the installation that may read nothing but names. */
async function look(settings: GitHubSettings, installation: number, path: string): Promise<GitHubAnswer> {
  const authorization = await installationAuthorization(settings, { installation, repository: null, access: 'look' })
  return askGitHub(settings, { method: 'GET', path, authorization })
}

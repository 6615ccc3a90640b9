/** What `stemma doctor` looks at, in this order: one line each, with the words of its repair. */
import { isFault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { readConfiguration } from '../io/configuration.ts'
import { findRepository, type Repository } from '../io/repository.ts'
import { checkEvidence } from './evidence-checks.ts'
import { type Finding, failed, ok } from './finding.ts'
import { checkHooks } from './hook-checks.ts'
import { checkKey, checkServer } from './server-checks.ts'
import { checkOwnFolder, checkState } from './storage-checks.ts'
import { checkTools } from './tool-checks.ts'

export async function runChecks(context: Context): Promise<readonly Finding[]> {
  const tools = await checkTools(context)
  let repository: Repository
  try {
    repository = await findRepository(context.workingDirectory)
  } catch (problem) {
    if (!isFault(problem)) throw problem
    return [...tools, failed('repository', problem.message, problem.hint)]
  }
  const { finding, server, isThere } = await checkConfiguration(repository)
  const place = { context, repository, server }
  return [
    ...tools,
    finding,
    ...(await checkHooks({ context, repository, isSetUp: isThere })),
    await checkState(repository),
    await checkOwnFolder(context),
    await checkKey(place),
    ...(await checkServer(place)),
    ...(await checkEvidence(place)),
  ]
}

interface Settings {
  readonly finding: Finding
  readonly server: string | null
  /** Also where it cannot be read. */
  readonly isThere: boolean
}

async function checkConfiguration(repository: Repository): Promise<Settings> {
  const name = '.stemma.yml'
  try {
    const configuration = await readConfiguration(repository.root)
    if (configuration === null)
      return { finding: failed(name, 'not there', 'stemma init'), server: null, isThere: false }
    const server = configuration.server ?? null
    const detail = `tier ${configuration.tier}, strict ${configuration.strict}`
    return { finding: ok(name, detail), server, isThere: true }
  } catch (problem) {
    if (!isFault(problem)) throw problem
    return { finding: failed(name, problem.message, problem.hint), server: null, isThere: true }
  }
}

/** What was captured, what waits and what went wrong. */
import { access, constants, stat } from 'node:fs/promises'
import type { SessionDatabase } from '#core/agents/agent.ts'
import { agents } from '#core/agents/registry.ts'
import type { Context } from '../context.ts'
import { readFailures } from '../io/failures.ts'
import { isMissing } from '../io/files.ts'
import { listOutgoing, readOutgoing } from '../io/outgoing.ts'
import { listWorktrees, type Repository } from '../io/repository.ts'
import { accessTo } from '../io/session-database.ts'
import { count, minute, shortId } from '../io/words.ts'
import { watchOfCommits } from '../push/missed.ts'
import { type Finding, failed, ok, skipped, warning } from './finding.ts'

interface Place {
  readonly context: Context
  readonly repository: Repository
  readonly server: string | null
}

export async function checkEvidence(place: Place): Promise<readonly Finding[]> {
  return [
    await checkObserved(place),
    await checkOutgoing(place),
    await checkFailures(place),
    ...(await checkTranscripts(place)),
  ]
}

async function checkObserved({ context, repository }: Place): Promise<Finding> {
  const name = 'commits seen'
  const workspace = { repository, roots: await listWorktrees(repository), configuration: null }
  const watch = await watchOfCommits(workspace, context.now().getTime())
  if (watch === null) return skipped(name, 'none yet')
  const { made, unobserved } = watch
  const since = `since ${minute(watch.since)} UTC`
  if (unobserved.length === 0) return ok(name, `all of ${made} ${since}`)
  const shown = unobserved.slice(-3).map(shortId).join(', ')
  return warning(
    name,
    `${unobserved.length} of ${made} ${since} not seen by the Git hooks, the last: ${shown}`,
    'keep `stemma` on the PATH of whatever commits; the next push looks at them, by transcripts alone',
  )
}

async function checkOutgoing({ repository, server }: Place): Promise<Finding> {
  const ids = await listOutgoing(repository.stateDirectory)
  const evidence = await Promise.all(ids.map((id) => readOutgoing(repository.stateDirectory, id)))
  const damaged = ids.filter((_, index) => evidence[index] === null)
  if (damaged.length > 0) {
    return failed(
      'waiting evidence',
      `damaged: ${damaged.join(', ')}`,
      `look into ${repository.stateDirectory}/outgoing`,
    )
  }
  if (ids.length === 0) return ok('waiting evidence', 'none')
  return warning('waiting evidence', count(ids.length, 'piece'), server === null ? null : 'stemma push --retry')
}

const RECENT_DAYS = 7

async function checkFailures({ context, repository }: Place): Promise<Finding> {
  const after = new Date(context.now().getTime() - RECENT_DAYS * 86_400_000).toISOString()
  const recent = (await readFailures(repository.stateDirectory, 1_000)).filter(({ at }) => at === null || at > after)
  const last = recent.at(-1)
  if (last === undefined) return ok('failures', `none in ${RECENT_DAYS} days`)
  return warning(
    'failures',
    `${recent.length} in ${RECENT_DAYS} days, the last: ${last.text}`,
    `see ${repository.stateDirectory}/failures.log`,
  )
}

async function checkTranscripts({ context, repository }: Place): Promise<readonly Finding[]> {
  const findings = agents.map(async (agent): Promise<Finding> => {
    const name = `transcripts of ${agent.title}`
    const kept = agent.database === undefined ? null : await checkDatabase(name, agent.database, context)
    if (kept !== null) return kept
    const folders = agent.transcriptFolders(repository.root, context.home, context.environment)
    for (const folder of folders) {
      try {
        await stat(folder)
        await access(folder, constants.R_OK)
        return ok(name, folder)
      } catch (problem) {
        if (!isMissing(problem)) return failed(name, `${folder} cannot be read`, `chmod u+rx ${folder}`)
      }
    }
    return skipped(name, 'no session here yet')
  })
  return Promise.all(findings)
}

/** null where there is no database: older versions left files. */
async function checkDatabase(
  name: string,
  database: SessionDatabase,
  { home, environment }: Context,
): Promise<Finding | null> {
  const path = database.path(home, environment)
  const access = await accessTo({ path, database, environment })
  if (access === 'absent') return null
  if (access === 'node') return ok(name, path)
  const { name: program } = database.program
  if (access === 'program') return ok(name, `${path}, read by \`${program}\` because this Node.js has no SQLite`)
  const detail = `${path} can be read neither by this Node.js nor by \`${program}\`: its sessions are not sent`
  return warning(name, detail, 'install Node.js 22.13 or newer')
}

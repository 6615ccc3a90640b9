/** Everything that the agents on this machine are told and allowed in this repository, in normal form. */
import { createHash } from 'node:crypto'
import { dirname, join, posix } from 'node:path'
import picomatch from 'picomatch'
import { assemble, listed, type ReadFile } from '#core/configuration/assemble.ts'
import type { AgentConfiguration, UnreadFile } from '#core/configuration/configuration.ts'
import type { ConfigurationPlace, ConfiguredAgent } from '#core/configuration/places.ts'
import { readInstructions } from '#core/configuration/read-instructions.ts'
import { configuredAgents } from '#core/configuration/registry.ts'
import type { Context } from '../context.ts'
import { runGit } from '../io/git.ts'
import type { Repository } from '../io/repository.ts'
import { acceptedFiles } from './accepted.ts'
import { type Base, locate } from './locate.ts'
import { closeCache, type FileCache, openCache, readConfigurationFile } from './read-file.ts'

/** For each agent and layer. People write a handful; skills with their programs some dozens. */
const MAX_FILES = 400
/** An instruction file that pulls in others, which pull in others. */
const MAX_IMPORTS = 5

/** Not yet redacted: names and commands may hold what somebody typed into them. */
export async function collectConfiguration(
  repository: Repository,
  context: Context,
): Promise<readonly AgentConfiguration[]> {
  const folder = join(context.cacheFolder, 'configurations')
  const name = createHash('sha256').update(repository.root).digest('hex').slice(0, 32)
  const configured = await configuredAgents()
  const [cache, tracked, accepted] = await Promise.all([
    openCache(join(folder, `${name}.json`)),
    trackedFiles(repository, configured),
    acceptedFiles(repository, configured, join(folder, `${name}.accepted.json`)),
  ])
  const agents: AgentConfiguration[] = []
  for (const agent of configured) {
    const found = await collectAgent(agent, { repository, context, tracked, cache })
    agents.push(await assemble(agent.agent, { ...found, accepted: accepted?.[agent.agent] ?? null }))
  }
  await closeCache(join(folder, `${name}.json`), cache)
  return listed(agents)
}

interface Collection {
  readonly repository: Repository
  readonly context: Context
  readonly tracked: readonly string[]
  readonly cache: FileCache
}

async function collectAgent({ agent, repository: own, user, managed }: ConfiguredAgent, collection: Collection) {
  const { repository, context, tracked } = collection
  const { home, environment } = context
  const below = (path: string) => (path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path)
  const groups: readonly { readonly base: Base; readonly places: readonly ConfigurationPlace[] }[] = [
    {
      base: { layer: 'repository', folder: repository.root, limit: repository.root, shown: (path) => path },
      places: own,
    },
    ...user({ home, environment }).map(({ folder, places }) => ({
      base: {
        layer: 'user' as const,
        folder,
        // People keep their settings in a repository of their own and link to it.
        limit: folder.startsWith(`${home}/`) || folder === home ? home : folder,
        shown: (path: string) => below(posix.join(folder, path)),
      },
      places,
    })),
    ...managed.map(({ folder, places }) => ({
      base: { layer: 'managed' as const, folder, limit: folder, shown: (path: string) => posix.join(folder, path) },
      places,
    })),
  ]
  const files: ReadFile[] = []
  const unread: UnreadFile[] = []
  for (const { base, places } of groups) {
    const located = await locate(base, places, base.layer === 'repository' ? tracked : [])
    unread.push(...located.unread)
    if (located.paths.length > MAX_FILES) unread.push({ path: base.shown('.'), layer: base.layer, reason: 'too-many' })
    const read = await readAll(located.paths.slice(0, MAX_FILES), { agent, base, places, ...collection })
    files.push(...read.files)
    unread.push(...read.unread)
  }
  return { files, unread }
}

interface Reading extends Collection {
  readonly agent: string
  readonly base: Base
  readonly places: readonly ConfigurationPlace[]
}

async function readAll(paths: readonly string[], { agent, base, places, cache, repository }: Reading) {
  const matchers = places.map((place) => ({ place, matches: picomatch(place.glob, { dot: true }) }))
  const files: ReadFile[] = []
  const unread: UnreadFile[] = []
  const seen = new Set(paths)
  let waiting = paths.flatMap((path) => {
    const place = matchers.find(({ matches }) => matches(path))?.place
    return place === undefined ? [] : [{ path, place }]
  })
  for (let depth = 0; waiting.length > 0 && depth <= MAX_IMPORTS; depth++) {
    const imported: typeof waiting = []
    for (const { path, place } of waiting) {
      const request = { agent, base, place, context: { root: repository.root } }
      const content = await readConfigurationFile(path, request, cache)
      if (content === null) continue
      const { layer } = base
      if ('reason' in content) {
        unread.push({ path: base.shown(path), layer, reason: content.reason })
        continue
      }
      files.push({ path: base.shown(path), layer, kind: place.kind, ...content })
      for (const target of content.facts.imports) {
        const other = posix.normalize(posix.join(dirname(path), target))
        if (target.startsWith('~') || other.startsWith('..') || seen.has(other) || seen.size >= MAX_FILES) continue
        seen.add(other)
        imported.push({ path: other, place: { glob: other, kind: 'instructions', read: readInstructions } })
      }
    }
    waiting = imported
  }
  return { files, unread }
}

/** Of the globs that reach into every folder, what Git knows: looking through a whole work tree would take seconds. */
async function trackedFiles({ root }: Repository, agents: readonly ConfiguredAgent[]): Promise<readonly string[]> {
  const globs = agents.flatMap(({ repository }) =>
    repository.map(({ glob }) => glob).filter((glob) => glob.startsWith('**')),
  )
  const pathspecs = [...new Set(globs)].map((glob) => `:(top,glob)${glob}`)
  const { code, output } = await runGit(root, ['ls-files', '-z', '--', ...pathspecs], {
    // Everywhere else a path is a name, never a pattern.
    environment: { GIT_LITERAL_PATHSPECS: '0' },
  })
  return code === 0
    ? output
        .toString('utf8')
        .split('\0')
        .filter((path) => path !== '')
    : []
}

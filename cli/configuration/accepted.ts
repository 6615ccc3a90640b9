/** The repository's configuration as it was accepted: what the remote's default branch holds. */
import { createHash } from 'node:crypto'
import picomatch from 'picomatch'
import { z } from 'zod'
import { type ConfigurationFile, configurationKinds } from '#core/configuration/configuration.ts'
import type { ConfiguredAgent } from '#core/configuration/places.ts'
import { readText, writeForNow } from '../io/files.ts'
import { runGit } from '../io/git.ts'
import { readBlobs } from '../io/objects.ts'
import type { Repository } from '../io/repository.ts'
import { VERSION } from '../version.ts'

const Kept = z.object({
  version: z.string(),
  commit: z.string(),
  agents: z.record(
    z.string(),
    z.array(
      z.object({
        path: z.string(),
        layer: z.literal('repository'),
        kind: z.enum(configurationKinds),
        digest: z.string(),
      }),
    ),
  ),
})

/** By agent; null where no remote has a branch yet. A commit never changes, so its files are looked up once. */
export async function acceptedFiles(
  repository: Repository,
  agents: readonly ConfiguredAgent[],
  cachePath: string,
): Promise<Readonly<Record<string, readonly ConfigurationFile[]>> | null> {
  const commit = await defaultBranch(repository)
  if (commit === null) return null
  const kept = await readKept(cachePath)
  if (kept?.commit === commit && kept.version === VERSION) return kept.agents
  const found = await filesAt(repository, commit, agents)
  await writeForNow(cachePath, JSON.stringify({ version: VERSION, commit, agents: found })).catch(() => {})
  return found
}

async function defaultBranch({ root }: Repository): Promise<string | null> {
  const names = ['HEAD', 'main', 'master'].map((name) => `refs/remotes/origin/${name}`)
  const { output } = await runGit(root, ['for-each-ref', '--format=%(refname) %(objectname)', ...names])
  const found = new Map(
    output
      .toString('utf8')
      .split('\n')
      .map((line): [string, string] => [line.split(' ')[0] ?? '', line.split(' ')[1] ?? '']),
  )
  return names.map((name) => found.get(name)).find((commit) => commit !== undefined) ?? null
}

async function filesAt(repository: Repository, commit: string, agents: readonly ConfiguredAgent[]) {
  const { code, output } = await runGit(repository.root, ['ls-tree', '-r', '-z', '--full-tree', commit])
  const entries = code !== 0 ? [] : output.toString('utf8').split('\0')
  const matchers = agents.map(({ agent, repository: places }) => {
    return { agent, places: places.map(({ glob, kind }) => ({ kind, matches: picomatch(glob, { dot: true }) })) }
  })
  const wanted: { agent: string; path: string; kind: ConfigurationFile['kind']; blob: string }[] = []
  for (const entry of entries) {
    const [, blob, path] = /^100\d{3} blob ([0-9a-f]+)\t(.*)$/s.exec(entry) ?? []
    if (blob === undefined || path === undefined) continue
    for (const { agent, places } of matchers) {
      const kind = places.find(({ matches }) => matches(path))?.kind
      if (kind !== undefined) wanted.push({ agent, path, kind, blob })
    }
  }
  const contents = await readBlobs(
    repository,
    wanted.map(({ blob }) => blob),
  )
  const found: Record<string, (ConfigurationFile & { layer: 'repository' })[]> = {}
  for (const { agent } of agents) found[agent] = []
  for (const { agent, path, kind, blob } of wanted) {
    const bytes = contents.get(blob)
    if (bytes === undefined) continue
    const digest = createHash('sha256').update(bytes).digest('hex')
    found[agent]?.push({ path, layer: 'repository', kind, digest })
  }
  return found
}

async function readKept(path: string) {
  try {
    return Kept.safeParse(JSON.parse((await readText(path)) ?? 'null')).data ?? null
  } catch {
    return null
  }
}

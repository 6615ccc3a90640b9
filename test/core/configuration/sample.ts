/** Configurations as tests need them, read from texts by the agents' own readers. */
import picomatch from 'picomatch'
import { assemble, type ReadFile } from '#core/configuration/assemble.ts'
import type { AgentConfiguration, Layer } from '#core/configuration/configuration.ts'
import { noFacts } from '#core/configuration/facts.ts'
import type { ConfiguredAgent } from '#core/configuration/places.ts'
import { configuredAgents } from '#core/configuration/registry.ts'
import { utf8 } from '#core/evidence/bytes.ts'
import { sha256Hex } from '#core/evidence/digest.ts'

export const HOME = '/home/ada'
export const ROOT = '/home/ada/shop'

/** Path -> text. Paths below the home folder begin with `~/`, those of the machine with `/`; all others are the repository's. */
export type Files = Readonly<Record<string, string>>

export async function configurationOf(agent: string, files: Files): Promise<AgentConfiguration> {
  const places = (await configuredAgents()).find((one) => one.agent === agent)
  if (places === undefined) throw new TypeError(`there is no agent ${agent}`)
  const read = await Promise.all(Object.entries(files).map(([path, text]) => readAs(places, path, text)))
  const unread = read.flatMap(({ path, layer, isMalformed }) =>
    isMalformed ? [{ path, layer, reason: 'malformed' as const }] : [],
  )
  return assemble(agent, { files: read.filter(({ isMalformed }) => !isMalformed), unread, accepted: null })
}

async function readAs(
  agent: ConfiguredAgent,
  path: string,
  text: string,
): Promise<ReadFile & { isMalformed: boolean }> {
  const layer: Layer = path.startsWith('~/') ? 'user' : path.startsWith('/') ? 'managed' : 'repository'
  const absolute = path.startsWith('~/') ? `${HOME}${path.slice(1)}` : path
  const groups =
    layer === 'repository'
      ? [{ folder: '', places: agent.repository }]
      : layer === 'user'
        ? agent.user({ home: HOME, environment: {} })
        : agent.managed
  for (const { folder, places } of groups) {
    if (folder !== '' && !absolute.startsWith(`${folder}/`)) continue
    const below = folder === '' ? path : absolute.slice(folder.length + 1)
    const place = places.find(({ glob }) => picomatch(glob, { dot: true })(below))
    if (place === undefined) continue
    const facts = place.read === undefined ? noFacts : place.read(text, { root: ROOT })
    const digest = await sha256Hex(utf8(text))
    return { path, layer, kind: place.kind, digest, facts: facts ?? noFacts, isMalformed: facts === null }
  }
  throw new TypeError(`${agent.agent} keeps nothing in ${path}`)
}

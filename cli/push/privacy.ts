/** What may leave for a remote, and what is taken out of it: the project's settings, the contract's, this machine's secrets. */
import { furtherRulesOf } from '#core/policy/redaction-settings.ts'
import type { Context } from '../context.ts'
import { commitmentKey } from '../io/commitment-key.ts'
import { readDeviceKey } from '../io/keys.ts'
import { narrower, tierFor } from '../io/remote-tier.ts'
import { listRemotes, remoteUrl } from '../io/repository.ts'
import { knownSecrets } from '../io/secrets.ts'
import { repositoryName, type Workspace } from '../workspace.ts'
import { contractInForce } from './contract.ts'
import type { Privacy } from './redact.ts'
import type { Destination } from './send.ts'

interface Place {
  readonly workspace: Workspace
  readonly context: Context
}

/** `remote`: name or address; null = the usual one. null where nothing may leave for it. */
export async function privacyOf(remote: string | null, { workspace, context }: Place): Promise<Privacy | null> {
  const { repository, roots, configuration } = workspace
  const address = await addressOf(remote, workspace)
  const own = tierFor(configuration, address)
  if (own === null) return null
  const contract = await contractInForce(
    repository.stateDirectory,
    await destinationFor(configuration?.server ?? null, context),
    await repositoryName(repository, address),
  )
  const tier = narrower(own, contract.tier ?? 'full')
  if (tier === null) return null
  return {
    tier,
    knownSecrets: await knownSecrets(roots, context.environment),
    furtherRules: furtherRulesOf([configuration?.redaction, contract.redaction]),
    commitmentKey: await commitmentKey(context.configurationFolder),
  }
}

/** Whether any of it may leave: asked before a push is remembered, since what is not listed is not to be sent later. */
export async function mayLeave(remote: string | null, workspace: Workspace): Promise<boolean> {
  return tierFor(workspace.configuration, await addressOf(remote, workspace)) !== null
}

/** Names of the remotes for which something may leave; null where the project has no list of them. */
export async function listedRemotes(workspace: Workspace): Promise<readonly string[] | null> {
  if (workspace.configuration?.remotes === undefined) return null
  const names = await listRemotes(workspace.repository)
  const may = await Promise.all(names.map((name) => mayLeave(name, workspace)))
  return names.filter((_, index) => may[index])
}

/** Of pushes to several remotes that are described together: the one for which the least may leave. */
export async function narrowestRemote(
  remotes: readonly (string | null)[],
  workspace: Workspace,
): Promise<string | null> {
  const last = remotes.at(-1) ?? null
  if (workspace.configuration?.remotes === undefined) return last
  let [narrowest, least] = [last, tierFor(workspace.configuration, await addressOf(last, workspace))]
  for (const remote of remotes) {
    const tier = tierFor(workspace.configuration, await addressOf(remote, workspace))
    if (tier !== least && narrower(tier, least) === tier) [narrowest, least] = [remote, tier]
  }
  return narrowest
}

async function addressOf(remote: string | null, { repository }: Workspace): Promise<string | null> {
  if (remote !== null) return (await remoteUrl(repository, remote)) ?? remote
  const remotes = await listRemotes(repository)
  return remoteUrl(repository, remotes.includes('origin') ? 'origin' : (remotes[0] ?? 'origin'))
}

async function destinationFor(server: string | null, { configurationFolder }: Context): Promise<Destination | null> {
  const key = server === null ? null : await readDeviceKey(configurationFolder, server)
  return server === null || key?.enrolment == null ? null : { server, key, enrolment: key.enrolment }
}

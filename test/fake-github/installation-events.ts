/** What the App is told about its own installations. These events need no subscription. */
import type { Context } from './context.ts'
import { nodeId, userNamed } from './shapes/account.ts'
import { installationShape } from './shapes/app.ts'
import { covers, type Installation, type Repository } from './state.ts'

const repositoryLine = (repository: Repository): Readonly<Record<string, unknown>> => ({
  id: repository.id,
  node_id: nodeId('Repository', repository.id),
  name: repository.name,
  full_name: `${repository.owner}/${repository.name}`,
  private: repository.isPrivate,
})

export function announceInstallation(
  context: Context,
  installation: Installation,
  { action, sender }: { action: 'created' | 'deleted' | 'suspend' | 'unsuspend'; sender: string },
): void {
  const repositories = context.state.repositories.filter((repository) => covers(installation, repository))
  context.webhooks.send({
    event: 'installation',
    action,
    installationId: installation.id,
    repositoryId: null,
    payload: {
      action,
      installation: installationShape(context, installation),
      repositories: repositories.map(repositoryLine),
      requester: null,
      sender: userNamed(context, sender),
    },
  })
}

export function announceInstallationRepositories(
  context: Context,
  installation: Installation,
  {
    action,
    repositories,
    sender,
  }: { action: 'added' | 'removed'; repositories: readonly Repository[]; sender: string },
): void {
  context.webhooks.send({
    event: 'installation_repositories',
    action,
    installationId: installation.id,
    repositoryId: null,
    payload: {
      action,
      installation: installationShape(context, installation),
      repository_selection: installation.repositorySelection,
      repositories_added: action === 'added' ? repositories.map(repositoryLine) : [],
      repositories_removed: action === 'removed' ? repositories.map(repositoryLine) : [],
      requester: null,
      sender: userNamed(context, sender),
    },
  })
}

/** The App and its installations as GitHub's API shows them. */
import type { Context } from '../context.ts'
import { accountOf, type Installation } from '../state.ts'
import { nodeId, userNamed, userShape } from './account.ts'

export function appShape(context: Context): Record<string, unknown> {
  const { app } = context
  return {
    id: app.id,
    slug: app.slug,
    node_id: nodeId('App', app.id),
    client_id: `Iv23li${app.id}`,
    owner: userNamed(context, app.owner),
    name: app.name,
    description: null,
    external_url: context.url(),
    html_url: `${context.url()}/apps/${app.slug}`,
    created_at: app.createdAt,
    updated_at: app.createdAt,
    permissions: app.permissions,
    events: app.events,
  }
}

/** Check runs of other Apps need an App, too; only its id is known. */
export function otherAppShape(context: Context, id: number): Record<string, unknown> {
  if (id === context.app.id) return appShape(context)
  const slug = `app-${id}`
  return {
    ...appShape(context),
    id,
    slug,
    name: slug,
    node_id: nodeId('App', id),
    html_url: `${context.url()}/apps/${slug}`,
  }
}

export function installationShape(context: Context, installation: Installation): Record<string, unknown> {
  const account = accountOf(context.state, installation.account)
  const { id } = installation
  return {
    id,
    client_id: `Iv23li${context.app.id}`,
    account: userShape(context, account),
    repository_selection: installation.repositorySelection,
    access_tokens_url: `${context.url()}/app/installations/${id}/access_tokens`,
    repositories_url: `${context.url()}/installation/repositories`,
    html_url: `${context.url()}/settings/installations/${id}`,
    app_id: context.app.id,
    app_slug: context.app.slug,
    target_id: account.id,
    target_type: account.type,
    permissions: installation.permissions,
    events: context.app.events,
    created_at: installation.createdAt,
    updated_at: installation.updatedAt,
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: installation.suspendedAt ? userShape(context, account) : null,
    suspended_at: installation.suspendedAt ?? null,
  }
}

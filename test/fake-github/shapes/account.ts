/** Accounts as GitHub's API shows them. */
import type { Context } from '../context.ts'
import { type Account, accountOf, pullRequestsOf, type Repository, repositoryById } from '../state.ts'

/** GitHub tells every node by an opaque name of its own. */
export const nodeId = (kind: string, id: number): string => Buffer.from(`${kind}:${id}`).toString('base64url')

export function userShape(context: Context, account: Account): Record<string, unknown> {
  const name = encodeURIComponent(account.login)
  const api = `${context.url()}/users/${name}`
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId('User', account.id),
    avatar_url: `${context.url()}/avatars/${account.id}`,
    gravatar_id: '',
    url: api,
    html_url: `${context.url()}/${name}`,
    followers_url: `${api}/followers`,
    following_url: `${api}/following{/other_user}`,
    gists_url: `${api}/gists{/gist_id}`,
    starred_url: `${api}/starred{/owner}{/repo}`,
    subscriptions_url: `${api}/subscriptions`,
    organizations_url: `${api}/orgs`,
    repos_url: `${api}/repos`,
    events_url: `${api}/events{/privacy}`,
    received_events_url: `${api}/received_events`,
    type: account.type,
    site_admin: false,
  }
}

export function userNamed(context: Context, login: string): Record<string, unknown> {
  return userShape(context, accountOf(context.state, login))
}

export function publicUserShape(context: Context, account: Account): Record<string, unknown> {
  const owned = context.state.repositories.filter((repository) => repository.owner === account.login)
  return {
    ...userShape(context, account),
    name: account.name,
    company: null,
    blog: null,
    location: null,
    email: account.email,
    hireable: null,
    bio: null,
    public_repos: owned.length,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: context.app.createdAt,
    updated_at: context.app.createdAt,
  }
}

/** How the author of something stands to the repository. */
export function association(context: Context, repository: Repository, login: string): string {
  if (login === repository.owner) return 'OWNER'
  const wrote = pullRequestsOf(context.state, repository).filter((pull) => pull.author === login)
  const fromFork = wrote.some((pull) => repositoryById(context.state, pull.head.repositoryId).id !== repository.id)
  return fromFork ? 'CONTRIBUTOR' : 'MEMBER'
}

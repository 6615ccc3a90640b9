/** Creates accounts, repositories and installations, as an administrator would. */
import { join } from 'node:path'
import type { Context } from './context.ts'
import { prepareRepository, readRefs } from './git/refs.ts'
import { git } from './git/run.ts'
import { announceInstallation, announceInstallationRepositories } from './installation-events.ts'
import {
  type Account,
  type AccountType,
  accountOf,
  findRepository,
  type Installation,
  type Permissions,
  type Repository,
  type RequiredCheck,
  takeId,
  timestamp,
} from './state.ts'

export interface NewAccount {
  readonly login: string
  readonly type?: AccountType
  readonly name?: string
  /** Commits and pushes with this address are attributed to the account. */
  readonly email?: string
}

export interface NewRepository {
  readonly owner: string
  readonly name: string
  /** Folder of a bare repository; created when it does not exist. Chosen by the fake when left out. */
  readonly path?: string
  readonly defaultBranch?: string
  readonly isPrivate?: boolean
  readonly description?: string
  readonly requiredChecks?: readonly RequiredCheck[]
  readonly forkOf?: { readonly owner: string; readonly name: string }
}

export interface NewInstallation {
  /** Any free id when left out. */
  readonly id?: number
  /** User or organisation. */
  readonly account: string
  /** Names of the chosen repositories; all of the account when left out. */
  readonly repositories?: readonly string[]
  /** What the App asked for, when left out. */
  readonly permissions?: Permissions
  readonly sender?: string
}

export function createAccount(context: Context, asked: NewAccount): Account {
  const account = accountOf(context.state, asked.login, asked.type)
  account.name = asked.name ?? account.name
  account.email = asked.email ?? account.email
  context.changed()
  return account
}

function announceAddition(context: Context, repository: Repository): void {
  for (const installation of context.state.installations)
    if (installation.repositorySelection === 'all' && installation.account === repository.owner)
      announceInstallationRepositories(context, installation, {
        action: 'added',
        repositories: [repository],
        sender: repository.owner,
      })
}

/** The repository of this name; created when there is none. What its folder holds already is no push. */
export async function createRepository(context: Context, asked: NewRepository): Promise<Repository> {
  const known = findRepository(context.state, asked.owner, asked.name)
  if (known !== undefined) return known
  const path = asked.path ?? join(context.repositoriesFolder, asked.owner, `${asked.name}.git`)
  const defaultBranch = asked.defaultBranch ?? 'main'
  const parent =
    asked.forkOf === undefined ? null : findRepository(context.state, asked.forkOf.owner, asked.forkOf.name)
  if (parent === undefined) throw new Error(`The fake has no repository ${asked.forkOf?.owner}/${asked.forkOf?.name}.`)
  await prepareRepository(path, defaultBranch)
  if (parent !== null) await git(path, ['fetch', '--quiet', parent.path, '+refs/heads/*:refs/heads/*'])
  accountOf(context.state, asked.owner)
  const now = timestamp(context.now())
  const repository: Repository = {
    id: takeId(context.state),
    owner: asked.owner,
    name: asked.name,
    path,
    isPrivate: asked.isPrivate ?? true,
    forkOf: parent?.id ?? null,
    defaultBranch,
    description: asked.description ?? null,
    requiredChecks: [...(asked.requiredChecks ?? [])],
    createdAt: now,
    updatedAt: now,
    pushedAt: now,
    nextNumber: 1,
    refs: await readRefs(path),
  }
  context.state.repositories.push(repository)
  context.changed()
  announceAddition(context, repository)
  return repository
}

function named(context: Context, account: string, names: readonly string[]): readonly Repository[] {
  return names.map((name) => {
    const repository = findRepository(context.state, account, name)
    if (repository === undefined) throw new Error(`The fake has no repository ${account}/${name}.`)
    return repository
  })
}

/** Installs the App on an account and tells it so; an account that has it already keeps its installation. */
export function install(context: Context, asked: NewInstallation): Installation {
  const known = context.state.installations.find(({ account }) => account === asked.account)
  if (known !== undefined) return known
  const now = timestamp(context.now())
  const installation: Installation = {
    id: asked.id ?? takeId(context.state),
    account: asked.account,
    repositorySelection: asked.repositories === undefined ? 'all' : 'selected',
    repositoryIds: named(context, asked.account, asked.repositories ?? []).map(({ id }) => id),
    permissions: { metadata: 'read', ...(asked.permissions ?? context.app.permissions) },
    createdAt: now,
    updatedAt: now,
  }
  context.state.installations.push(installation)
  context.changed()
  announceInstallation(context, installation, { action: 'created', sender: asked.sender ?? asked.account })
  return installation
}

/** Removes the App from an account; its tokens die at once. */
export function uninstall(context: Context, account: string): void {
  const installation = context.state.installations.find((one) => one.account === account)
  if (installation === undefined) return
  context.state.installations = context.state.installations.filter((one) => one !== installation)
  context.state.tokens = context.state.tokens.filter(({ installationId }) => installationId !== installation.id)
  context.changed()
  announceInstallation(context, installation, { action: 'deleted', sender: account })
}

/** Changes which repositories a selective installation covers. */
export function selectRepositories(
  context: Context,
  installation: Installation,
  asked: { readonly add?: readonly string[]; readonly remove?: readonly string[]; readonly sender?: string },
): void {
  const added = named(context, installation.account, asked.add ?? [])
  const removed = named(context, installation.account, asked.remove ?? [])
  const gone = new Set(removed.map(({ id }) => id))
  installation.repositorySelection = 'selected'
  installation.repositoryIds = [
    ...new Set([...installation.repositoryIds, ...added.map(({ id }) => id)].filter((id) => !gone.has(id))),
  ]
  installation.updatedAt = timestamp(context.now())
  context.changed()
  const sender = asked.sender ?? installation.account
  if (added.length > 0)
    announceInstallationRepositories(context, installation, { action: 'added', repositories: added, sender })
  if (removed.length > 0)
    announceInstallationRepositories(context, installation, { action: 'removed', repositories: removed, sender })
}

/** Takes the App's access away for a while, or gives it back, as the account's owner would. */
export function suspend(context: Context, account: string, isSuspended: boolean): void {
  const installation = context.state.installations.find((one) => one.account === account)
  if (installation === undefined) throw new Error(`The App is not installed on ${account}.`)
  installation.suspendedAt = isSuspended ? timestamp(context.now()) : null
  context.changed()
  announceInstallation(context, installation, { action: isSuspended ? 'suspend' : 'unsuspend', sender: account })
}

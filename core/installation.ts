/** An installation is what a forge lets Stemma into: an App's installation at GitHub, a group at GitLab. */

export const forges = ['github', 'gitlab'] as const
export type ForgeName = (typeof forges)[number]

/**
 * Each forge counts its own ids, so the sign keeps them apart: GitHub's installations are positive, groups of GitLab
 * negative. One number then names the installation in rows, in names of objects and in messages.
 */
export function installationId(forge: ForgeName, id: number): number {
  return forge === 'gitlab' ? -id : id
}

/** Whether the repository belongs to the account; groups may be nested, and forges do not tell capitals from small letters. */
export function isWithin(account: string, repository: string): boolean {
  return repository.toLowerCase().startsWith(`${account.toLowerCase()}/`)
}

export function forgeOf(installation: number): ForgeName {
  return installation < 0 ? 'gitlab' : 'github'
}

/** The GitHub App as this deployment wants it, and its registration by a manifest (GitHub's docs, "GitHub App Manifest"). */
import { z } from 'zod'
import { askGitHub, readAnswer } from './request.ts'

/**
 * The least with which everything works. `checks`: our check. `contents`: commits and diffs. `merge_queues`: GitHub
 * subscribes no App to `merge_group` without it. `pull_requests`: the one comment.
 */
export const appPermissions = {
  checks: 'write',
  contents: 'read',
  merge_queues: 'read',
  metadata: 'read',
  pull_requests: 'write',
} as const

/** What worker/github/payload.ts reads; GitHub sends those of installations unasked. */
export const appEvents = [
  'check_run',
  'check_suite',
  'merge_group',
  'pull_request',
  'pull_request_review',
  'push',
  'repository',
] as const

export interface AppManifest {
  readonly name: string
  readonly url: string
  readonly hook_attributes: { readonly url: string; readonly active: boolean }
  readonly redirect_url: string
  readonly public: boolean
  readonly default_permissions: Readonly<Record<string, string>>
  readonly default_events: readonly string[]
}

/** `publicUrl`: of this deployment, without a trailing slash. */
export function appManifest(publicUrl: string, organisation: string): AppManifest {
  // Names are unique over all of GitHub and have at most 34 characters.
  const suffix = organisation.replaceAll(/[^A-Za-z0-9 -]/g, '').slice(0, 25)
  return {
    name: `Stemma ${suffix}`.trim(),
    url: publicUrl,
    hook_attributes: { url: `${publicUrl}/webhooks/github`, active: true },
    redirect_url: `${publicUrl}/setup/github`,
    public: false,
    default_permissions: appPermissions,
    default_events: appEvents,
  }
}

const Conversion = z.object({
  id: z.int().positive(),
  slug: z.string(),
  html_url: z.string(),
  client_id: z.string(),
  webhook_secret: z.string().nullable(),
  pem: z.string(),
})

export interface RegisteredApp {
  readonly id: number
  readonly slug: string
  readonly page: string
  readonly clientId: string
  readonly webhookSecret: string | null
  readonly privateKey: string
}

/** The secrets for the code that GitHub sent the browser back with: once, within an hour; later it throws not-found. */
export async function convertManifest(apiUrl: string, code: string): Promise<RegisteredApp> {
  const path = `/app-manifests/${encodeURIComponent(code)}/conversions`
  const settings = { apiUrl: apiUrl.replace(/\/+$/, ''), appId: '', privateKey: '' }
  const answer = await askGitHub(settings, { method: 'POST', path, authorization: null })
  const { id, slug, html_url: page, client_id: clientId, webhook_secret, pem } = readAnswer(Conversion, answer)
  return { id, slug, page, clientId, webhookSecret: webhook_secret, privateKey: pem }
}

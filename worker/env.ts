/** What the platform gives to the Worker: bindings, variables and secrets of wrangler.toml. */
import type { Message } from '#core/api/messages.ts'
import type { EvidenceLog } from '#objects/evidence-log.ts'
import type { GitHubOutbox } from '#objects/github-outbox.ts'
import type { PullRequest } from '#objects/pull-request.ts'
import type { Witness } from '#objects/witness.ts'

export interface Env {
  readonly DB: D1Database
  /** Transcripts and envelopes; every key begins with `org/<organisation>/`. */
  readonly BLOBS: R2Bucket
  readonly ASSETS: Fetcher
  readonly JOBS: Queue<Message>
  /** One object for each organisation: `getByName(organisation)`. */
  readonly EVIDENCE_LOG: DurableObjectNamespace<EvidenceLog>
  readonly PULL_REQUEST: DurableObjectNamespace<PullRequest>
  readonly GITHUB_OUTBOX: DurableObjectNamespace<GitHubOutbox>
  /** One object: `getByName('witness')`. */
  readonly WITNESS: DurableObjectNamespace<Witness>
  readonly ATTEMPTS: RateLimit

  /** Where people and links reach this deployment, without a trailing slash. */
  readonly PUBLIC_URL: string
  readonly GITHUB_API_URL: string
  /** Where people sign in: the address of GitHub itself, `https://github.com` where it is absent. */
  readonly GITHUB_URL?: string
  /** Client id of the App, for its device flow; it is no secret. Without it nobody signs in with GitHub. */
  readonly GITHUB_CLIENT_ID?: string
  /** Where GitLab is, `https://gitlab.com` where it is absent. */
  readonly GITLAB_URL?: string
  /** Who signs the identity tokens of pipelines; GitHub's own where it is absent, another on an Enterprise Server. */
  readonly PIPELINE_ISSUER?: string
  /** Decimal milliseconds. */
  readonly PULL_REQUEST_DEBOUNCE_MS: string
  /** Between two writes to GitHub; a second where it is absent. */
  readonly GITHUB_WRITE_INTERVAL_MS?: string
  /** C2SP tlog-policy: `witness` lines name who cosigns our logs, `log` lines whose checkpoints we cosign. */
  readonly LOG_POLICY?: string

  /** Secrets; absent where the operator has not set them. */
  readonly SETUP_TOKEN?: string
  readonly GITHUB_APP_ID?: string
  readonly GITHUB_PRIVATE_KEY?: string
  readonly GITHUB_WEBHOOK_SECRET?: string
  /** Access token of the account that writes at GitLab. */
  readonly GITLAB_TOKEN?: string
  /** The webhook token of each group is derived from it. */
  readonly GITLAB_WEBHOOK_SECRET?: string
}

/** How GitLab is reached: one account of its own, whose access token is a secret of the Worker. */

export interface GitLabSettings {
  /** Address of the REST API, without a trailing slash. */
  readonly apiUrl: string
  readonly token: string
}

interface GitLabVariables {
  readonly GITLAB_URL?: string
  readonly GITLAB_TOKEN?: string
}

/** null where the operator has not connected GitLab. */
export function gitLabSettings({ GITLAB_URL, GITLAB_TOKEN }: GitLabVariables): GitLabSettings | null {
  if (!GITLAB_TOKEN) return null
  return { apiUrl: `${(GITLAB_URL || 'https://gitlab.com').replace(/\/+$/, '')}/api/v4`, token: GITLAB_TOKEN }
}

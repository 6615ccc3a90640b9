/** How GitHub is reached: the App's id and key. */

export interface GitHubSettings {
  /** Without a trailing slash. */
  readonly apiUrl: string
  readonly appId: string
  /** PEM, PKCS#1 as GitHub offers it for download, or PKCS#8. */
  readonly privateKey: string
}

interface GitHubVariables {
  readonly GITHUB_API_URL: string
  readonly GITHUB_APP_ID?: string
  readonly GITHUB_PRIVATE_KEY?: string
}

/** null where the operator has not connected a GitHub App. */
export function gitHubSettings(variables: GitHubVariables): GitHubSettings | null {
  const { GITHUB_API_URL, GITHUB_APP_ID, GITHUB_PRIVATE_KEY } = variables
  if (!GITHUB_APP_ID || !GITHUB_PRIVATE_KEY) return null
  // Secrets that are set from a shell or a .dev.vars file often carry the line feeds as two characters.
  const privateKey = GITHUB_PRIVATE_KEY.replaceAll('\\n', '\n')
  return { apiUrl: GITHUB_API_URL.replace(/\/+$/, ''), appId: GITHUB_APP_ID, privateKey }
}

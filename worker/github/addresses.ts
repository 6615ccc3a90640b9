/** Where people reach this GitHub: github.com, or the Enterprise Server that the API's address belongs to. */

interface AddressVariables {
  readonly GITHUB_API_URL: string
  readonly GITHUB_URL?: string
}

/** Without a trailing slash. An Enterprise Server has its API under `/api/v3` of its own address. */
export function gitHubAddress({ GITHUB_API_URL, GITHUB_URL }: AddressVariables): string {
  if (GITHUB_URL) return GITHUB_URL.replace(/\/+$/, '')
  const api = GITHUB_API_URL.replace(/\/+$/, '')
  return api === 'https://api.github.com' ? 'https://github.com' : api.replace(/\/api\/v3$/, '')
}

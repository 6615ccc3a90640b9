/** Tickets that a text or a branch names: issues, pull requests, keys such as `SHOP-12`. */

export interface Ticket {
  readonly key: string
  /** Where the text gives an address. */
  readonly url: string | null
}

/** A prompt may be a pasted log; tickets stand where people write. */
const MAX_LENGTH = 20_000

/** Standards and algorithms are written like keys of tickets. */
const noProjects = new Set(
  'AES,ANSI,ARM,AVX,BASE,BCP,CC,CP,CVE,CWE,DDR,DES,DIN,DO,EC,ECMA,EN,ES,FIPS,GB,GPT,HMAC,HTTP,IEC,IEEE,IPV,ISO,KOI,LATIN,MD,MP,NIST,PEP,PKCS,RFC,RSA,SHA,SOC,SSE,SSL,TLS,UCS,USB,UTC,UTF,UUID,VGA,WCAG,WPA,X,XML'.split(
    ',',
  ),
)

const ADDRESS = /https?:\/\/[^\s<>"')\]]{1,500}/g
const KEY = /(?<![\w/#.-])([A-Z][A-Z0-9]{1,9})-(\d{1,6})(?![\w-]|\.\d)/g
const NUMBER = /(?<![\w/#&])((?:[\w.-]{1,100}\/[\w.-]{1,100})?)#(\d{1,7})(?![\w-])/g

/** In the order in which they are first named. */
export function ticketsInText(text: string): readonly Ticket[] {
  const read = text.slice(0, MAX_LENGTH)
  const found = new Map<string, Ticket & { readonly at: number }>()
  const add = (key: string | null, url: string | null, at: number): void => {
    if (key === null) return
    const known = found.get(key)
    found.set(key, { key, url: known?.url ?? url, at: Math.min(at, known?.at ?? at) })
  }
  for (const match of read.matchAll(ADDRESS)) {
    const url = match[0].replace(/[.,;:!?]+$/, '')
    add(keyOfAddress(url), url, match.index)
  }
  // What an address contains is not a second ticket.
  const words = read.replace(ADDRESS, (address) => ' '.repeat(address.length))
  for (const match of words.matchAll(KEY)) {
    const [, project = '', number = ''] = match
    if (!noProjects.has(project)) add(project === 'GH' ? `#${number}` : `${project}-${number}`, null, match.index)
  }
  for (const match of words.matchAll(NUMBER)) add(`${match[1] ?? ''}#${match[2]}`, null, match.index)
  return [...found.values()].toSorted((left, right) => left.at - right.at).map(({ key, url }) => ({ key, url }))
}

/** Issue, pull or merge request on a forge; an issue of a tracker whose addresses end in its key. */
function keyOfAddress(address: string): string | null {
  const url = address.replace('/-/', '/')
  const [, owner, repository, number] =
    /^https?:\/\/[^/]+\/((?:[\w.-]+\/)*[\w.-]+)\/([\w.-]+)\/(?:issues|pull|pulls|merge_requests)\/(\d{1,7})(?![\w-])/.exec(
      url,
    ) ?? []
  if (owner !== undefined) return `${owner}/${repository}#${number}`
  const [, key] = /\/(?:browse|issue|issues|ticket|tickets|t)\/([A-Z][A-Z0-9]{1,9}-\d{1,6})(?![\w-])/.exec(url) ?? []
  return key ?? /[?&](?:selectedIssue|issue)=([A-Z][A-Z0-9]{1,9}-\d{1,6})(?![\w-])/.exec(url)?.[1] ?? null
}

/** `feature/SHOP-12-basket`, `12-fix-basket`, `issue-12`, `gh/12`. */
export function ticketsInBranch(branch: string): readonly string[] {
  const name = branch.slice(0, 300)
  const keys = [...name.matchAll(/(?<![A-Za-z0-9])([A-Z][A-Z0-9]{1,9})-(\d{1,6})(?![A-Za-z0-9]|\.\d)/g)]
    .filter(([, project = '']) => !noProjects.has(project))
    .map(([, project, number]) => (project === 'GH' ? `#${number}` : `${project}-${number}`))
  const numbers = [
    ...name.matchAll(/(?:^|[/_-])(?:issues?|gh|bugs?|tickets?)[/_#-]?(\d{1,7})(?!\w|\.\d)/g),
    ...name.matchAll(/(?:^|\/)#?(\d{1,7})[-_][A-Za-z]/g),
  ].map(([, number]) => `#${number}`)
  return [...new Set([...keys, ...numbers])]
}

/** Reduces HTML to what a forge shows: an allow-list of tags and attributes, safe addresses, balanced tags. */

const allowedTags = new Set(
  (
    'a abbr b blockquote br caption code dd del details div dl dt em figcaption figure g-emoji h1 h2 h3 h4 h5 h6 hr i img ' +
    'input ins kbd li mark ol p picture pre q rp rt ruby s samp section source span strike strong sub summary sup table ' +
    'tbody td tfoot th thead tr tt u ul var wbr'
  ).split(' '),
)

const voidTags = new Set(['br', 'hr', 'img', 'input', 'source', 'wbr'])

/** What stands inside these is no text for people. */
const hiddenContent = new Set(
  'script style iframe noscript noembed noframes template textarea title xmp svg math object embed'.split(' '),
)

const allowedAttributes: Readonly<Record<string, readonly string[]>> = {
  a: ['href', 'title'],
  img: ['src', 'alt', 'title', 'width', 'height', 'align'],
  details: ['open'],
  ol: ['start'],
  td: ['align', 'colspan', 'rowspan'],
  th: ['align', 'colspan', 'rowspan'],
  p: ['align'],
  div: ['align'],
  h1: ['align'],
  h2: ['align'],
  h3: ['align'],
}

const addressAttributes = new Set(['href', 'src'])

const TOKEN = /<!--[\s\S]*?(?:-->|$)|<\/?([a-z][a-z0-9-]*)((?:"[^"]*"|'[^']*'|[^'">])*)>|<[!?][^>]*>/gi
const ATTRIBUTE = /([^\s"'>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function decoded(text: string): string {
  return text.replaceAll(
    /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));?/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return named[name] ?? whole
      const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
      return point > 0 && point <= 0x10_ffff ? String.fromCodePoint(point) : ''
    },
  )
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

/** The address when a click on it is harmless; browsers ignore control characters and blanks in a scheme. */
function safeAddress(address: string): string | null {
  const bare = [...address].filter((character) => character > ' ' && character !== '\u007f').join('')
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(bare)?.[1]?.toLowerCase()
  if (scheme === undefined) return /^[^:]*(?:[/?#]|$)/.test(bare) ? address : null
  return ['http', 'https', 'mailto'].includes(scheme) ? address : null
}

function attributesOf(tag: string, text: string): string {
  if (tag === 'input')
    return /type\s*=\s*["']?checkbox/i.test(text)
      ? ` type="checkbox" disabled${/\bchecked\b/i.test(text) ? ' checked' : ''}`
      : ' hidden disabled'
  const allowed = allowedAttributes[tag] ?? []
  const kept = [...text.matchAll(ATTRIBUTE)].flatMap(([, name = '', double, single, bare]) => {
    const key = name.toLowerCase()
    if (!allowed.includes(key)) return []
    const value = decoded(double ?? single ?? bare ?? '')
    const safe = addressAttributes.has(key) ? safeAddress(value) : value
    return safe === null ? [] : [` ${key}="${escapeHtml(safe)}"`]
  })
  return `${kept.join('')}${tag === 'a' ? ' rel="nofollow noreferrer"' : ''}`
}

/** `onText` may turn plain text, given as escaped HTML, into richer HTML; it does not see code, links and `pre`. */
export function sanitise(html: string, onText: (escaped: string) => string = (text) => text): string {
  const output: string[] = []
  const open: string[] = []
  let hiding: string | null = null

  const text = (raw: string): void => {
    if (hiding !== null || raw === '') return
    // Entities stay what they are; a stray bracket becomes one.
    const escaped = raw.replaceAll('<', '&lt;').replaceAll('>', '&gt;')
    output.push(open.some((tag) => tag === 'code' || tag === 'a' || tag === 'pre') ? escaped : onText(escaped))
  }
  const close = (tag: string): void => {
    const at = open.lastIndexOf(tag)
    if (at === -1) return
    for (const inner of open.splice(at).toReversed()) output.push(`</${inner}>`)
  }

  let position = 0
  for (const token of html.matchAll(TOKEN)) {
    text(html.slice(position, token.index))
    position = token.index + token[0].length
    const tag = token[1]?.toLowerCase()
    if (tag === undefined) continue
    const isClosing = token[0].startsWith('</')
    if (hiding !== null) {
      if (isClosing && tag === hiding) hiding = null
    } else if (hiddenContent.has(tag)) {
      if (!isClosing) hiding = tag
    } else if (allowedTags.has(tag)) {
      if (isClosing) close(tag)
      else {
        output.push(`<${tag}${attributesOf(tag, token[2] ?? '')}>`)
        if (!voidTags.has(tag)) open.push(tag)
      }
    }
  }
  text(html.slice(position))
  for (const tag of open.toReversed()) output.push(`</${tag}>`)
  return output.join('')
}

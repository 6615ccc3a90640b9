/** Renders GitHub-flavoured Markdown as a person would see it: mentions and references become links. */
import { Marked } from 'marked'
import { sanitise } from './sanitise.ts'

const ALERT = /^<blockquote>\s*<p>\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\s*(?:<br>)?\s*/gm

const MENTION = /(^|[^\w@/&;.-])@([a-z\d](?:[a-z\d]|-(?=[a-z\d])){0,38})/gi
const REFERENCE = /(^|[^\w&#/])#(\d+)\b/g

const withBreaks = new Marked({ gfm: true, breaks: true })
const withoutBreaks = new Marked({ gfm: true, breaks: false })

interface MarkdownPlace {
  /** Page of the repository, for references such as #12. */
  readonly repositoryPage: string
  /** Comments keep line breaks; files and check summaries do not. */
  readonly keepsBreaks: boolean
}

/** HTML that is safe to put into a page. */
export function renderMarkdown(text: string, place: MarkdownPlace): string {
  const marked = place.keepsBreaks ? withBreaks : withoutBreaks
  const html = marked.parse(text, { async: false })
  const linked = sanitise(html, (escaped) =>
    escaped
      .replaceAll(MENTION, '$1<a class="mention" href="/$2">@$2</a>')
      .replaceAll(REFERENCE, `$1<a href="${place.repositoryPage}/pull/$2">#$2</a>`),
  )
  return linked.replaceAll(ALERT, (_, kind: string) => {
    const word = kind.charAt(0) + kind.slice(1).toLowerCase()
    return `<blockquote class="alert ${kind.toLowerCase()}"><p><strong>${word}</strong><br>`
  })
}

/**
 * Hostile text in GitHub's Markdown. Paths, branches, models, commands and titles come from transcripts: they may carry
 * mentions, references, links, images, HTML, table pipes, terminal escapes and marks that reverse the reading order.
 * They are shown in code spans, where GitHub links nothing; text around them is escaped character by character.
 */

const ZERO_WIDTH = '\u200b'

const unseen =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is searched for.
  /[\u0000-\u001f\u007f-\u009f\u00ad]|\u034f|\u061c|[\u115f\u1160]|[\u17b4\u17b5]|\u180e|[\u200b-\u200f\u2028-\u202e\u2060-\u206f]|\u3164|\ufeff|\uffa0|[\ufff0-\ufffb]|[\u{e0000}-\u{e0fff}]/gu

/** Takes out what no reader should obey or cannot see; line breaks and tabs become spaces. */
export function visibleText(text: string): string {
  return (
    text
      .toWellFormed()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is searched for.
      .replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])/g, '')
      .replace(/\s+/g, ' ')
      // C0, C1, soft hyphen, fillers, zero-width marks, bidirectional controls, annotations, tag characters.
      .replace(unseen, '')
      .trim()
  )
}

/** The beginning and the end of a long text with an ellipsis between; the middle says least. */
export function clip(text: string, length: number): string {
  const letters = [...text]
  if (letters.length <= length) return text
  const tail = Math.min(40, Math.floor(length / 3))
  return `${letters.slice(0, length - tail - 1).join('')}…${letters.slice(letters.length - tail).join('')}`
}

/** Room for a long path; what is longer is clipped. */
const MAX_CODE = 160

/** A code span whose fence is longer than any run of backticks inside, so that nothing in it ends it. */
export function codeSpan(text: string, length = MAX_CODE): string {
  const shown = clip(visibleText(text), length) || '(empty)'
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const needsSpace = shown.startsWith('`') || shown.endsWith('`')
  return needsSpace ? `${fence} ${shown} ${fence}` : `${fence}${shown}${fence}`
}

/** In a table a pipe ends the cell even inside a code span, and renderers disagree about `\|`: a look-alike stands in. */
export function tableCode(text: string, length = MAX_CODE): string {
  return codeSpan(text.replaceAll('|', '∣'), length)
}

/**
 * Prose for the middle of a line: what Markdown or GitHub could act on is escaped or broken by a zero-width space, and
 * what could begin a block is escaped at the beginning.
 */
export function escapeText(text: string): string {
  return visibleText(text)
    .replace(/[\\`*_{}[\]<>#|~&$^@!]/g, '\\$&')
    .replace(/[@#$]/g, `$&${ZERO_WIDTH}`)
    .replace(/:(?=\/\/)/g, `:${ZERO_WIDTH}`)
    .replace(/\b(www(?=\.)|gh(?=-)|(?:mailto|xmpp)(?=:))/gi, `$1${ZERO_WIDTH}`)
    .replace(/^(?:(\d+)([.)])|([-+=]))/, '$1\\$2$3')
}

/** Prose of ours that quotes hostile text between backticks: the quotation becomes one code span, the rest is escaped. */
export function quotingText(text: string, length = 240): string {
  const first = text.indexOf('`')
  const last = text.lastIndexOf('`')
  if (first === -1 || last <= first + 1) return escapeText(clip(text, length))
  const outside = Math.max(40, length - (last - first))
  const before = escapeText(clip(text.slice(0, first), outside))
  const after = escapeText(clip(text.slice(last + 1), outside))
  const code = codeSpan(text.slice(first + 1, last), length)
  return before + gap(text[first - 1]) + code + gap(text[last + 1]) + after
}

/** A link of ours. Anything but http and https stays text, and nothing in the address can end the link. */
export function link(label: string, url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return escapeText(label)
  const address = new URL(url)
    .toString()
    .replace(/[()<>[\]|\\`*_ @]/g, (letter) => `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}`)
  return `[${escapeText(label)}](${address})`
}

function gap(neighbour: string | undefined): string {
  return neighbour !== undefined && /\s/.test(neighbour) ? ' ' : ''
}

/** Items in Markdown: what is alike is one line, so that five lines are five things to act on. */
import { formatCount, shortSession } from './format.ts'
import { type Item, itemsOf, type Place, type WaivedItem, waivedItemsOf } from './items.ts'
import { clip, codeSpan, escapeText, link, quotingText } from './markdown-escape.ts'
import type { Report } from './report.ts'

/** Five can be read at once; the rest is counted, and stands in the folded part. */
export const MAX_ITEMS = 5

/** Items of one policy that ask for the same; the first is named, the others are counted. */
interface Group {
  readonly item: Item
  readonly others: readonly Item[]
}

function groupsOf(items: readonly Item[]): readonly Group[] {
  const groups = new Map<string, Group>()
  for (const item of items) {
    const key = JSON.stringify([item.policy, item.kind, item.gate])
    const group = groups.get(key)
    groups.set(key, group === undefined ? { item, others: [] } : { ...group, others: [...group.others, item] })
  }
  return [...groups.values()]
}

/** Those that stand in no line above the table. */
export function foldedItems(report: Report): readonly Item[] {
  const items = itemsOf(report)
  const shown = new Set(
    groupsOf(items)
      .slice(0, MAX_ITEMS)
      .map(({ item }) => item),
  )
  return items.filter((item) => !shown.has(item))
}

/** The list; '' where there is nothing to do and nothing waived. */
export function itemLines(report: Report): string {
  const groups = groupsOf(itemsOf(report))
  const shown = groups.slice(0, MAX_ITEMS)
  const rest = groups.slice(MAX_ITEMS).reduce((sum, { others }) => sum + 1 + others.length, 0)
  const waived = waivedItemsOf(report)
  const hidden = waived.length - MAX_ITEMS
  return [
    ...shown.map(({ item, others }) => itemLine(item, report, others.length)),
    ...(rest > 0 ? [`- … and ${formatCount(rest)} more, in the folded part below`] : []),
    ...waived.slice(0, MAX_ITEMS).map((item) => waivedLine(item, report)),
    ...(hidden > 0 ? [`- … and ${formatCount(hidden)} more that are waived, in the folded part below`] : []),
  ].join('\n')
}

/** `alike`: how many others of the kind there are. */
export function itemLine(item: Item, report: Report, alike = 0): string {
  const name = item.policy === null ? '**Missing evidence**' : `**${escapeText(clip(item.policy, 60))}**`
  const mark = item.gate ? `✗ ${name} (required)` : name
  const doubt = item.kind === 'cannot tell' ? 'cannot tell: ' : ''
  const fix = item.fix === null ? '' : ` ${quotingText(item.fix)}`
  const more = alike === 0 ? '' : ` And ${formatCount(alike)} more like it, in the folded part.`
  const said = asSentence(quotingText(item.message.replace(/^Cannot tell: /, '')), whereText(item, report))
  return `- ${mark}: ${doubt}${said}${fix}${more}`
}

function whereText(item: Item, report: Report): string {
  const parts = [
    ...placeText(item),
    ...missingText(item, report),
    ...(item.sessions.length === 0 ? [] : [sessionNames(item.sessions, report)]),
  ]
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}

/** The commits themselves where few are missing; all of them stand in the folded part. */
function missingText({ kind }: Item, { unobservedCommits }: Report): readonly string[] {
  if (kind !== 'missing') return []
  const ids = unobservedCommits.slice(0, MAX_COMMITS).map(({ commit }) => codeSpan(commit.slice(0, 7)))
  const rest = unobservedCommits.length - ids.length
  return ids.length === 0 ? [] : [`${ids.join(', ')}${rest > 0 ? ` and ${formatCount(rest)} more` : ''}`]
}

const MAX_COMMITS = 3

/** The first place, unless the message names it already. */
function placeText({ message, places }: Item): readonly string[] {
  const [first] = places
  if (first === undefined || message.includes(first.path)) return []
  const rest = places.length - 1
  return [`${codeSpan(clip(placeName(first), 80))}${rest > 0 ? ` and ${formatCount(rest)} more` : ''}`]
}

function placeName({ path, start, end }: Place): string {
  if (start === null) return path
  return end === null || end === start ? `${path}:${start}` : `${path}:${start}-${end}`
}

function waivedLine({ policy, reason, sessions }: WaivedItem, report: Report): string {
  const where = sessions.length === 0 ? '' : ` (${sessionNames(sessions, report)})`
  return `- ◇ **${escapeText(clip(policy, 60))}** is waived: ${asSentence(quotingText(reason), where)}`
}

function asSentence(text: string, where: string): string {
  return `${text.replace(/\s*\.$/, '')}${where}.`
}

/** Links to where the evidence stands. */
function sessionNames(sessions: readonly string[], report: Report): string {
  const names = sessions.slice(0, 3).map((id) => {
    const session = report.sessions.find((one) => one.id === id)
    return session === undefined ? escapeText(shortSession(id)) : link(shortSession(id), session.url)
  })
  const rest = sessions.length - names.length
  return `${sessions.length === 1 ? 'session' : 'sessions'} ${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

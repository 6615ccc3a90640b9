/** The parts of the comment below its items: the table of sessions, the folded sections, the footer. */
import { type LineRange, totalLines } from '../attribution/attribution.ts'
import { totalTokens } from '../session/usage.ts'
import { agentTitle } from './agent-title.ts'
import {
  formatCost,
  formatCount,
  formatDuration,
  formatNumberOf,
  formatShare,
  NOT_RECORDED,
  shortSession,
} from './format.ts'
import { foldedItems, itemLine } from './item-lines.ts'
import { clip, codeSpan, escapeText, link, quotingText, tableCode } from './markdown-escape.ts'
import type { FoundBy, Report, ReportSession } from './report.ts'

/** How much of each list is written. Each step says less than the one before, the last one is always short enough. */
export interface Detail {
  /** Sessions in the table and in the folded sections. */
  readonly sessions: number
  readonly filesPerSession: number
  readonly commits: number
  /** Whether files are listed at all, or only counted. */
  readonly listsFiles: boolean
}

/** More models are named by their number: a session seldom uses more than two. */
const MAX_MODELS = 3

export function sessionTable(report: Report, { sessions: limit }: Detail): string {
  const { sessions, lines } = report
  if (sessions.length === 0) return ''
  const all = totalLines(lines)
  const rows = sessions.slice(0, limit).map((session) => sessionRow(session, all))
  const rest = sessions.length - rows.length
  return [
    '| Session | Agent · model | AI lines | Files | Lines | Tokens | Cost | Time |',
    '|---|---|--:|--:|--:|--:|--:|--:|',
    ...rows,
    ...(rest > 0 ? [`| … and ${formatCount(rest)} more | | | | | | | |`] : []),
    '',
    lineSummary(report),
  ].join('\n')
}

function sessionRow(session: ReportSession, all: number): string {
  const { lines, files, usage, cost, durationSeconds } = session
  const share = all === 0 ? '' : ` · ${formatShare(lines.ai / all)}`
  const mixed = lines.mixed === 0 ? '' : ` + ${formatCount(lines.mixed)} mixed`
  const removed = files.reduce((sum, file) => sum + file.removed, 0)
  const cells = [
    link(shortSession(session.id), session.url),
    `${agentName(session)} · ${modelNames(session.models)}`,
    `${formatCount(lines.ai)}${share}${mixed}`,
    formatCount(files.length),
    `+${formatCount(totalLines(lines))} −${formatCount(removed)}`,
    usage === null ? NOT_RECORDED : formatCount(totalTokens(usage)),
    formatCost(cost),
    formatDuration(durationSeconds),
  ]
  return `| ${cells.join(' | ')} |`
}

/** Ids of agents that this version does not know come from the evidence, and can be of any length. */
function agentName({ agent }: ReportSession): string {
  return escapeText(clip(agentTitle(agent), 40))
}

function modelNames(models: readonly string[]): string {
  if (models.length === 0) return `model ${NOT_RECORDED}`
  const names = models.slice(0, MAX_MODELS).map((model) => tableCode(model, 60))
  const rest = models.length - names.length
  return `${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

/** Whose the added lines are. What was not observed stands apart and is nobody's. */
function lineSummary({ lines }: Report): string {
  const all = totalLines(lines)
  if (all === 0) return 'No added line is attributed.'
  const part = (count: number, words: string) => (count === 0 ? [] : [`${formatCount(count)} ${words}`])
  const parts = [
    ...part(lines.ai, 'by AI'),
    ...part(lines.mixed, 'mixed'),
    ...part(lines.human, 'by people'),
    ...part(lines.unknown, 'not observed'),
  ]
  return `${formatNumberOf(all, 'added line')}: ${parts.join(', ')}.`
}

export function fileSection({ sessions }: Report, { sessions: limit, filesPerSession, listsFiles }: Detail): string {
  const withFiles = sessions.filter(({ files }) => files.length > 0)
  const count = new Set(withFiles.flatMap(({ files }) => files.map(({ path }) => path))).size
  if (count === 0) return ''
  const shown = withFiles.slice(0, limit)
  const parts = shown.map((session) => {
    const head = `**${codeSpan(shortSession(session.id))}** · ${agentName(session)} · ${formatNumberOf(session.files.length, 'file')}`
    if (!listsFiles) return `- ${head}`
    const rows = session.files.slice(0, filesPerSession).map(fileLine)
    const rest = session.files.length - rows.length
    return [
      head,
      '',
      ...rows,
      ...(rest > 0 ? [`- … and ${formatNumberOf(rest, 'more file', 'more files')}, on the dashboard`] : []),
    ].join('\n')
  })
  const rest = withFiles.length - shown.length
  const more = rest > 0 ? [`… and the files of ${formatNumberOf(rest, 'more session')}, on the dashboard`] : []
  return folded(`Files by session (${formatCount(count)})`, [...parts, ...more].join(listsFiles ? '\n\n' : '\n'))
}

/** Ranges of one file that are named; a file with more of them was rewritten, and its count says enough. */
const MAX_RANGES = 8

function fileLine({ path, added, removed, ranges }: ReportSession['files'][number]): string {
  const counts = [
    ...(added.ai > 0 ? [`${formatCount(added.ai)} AI`] : []),
    ...(added.mixed > 0 ? [`${formatCount(added.mixed)} mixed`] : []),
    ...(added.human > 0 ? [`${formatCount(added.human)} by people`] : []),
    ...(added.unknown > 0 ? [`${formatCount(added.unknown)} not observed`] : []),
    ...(removed > 0 ? [`${formatCount(removed)} removed`] : []),
  ]
  const lines = rangeText(ranges)
  return `- ${codeSpan(path)}: ${counts.join(', ') || 'no line'}${lines === '' ? '' : ` (${lines})`}`
}

export function rangeText(ranges: readonly LineRange[]): string {
  const joined: { start: number; end: number }[] = []
  for (const { start, end } of [...ranges].sort((left, right) => left.start - right.start)) {
    const last = joined.at(-1)
    if (last && start <= last.end + 1) last.end = Math.max(last.end, end)
    else joined.push({ start, end })
  }
  const names = joined.slice(0, MAX_RANGES).map(({ start, end }) => (start === end ? `${start}` : `${start}–${end}`))
  const rest = joined.length - names.length
  if (names.length === 0) return ''
  return `${joined.length === 1 && joined[0]?.start === joined[0]?.end ? 'line' : 'lines'} ${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

/** Further items in the folded list; more than these are a flood, and the dashboard shows them all. */
const MAX_LISTED_ITEMS = 40

export function policySection(report: Report, { sessions: limit }: Detail): string {
  const results = new Map<string, Map<string, number>>()
  const gated = new Set<string>()
  const parts = report.sessions.length + ((report.verdicts ?? []).length > 0 ? 1 : 0)
  for (const verdicts of [...report.sessions.map((session) => session.verdicts), report.verdicts ?? []]) {
    for (const { policy, result, gate } of verdicts) {
      const counts = results.get(policy) ?? new Map<string, number>()
      counts.set(result, (counts.get(result) ?? 0) + 1)
      results.set(policy, counts)
      if (gate) gated.add(policy)
    }
  }
  if (results.size === 0) return ''
  const rows = [...results].slice(0, MAX_LISTED_ITEMS).map(([policy, counts]) => {
    const words = [...counts]
      .sort(byWeight)
      .map(([result, count]) =>
        parts === 1 || (counts.size === 1 && count === 1) ? word(result) : `${word(result)} ${count}×`,
      )
    return `| ${tableCode(policy, 60)} | ${gated.has(policy) ? 'required' : 'advisory'} | ${words.join(', ')} |`
  })
  const items = foldedItems(report)
  const listed = items.slice(0, Math.min(MAX_LISTED_ITEMS, limit)).map((item) => itemLine(item, report))
  const rest = items.length - listed.length
  const notes = report.sessions
    .slice(0, limit)
    .flatMap(({ id, verdicts }) =>
      verdicts
        .filter(({ result, reason }) => reason !== null && (result === 'pass' || result === 'waived'))
        .map(
          ({ policy, reason }) =>
            `- ${codeSpan(policy)}, session ${codeSpan(shortSession(id))}: ${quotingText(reason ?? '')}`,
        ),
    )
  const whole = (report.verdicts ?? [])
    .filter(({ result, reason }) => reason !== null && (result === 'pass' || result === 'waived'))
    .map(({ policy, reason }) => `- ${codeSpan(policy)}: ${quotingText(reason ?? '')}`)
  const body = [
    ['| Policy | In the contract | Result |', '|---|---|---|', ...rows].join('\n'),
    [...listed, ...(rest > 0 ? [`- … and ${formatCount(rest)} more, on the dashboard`] : []), ...whole, ...notes].join(
      '\n',
    ),
  ]
  return folded(`Policies (${formatCount(results.size)})`, body.filter((part) => part !== '').join('\n\n'))
}

/** Which sessions are known although the ids of their commits are gone, and by what. */
function foundAgain(sessions: readonly ReportSession[]): readonly string[] {
  const names = (way: FoundBy) =>
    sessions.filter(({ foundBy }) => foundBy?.includes(way)).map(({ id }) => codeSpan(shortSession(id)))
  const part = (way: FoundBy, words: string) => {
    const all = names(way)
    const rest = all.length - MAX_FOUND_AGAIN
    return all.length === 0
      ? []
      : [`${words}: ${all.slice(0, MAX_FOUND_AGAIN).join(', ')}${rest > 0 ? ` and ${formatCount(rest)} more` : ''}`]
  }
  const parts = [...part('patch', 'by the same patch'), ...part('lines', 'by digests of their lines')]
  return parts.length === 0 ? [] : [`History was rewritten. Sessions were found again ${parts.join('; ')}.`]
}

const MAX_FOUND_AGAIN = 10

const weights = ['fail', 'error', 'waived', 'pass', 'skipped']

/** What asks for something first. */
function byWeight([left]: readonly [string, number], [right]: readonly [string, number]): number {
  return weights.indexOf(left) - weights.indexOf(right)
}

function word(result: string): string {
  const words: Readonly<Record<string, string>> = {
    pass: '✓ pass',
    fail: '✗ fail',
    error: '? cannot tell',
    skipped: '– does not apply',
    waived: '◇ waived',
  }
  return words[result] ?? escapeText(result)
}

export function coverageSection(report: Report, { commits: limit }: Detail): string {
  const { unobservedCommits, notRecorded, sessions } = report
  if (sessions.length === 0 && unobservedCommits.length === 0) return ''
  const shown = unobservedCommits
    .slice(0, limit)
    .map(
      ({ commit, subject, hint }) =>
        `- ${codeSpan(commit.slice(0, 7))} ${codeSpan(subject, 100)}${hint === null ? '' : `: ${quotingText(hint)}`}`,
    )
  const rest = unobservedCommits.length - shown.length
  const swept = sessions.filter(({ capture }) => capture === 'swept').length
  const paragraphs = [
    ...(shown.length > 0
      ? [
          [
            'Commits without evidence. That is no judgement about who wrote them; their lines count as not observed.',
            '',
            ...shown,
            ...(rest > 0 ? [`- … and ${formatCount(rest)} more`] : []),
          ].join('\n'),
        ]
      : []),
    ...foundAgain(sessions),
    ...(notRecorded.length > 0
      ? [
          `Not recorded, and therefore not shown as zero: ${notRecorded
            .slice(0, 20)
            .map((what) => escapeText(clip(what, 80)))
            .join(', ')}.`,
        ]
      : []),
    ...(swept > 0
      ? [
          `${formatNumberOf(swept, 'session was', 'sessions were')} found in transcript folders only; no hook saw ${swept === 1 ? 'it' : 'them'} run.`,
        ]
      : []),
  ]
  if (paragraphs.length === 0) return ''
  return folded(
    unobservedCommits.length > 0
      ? `Coverage (${formatNumberOf(unobservedCommits.length, 'commit')} without evidence)`
      : 'Coverage',
    paragraphs.join('\n\n'),
  )
}

export function footer({ head, signatures, checkpoint, dashboardUrl }: Report): string {
  const parts = [
    `head ${codeSpan(head.slice(0, 7))}`,
    ...(signatures.total > 0
      ? [`${signatures.verified} of ${formatNumberOf(signatures.total, 'signature')} verified`]
      : []),
    ...(checkpoint === null ? [] : [`log ${codeSpan(`#${checkpoint.size} ${checkpoint.root.slice(0, 8)}`)}`]),
    link('dashboard', dashboardUrl),
  ]
  return `<sub>${parts.join(' · ')}</sub>`
}

/** The whole checkpoint, so that GitHub keeps it: a log that is rewritten later contradicts what stands here. */
export function checkpointLine({ checkpoint }: Report): string {
  if (checkpoint === null) return ''
  const { origin, size, root } = checkpoint
  const name = origin === undefined ? '' : `${codeSpan(origin)}, `
  return `Transparency log: ${name}${formatNumberOf(size, 'leaf', 'leaves')}, root ${codeSpan(root)}`
}

/** GitHub reads Markdown inside an element only after an empty line. */
export function folded(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`
}

/** The report in a terminal, for `stemma push` and `stemma report`: text of a given width, colours from a palette. */
import { totalLines } from '../attribution/attribution.ts'
import { totalTokens } from '../session/usage.ts'
import { agentTitle } from './agent-title.ts'
import { shareWords, verdictWords } from './comment.ts'
import {
  formatCost,
  formatCount,
  formatDuration,
  formatNumberOf,
  formatShare,
  NOT_RECORDED,
  shortSession,
} from './format.ts'
import { itemsOf, waivedItemsOf } from './items.ts'
import { clip, visibleText } from './markdown-escape.ts'
import type { Report, ReportSession } from './report.ts'

/** picocolors fits; `plainPalette` writes none. */
export interface Palette {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly red: (text: string) => string
  readonly yellow: (text: string) => string
  readonly green: (text: string) => string
}

const same = (text: string) => text
export const plainPalette: Palette = { bold: same, dim: same, red: same, yellow: same, green: same }

/** Names may be cut to so many letters; where not even that fits, each session gets lines of its own. */
const MIN_NAME = 16

/** `columns` at least 40; lines are clipped to it. Ends with a line break. */
export function renderTerminal(report: Report, columns: number, palette: Palette = plainPalette): string {
  const width = Math.max(40, Math.floor(columns))
  const lines = [
    ...heading(report, width, palette),
    ...items(report, width, palette),
    '',
    ...(table(report.sessions, width, palette) ?? list(report.sessions, width)),
    ...footer(report, width, palette),
  ]
  return `${lines.join('\n')}\n`
}

const marks = { success: ['✓', 'green'], neutral: ['!', 'yellow'], failure: ['✗', 'red'] } as const

function heading(report: Report, width: number, palette: Palette): readonly string[] {
  const [mark, colour] = marks[report.conclusion]
  const text = [verdictWords(report), ...shareWords(report)].join(' · ')
  return [`${palette[colour](mark)} ${palette.bold(clip(text, width - 2))}`]
}

function items(report: Report, width: number, palette: Palette): readonly string[] {
  const waived = waivedItemsOf(report).map(({ policy, reason }) =>
    palette.dim(clip(visibleText(`◇ ${policy} is waived: ${reason}`), width)),
  )
  const listed = itemsOf(report).flatMap(({ policy, gate, kind, message, fix, sessions }) => {
    const [mark, colour] = gate ? marks.failure : marks.neutral
    const where = sessions.length === 0 ? '' : `  ${sessions.map(shortSession).slice(0, 3).join(', ')}`
    const said = `${policy ?? 'missing evidence'}: ${kind === 'cannot tell' ? 'cannot tell: ' : ''}${message}${where}`
    const line = `${palette[colour](mark)} ${clip(visibleText(said), width - 2)}`
    return fix === null ? [line] : [line, palette.dim(clip(`  hint: ${visibleText(fix)}`, width))]
  })
  return [...listed, ...waived]
}

const headings = ['Session', 'Agent · model', 'AI lines', 'Files', 'Lines', 'Tokens', 'Cost', 'Time'] as const

function table(sessions: readonly ReportSession[], width: number, palette: Palette): readonly string[] | null {
  if (sessions.length === 0) return []
  const rows = sessions.map(cells)
  const sizes = headings.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => [...(row[column] ?? '')].length)),
  )
  // The names give way: numbers are of no use when they are cut.
  const gaps = 2 * (headings.length - 1)
  const others = sizes.reduce((sum, size, column) => (column === 1 ? sum : sum + size), 0)
  sizes[1] = Math.min(sizes[1] ?? 0, width - others - gaps)
  if (sizes[1] < MIN_NAME) return null
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => {
        const text = clip(cell, sizes[column] ?? 0)
        const space = ' '.repeat(Math.max(0, (sizes[column] ?? 0) - [...text].length))
        return column < 2 ? text + space : space + text
      })
      .join('  ')
      .trimEnd()
  return [palette.dim(line(headings)), ...rows.map(line), '']
}

function list(sessions: readonly ReportSession[], width: number): readonly string[] {
  return sessions.flatMap((session) => {
    const [name, agent, ai, , lines, tokens, cost, time] = cells(session)
    const size = formatNumberOf(session.files.length, 'file')
    return [
      clip(`${name}  ${agent}`, width),
      clip(`  AI lines ${ai}, ${size}, ${lines}`, width),
      clip(`  tokens ${tokens}, cost ${cost}, time ${time}`, width),
      '',
    ]
  })
}

function cells({ id, agent, models, lines, files, usage, cost, durationSeconds }: ReportSession): readonly string[] {
  const all = totalLines(lines)
  const removed = files.reduce((sum, file) => sum + file.removed, 0)
  const [model] = models
  const names =
    model === undefined ? `model ${NOT_RECORDED}` : models.length > 1 ? `${model} +${models.length - 1}` : model
  return [
    visibleText(shortSession(id)),
    visibleText(`${agentTitle(agent)} · ${names}`),
    all === 0 ? '0' : `${formatCount(lines.ai)} (${formatShare(lines.ai / all)})`,
    formatCount(files.length),
    `+${formatCount(all)} -${formatCount(removed)}`,
    usage === null ? NOT_RECORDED : formatCount(totalTokens(usage)),
    formatCost(cost),
    formatDuration(durationSeconds),
  ]
}

function footer(report: Report, width: number, palette: Palette): readonly string[] {
  const { signatures, checkpoint, unobservedCommits, notRecorded, lines, dashboardUrl } = report
  const notes = [
    ...(lines.unknown > 0 ? [`${formatNumberOf(lines.unknown, 'added line')} not observed; nobody's`] : []),
    ...unobservedCommits.map(({ commit, subject }) => `no evidence: ${commit.slice(0, 7)} ${visibleText(subject)}`),
    ...(notRecorded.length > 0 ? [`not recorded: ${notRecorded.map(visibleText).join(', ')}`] : []),
    ...(signatures.total > 0
      ? [
          `${signatures.verified} of ${formatNumberOf(signatures.total, 'signature')} verified${checkpoint === null ? '' : `, log size ${checkpoint.size}`}`,
        ]
      : []),
    visibleText(dashboardUrl),
  ]
  return notes.map((note) => palette.dim(clip(note, width)))
}

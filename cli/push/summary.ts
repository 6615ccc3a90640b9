/** What a push says about itself, in a few lines. */
import { addLineCounts, noLines, totalLines } from '#core/attribution/attribution.ts'
import { plain, type Terminal } from '../io/terminal.ts'
import { count, percent, shortId } from '../io/words.ts'
import type { Described } from './prepare.ts'
import type { Pushed } from './run.ts'

/** `2 sessions, 14 files, 311 AI lines (78%) in 3 commits` */
function describedInWords(described: Described): string {
  const { contributions, lines, files, commits } = figuresOf(described)
  const others = [
    ...(lines.mixed > 0 ? [`${lines.mixed} mixed`] : []),
    ...(lines.unknown > 0 ? [`${lines.unknown} unknown`] : []),
  ]
  return [
    count(contributions, 'session'),
    count(files, 'file'),
    `${count(lines.ai, 'AI line')} (${percent(lines.ai, totalLines(lines))}${others.map((word) => `, ${word}`).join('')}) in ${count(commits, 'commit')}`,
  ].join(', ')
}

export function figuresOf({ attribution, contributions }: Described) {
  const touched = attribution.flatMap(({ files }) =>
    files.filter(({ added, removed }) => added.ai + added.mixed + removed.ai + removed.mixed > 0),
  )
  return {
    contributions: contributions.length,
    files: new Set(touched.map(({ path }) => path)).size,
    lines: attribution.reduce((sum, { added }) => addLineCounts(sum, added), noLines),
    commits: attribution.length,
  }
}

export function printPushed(pushed: Pushed, terminal: Terminal): void {
  const { described, delivery, signedBy, kept, waiting } = pushed
  const line = (state: Parameters<Terminal['mark']>[0], text: string) =>
    terminal.print(`${terminal.mark(state)} ${text}`)
  if (described !== null && described.contributions.length > 0) line('ok', describedInWords(described))
  if (described !== null && described.observed.length > 0) {
    line('ok', `${count(described.observed.length, 'commit')} by hand, observed`)
  } else if (described !== null && described.contributions.length === 0) {
    line('skipped', 'no captured session contributed to these commits')
  }
  const unchanged = described?.unchanged.length ?? 0
  if (unchanged > 0) line('skipped', `${count(unchanged, 'session')} unchanged since an earlier push`)
  for (const { session, fault } of described?.refused ?? []) {
    line('failed', `not sent: ${plain(session ?? 'commits')} · ${plain(fault.message)}`)
    terminal.print(`  hint: ${plain(fault.hint)}`)
  }
  if (delivery.sent.length > 0) {
    const receipts = delivery.sent.map(({ index }) => `#${index}`)
    const shown =
      receipts.length > 4 ? `${receipts.slice(0, 3).join(', ')} and ${receipts.length - 3} more` : receipts.join(', ')
    const by = signedBy === null ? 'sent' : `signed by ${plain(signedBy)}`
    line('ok', `${by} · ${receipts.length === 1 ? 'receipt' : 'receipts'} ${shown}`)
    for (const url of new Set(delivery.sent.map(({ links }) => links.dashboard))) terminal.detail(`  ${plain(url)}`)
  } else if (signedBy !== null) line('ok', `signed by ${plain(signedBy)}`)
  for (const { id, fault } of delivery.failed) {
    line('failed', `refused by the server: ${shortId(id)} · ${plain(fault.message)}`)
    terminal.print(`  hint: ${plain(fault.hint)}`)
  }
  if (waiting > 0) printWaiting(pushed, terminal)
  else if (described === null && delivery.sent.length === 0 && kept !== 'busy') line('ok', 'nothing to send')
  if (kept === 'busy') line('warning', 'another push is at work here; it, or the next push, sends this evidence too')
}

function printWaiting({ kept, delivery, waiting }: Pushed, terminal: Terminal): void {
  const what = `${waiting === 1 ? '1 piece' : `${waiting} pieces`} of evidence kept`
  const because =
    kept === 'no-server'
      ? 'no server yet'
      : kept === 'not-enrolled' && delivery.stopped === null
        ? 'this machine has no key enrolled'
        : (delivery.stopped?.message ?? 'see above')
  const hint =
    kept === 'no-server'
      ? 'stemma init --server URL --token TOKEN'
      : kept === 'not-enrolled' && delivery.stopped === null
        ? 'stemma login, or stemma login --token TOKEN (an administrator gives you one)'
        : (delivery.stopped?.hint ?? 'stemma push --retry')
  terminal.print(`${terminal.mark('warning')} ${what} · ${plain(because)}`)
  terminal.print(`  hint: ${plain(hint)}`)
}

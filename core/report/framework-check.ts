/** The check of one framework: what the report's verdicts say about its controls, beside the check of the whole contract. */
import type { Control, Framework } from '../framework/framework.ts'
import { conclude } from '../policy/conclusion.ts'
import type { Contract } from '../policy/contract.ts'
import type { Result } from '../policy/policy.ts'
import type { CheckRun } from '../ports.ts'
import { checkActions } from './check-actions.ts'
import { annotationsOf } from './check-run.ts'
import { formatNumberOf } from './format.ts'
import { itemLines } from './item-lines.ts'
import { clip, escapeText, tableCode, visibleText } from './markdown-escape.ts'
import { CHECK_NAME } from './pending-check.ts'
import type { Conclusion, Report } from './report.ts'

/** A framework that the contract asks for as a check of its own. */
export interface FrameworkCheck {
  /** Rulesets require the check by this name. */
  readonly name: string
  readonly framework: Framework<string>
}

/** Those that the contract names; a framework that is gone since is left out. Names are unique. */
export function frameworkChecks(
  { checks = [] }: Pick<Contract, 'checks'>,
  known: readonly Framework<string>[],
): readonly FrameworkCheck[] {
  const named = [...new Set(checks)].flatMap((id) => known.find((framework) => framework.id === id) ?? [])
  return named.map((framework) => {
    const title = clip(visibleText(framework.title), 60)
    const isShared = named.some((other) => other !== framework && clip(visibleText(other.title), 60) === title)
    return { name: `${CHECK_NAME} / ${title}${isShared ? ` (${framework.id})` : ''}`, framework }
  })
}

/**
 * What a control is on this pull request. Attested: only people can vouch for it, so that no pull request shows it.
 * Not judged: a policy of it is not part of the contract.
 */
type ControlResult = 'violated' | 'cannot tell' | 'not judged' | 'waived' | 'holds' | 'does not apply' | 'attested'

export function renderFrameworkCheck(
  report: Report,
  { name, framework }: FrameworkCheck,
  contract: Pick<Contract, 'policies' | 'missingSession'>,
): CheckRun {
  const own = new Set(framework.controls.flatMap(({ policies }) => policies))
  const verdicts = (report.verdicts ?? []).filter(({ policy }) => own.has(policy))
  const sessions = report.sessions.map((session) => ({
    ...session,
    verdicts: session.verdicts.filter(({ policy }) => own.has(policy)),
  }))
  const all = [...sessions.flatMap((session) => session.verdicts), ...verdicts]
  const controls = framework.controls.map((control) => ({ control, result: resultOf(control, all, contract) }))
  const decided = conclude({
    verdicts: all,
    sessions: sessions.length,
    unobservedCommits: report.unobservedCommits.length,
    missingSession: contract.missingSession,
  })
  // What nobody judged has not passed; where there is no session, there is nothing to judge.
  const isPartial = sessions.length > 0 && controls.some(({ result }) => result === 'not judged')
  const conclusion = decided === 'success' && isPartial ? 'neutral' : decided
  const narrowed = { ...report, sessions, verdicts, conclusion }
  return {
    name,
    head: report.head,
    status: 'completed',
    conclusion,
    title: titleOf(controls, narrowed),
    summary: [meanings[conclusion], itemLines(narrowed), aboutControls(controls)]
      .filter((part) => part !== '')
      .join('\n\n'),
    text: [
      `${escapeText(framework.title)} ${escapeText(framework.version)}, ${escapeText(framework.publisher)}. ${escapeText(framework.about)}`,
      controlTable(controls),
    ].join('\n\n'),
    annotations: annotationsOf(narrowed),
    detailsUrl: report.dashboardUrl,
    actions: checkActions(report),
  }
}

/** Completes a check that was opened and that the contract no longer asks for: it must not stay in progress. */
export function droppedCheck({ name, head, detailsUrl }: Pick<CheckRun, 'name' | 'head' | 'detailsUrl'>): CheckRun {
  return {
    name,
    head,
    status: 'completed',
    conclusion: 'neutral',
    title: 'The contract does not ask for this check',
    summary:
      'Nothing was judged. Take it out of the rules that require it, or name its framework under `checks` of the contract.',
    text: null,
    annotations: [],
    detailsUrl,
  }
}

const meanings: Readonly<Record<Conclusion, string>> = {
  success: 'Nothing stands in the way.',
  neutral: 'This does not block, but it is no pass either: what is listed was found, or is not known.',
  failure: 'The contract requires policies of this framework; each of them can be repaired.',
}

interface Judged {
  readonly control: Control<string>
  readonly result: ControlResult
}

/** The worst of its policies decides; the first row that applies. */
function resultOf(
  { policies }: Control<string>,
  verdicts: readonly { readonly policy: string; readonly result: Result }[],
  contract: Pick<Contract, 'policies'>,
): ControlResult {
  if (policies.length === 0) return 'attested'
  const results = verdicts.filter(({ policy }) => policies.includes(policy)).map(({ result }) => result)
  if (results.includes('fail')) return 'violated'
  if (results.includes('error')) return 'cannot tell'
  if (policies.some((id) => !contract.policies.some(({ policy }) => policy === id))) return 'not judged'
  if (results.includes('waived')) return 'waived'
  return results.includes('pass') ? 'holds' : 'does not apply'
}

function titleOf(controls: readonly Judged[], { sessions, conclusion }: Report): string {
  const violated = countOf(controls, 'violated')
  if (sessions.length === 0 && violated === 0) {
    return conclusion === 'success' ? 'No AI session seen' : 'No evidence of an AI session'
  }
  const part = (count: number, words: string): readonly string[] =>
    count === 0 ? [] : [`${formatNumberOf(count, 'control')} ${words}`]
  return [
    ...part(violated, 'violated'),
    ...part(countOf(controls, 'cannot tell'), 'in doubt'),
    ...part(countOf(controls, 'not judged'), 'not judged'),
    ...part(countOf(controls, 'waived'), 'waived'),
    ...part(countOf(controls, 'holds') + countOf(controls, 'does not apply'), 'without objection'),
  ].join(' · ')
}

function countOf(controls: readonly Judged[], wanted: ControlResult): number {
  return controls.filter(({ result }) => result === wanted).length
}

/** More are in the table below. */
const MAX_NAMED = 20

function aboutControls(controls: readonly Judged[]): string {
  const named = (wanted: ControlResult, words: string): readonly string[] => {
    const ids = controls.filter(({ result }) => result === wanted).map(({ control }) => tableCode(control.id, 60))
    const rest = ids.length - MAX_NAMED
    return ids.length === 0
      ? []
      : [`${words}: ${ids.slice(0, MAX_NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}.`]
  }
  return [
    ...named('violated', 'Violated'),
    ...named('cannot tell', 'In doubt'),
    ...named('not judged', 'Not judged, since the contract lacks policies of them'),
  ].join('\n\n')
}

/** GitHub refuses texts above 65,535 characters; an organisation's own framework may have 200 controls. */
const MAX_TABLE = 50_000
const MAX_POLICIES = 5

function controlTable(controls: readonly Judged[]): string {
  const rows = controls.map(controlRow)
  let length = 0
  const shown = rows.filter((row) => {
    length += row.length + 1
    return length <= MAX_TABLE
  })
  const rest = rows.length - shown.length
  const more = rest > 0 ? [`| … and ${rest} more | | |`] : []
  return ['| Control | On this pull request | Policies |', '|---|---|---|', ...shown, ...more].join('\n')
}

function controlRow({ control, result }: Judged): string {
  const policies = control.policies.slice(0, MAX_POLICIES).map((policy) => tableCode(policy, 60))
  const rest = control.policies.length - policies.length
  const names = `${policies.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
  return `| ${tableCode(control.id, 60)} ${escapeText(control.title)} | ${words[result]} | ${names} |`
}

const words: Readonly<Record<ControlResult, string>> = {
  violated: '✗ violated',
  'cannot tell': '? cannot tell',
  'not judged': '? not judged: not in the contract',
  waived: '◇ waived',
  holds: '✓ holds',
  'does not apply': '– does not apply',
  attested: '– only people can vouch for it',
}

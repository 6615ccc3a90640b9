/** A posture as a file for people and programs: JSON, CSV and Markdown. OSCAL stands in export-oscal.ts. */
import { escapeText, tableCode } from '../report/markdown-escape.ts'
import type { ControlPosture, Posture } from './posture.ts'

export function postureJson(posture: Posture): string {
  const { framework, scope, at, counts, controls } = posture
  const document = {
    schema: 'stemma.posture/v1',
    framework: { id: framework.id, title: framework.title, version: framework.version, url: framework.url },
    scope,
    at,
    counts,
    controls: controls.map(({ control, state, why, coverage, evidence, attestation }) => ({
      id: control.id,
      group: control.group,
      title: control.title,
      policies: control.policies,
      state,
      why,
      coverage,
      evidence,
      attestation,
    })),
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

const columns: readonly (readonly [title: string, value: (row: ControlPosture, posture: Posture) => string])[] = [
  ['framework', (_row, { framework }) => framework.id],
  ['scope', (_row, { scope }) => `${scope.kind} ${scope.name}`],
  ['at', (_row, { at }) => at],
  ['control', ({ control }) => control.id],
  ['group', ({ control }) => control.group],
  ['title', ({ control }) => control.title],
  ['state', ({ state }) => state],
  ['why', ({ why }) => why],
  ['decided', ({ coverage }) => (coverage === null ? '' : String(coverage.decided))],
  ['total', ({ coverage }) => (coverage === null ? '' : String(coverage.total))],
  ['policies', ({ control }) => control.policies.join(' ')],
  ['evidence', ({ evidence }) => evidence.join(' ')],
  ['attested by', ({ attestation }) => attestation?.by ?? ''],
  ['expires', ({ attestation }) => attestation?.expiresAt ?? ''],
]

/** RFC 4180. Unknown is an empty cell, never 0. */
export function postureCsv(posture: Posture): string {
  const rows = posture.controls.map((row) => columns.map(([, value]) => cell(value(row, posture))))
  return [columns.map(([title]) => cell(title)), ...rows].map((row) => `${row.join(',')}\r\n`).join('')
}

/** Spreadsheets run what begins like a formula; a quote in front makes it text. */
function cell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

const marks: Readonly<Record<ControlPosture['state'], string>> = {
  satisfied: '✅ satisfied',
  violated: '❌ violated',
  'not-evaluated': '⚪ not evaluated',
}

export function postureMarkdown({ framework, scope, at, counts, controls }: Posture): string {
  return [
    `# ${escapeText(framework.title)} ${escapeText(framework.version)}`,
    '',
    `${escapeText(`${scope.kind} ${scope.name}`)}, ${escapeText(at)}: ${counts.satisfied} satisfied, ${counts.violated} violated, ${counts['not-evaluated']} not evaluated.`,
    '',
    escapeText(framework.about),
    '',
    '| Control | Title | State | Why | Decided | Evidence |',
    '|---|---|---|---|---|---|',
    ...controls.map(
      ({ control, state, why, coverage, evidence }) =>
        `| ${tableCode(control.id)} | ${escapeText(control.title)} | ${marks[state]} | ${escapeText(why)} | ${
          coverage === null ? 'no evidence' : `${coverage.decided} of ${coverage.total}`
        } | ${evidence
          .slice(0, 3)
          .map((id) => tableCode(id.slice(0, 12)))
          .join(' ')} |`,
    ),
    '',
  ].join('\n')
}

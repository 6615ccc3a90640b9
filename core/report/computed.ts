/** How the report came to be, for who doubts it: what lines, policies and signatures rest on. */
import { codeSpan } from './markdown-escape.ts'
import type { Report } from './report.ts'
import { checkpointLine, folded } from './sections.ts'

/** '' where nothing was computed. */
export function computedSection(report: Report): string {
  const { sessions, contract } = report
  if (sessions.length === 0) return ''
  const by =
    contract === undefined ? '' : ` by the contract ${codeSpan(contract.name, 60)}, version ${contract.version}`
  const log = checkpointLine(report)
  return folded(
    'How this was computed',
    [
      '- Lines: from the edits that agents recorded and the snapshots of the machine. What nobody observed is never counted as written by people.',
      `- Policies: from recorded events${by}. No model took part.`,
      '- Signatures: verified for this report, over the bytes that are stored.',
      ...(log === '' ? [] : [`- ${log}.`]),
    ].join('\n'),
  )
}

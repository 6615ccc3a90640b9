/** `--strict platform`: the server's own verdict on what was just sent, waited for as long as a person waits. */
import { EvidenceVerdicts, MAX_VERDICT_WAIT } from '#core/api/verdicts.ts'
import { type ExitCode, isFault } from '#core/fault.ts'
import { conclude } from '#core/policy/conclusion.ts'
import type { Contract } from '#core/policy/contract.ts'
import { callApi } from '../io/http.ts'
import type { StoredReceipt } from '../io/receipts.ts'
import { plain, type Terminal } from '../io/terminal.ts'
import { sayVerdict } from './judge.ts'
import type { Destination } from './send.ts'

interface Waiting {
  readonly destination: Destination
  readonly contract: Contract
  readonly terminal: Terminal
  /** For all evidence together. */
  readonly milliseconds?: number
}

/**
 * 1 where a gated policy fails or cannot tell on the server, and where the server has not said in time although the
 * contract asks that nothing passes unseen (`missingSession: failure`). The words go to stderr.
 */
export async function platformVerdict(sent: readonly StoredReceipt[], waiting: Waiting): Promise<ExitCode> {
  const { destination, contract, terminal, milliseconds = MAX_VERDICT_WAIT * 1_000 } = waiting
  const sessions = sent.filter(({ notes }) => notes.session !== null)
  if (sessions.length === 0) return 0
  const end = performance.now() + milliseconds
  // All at once: the server judges them side by side, and the time is one for all.
  const answers = await Promise.all(
    sessions.map(async ({ notes }) => ({ notes, answer: await ask(notes.id, destination, end) })),
  )
  const links = new Set(answers.flatMap(({ answer }) => linksOf(answer)))
  let isFailed = false
  for (const { notes, answer } of answers) {
    if (answer?.state === 'failed') {
      terminal.say(
        `${terminal.mark('failed')} the server cannot read the evidence of ${plain(notes.session ?? '')}: ${plain(answer.reason ?? '')}`,
      )
      isFailed = true
    }
    if (answer?.state !== 'judged') continue
    for (const verdict of answer.verdicts) sayVerdict(verdict, notes.session ?? '', terminal)
    const { missingSession } = contract
    const conclusion = conclude({ verdicts: answer.verdicts, sessions: 1, unobservedCommits: 0, missingSession })
    if (conclusion === 'failure') isFailed = true
  }
  const open = answers.filter(({ answer }) => answer === null || answer.state === 'queued').length
  if (open > 0) {
    const isStrict = contract.missingSession === 'failure'
    const consequence = isStrict
      ? 'the contract lets nothing pass unseen: push again in a moment'
      : 'the push goes on; the pull request will say it'
    terminal.say(
      `${terminal.mark(isStrict ? 'failed' : 'warning')} the server has not judged ${open} of ${answers.length} sessions in time; ${consequence}`,
    )
    if (isStrict) isFailed = true
  }
  for (const link of links) terminal.say(`  ${plain(link)}`)
  return isFailed ? 1 : 0
}

/** Pull requests where there are some: they say most. */
function linksOf(answer: EvidenceVerdicts | null): readonly string[] {
  if (answer === null) return []
  const { session, pullRequests } = answer.links
  return pullRequests.length > 0 ? pullRequests : session === null ? [] : [session]
}

/** null where the server did not answer, whatever the reason: it is a wait, and what was sent is acknowledged already. */
async function ask(id: string, { server, enrolment }: Destination, end: number): Promise<EvidenceVerdicts | null> {
  const left = Math.max(0, end - performance.now())
  const wait = Math.min(MAX_VERDICT_WAIT, Math.max(0, left / 1_000 - 0.3)).toFixed(1)
  try {
    return await callApi(server, {
      method: 'GET',
      path: `/v1/evidence/${id}/verdicts?wait=${wait}`,
      token: enrolment.token,
      answer: EvidenceVerdicts,
      milliseconds: Math.ceil(left) + 1,
    })
  } catch (problem) {
    if (!isFault(problem)) throw problem
    return null
  }
}

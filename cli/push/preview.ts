/** Exactly what a push would send, before it is signed: all of it as JSON or in a file, the gist of it on the terminal. */

import { gunzipSync } from 'node:zlib'
import { utf8 } from '#core/evidence/bytes.ts'
import { readEnvelope } from '#core/evidence/envelope.ts'
import { type AiSession, readStatement, type Statement, sessionOf } from '#core/evidence/statement.ts'
import type { ExitCode } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { writeForNow } from '../io/files.ts'
import { listOutgoing, readOutgoing } from '../io/outgoing.ts'
import { plain, type Terminal } from '../io/terminal.ts'
import { count } from '../io/words.ts'
import type { Workspace } from '../workspace.ts'
import type { Unsigned } from './evidence.ts'
import { findMissed } from './missed.ts'
import { listPending } from './pending.ts'
import { type Described, describePush } from './prepare.ts'
import { mayLeave } from './privacy.ts'
import { figuresOf, printPushed } from './summary.ts'
import { wantedBy } from './wanted.ts'
import { withdrawTranscripts } from './withdraw.ts'

interface PreviewRequest {
  readonly commits: readonly string[]
  /** Name of the remote; null = the usual one. */
  readonly remote: string | null
  /** `all`: statements and transcripts; `figures`: only what they are about. */
  readonly what: 'all' | 'figures'
  /** Where everything is written as JSON lines; null = nowhere. */
  readonly file: string | null
}

/** Sends and signs nothing. 4 where something would be refused. */
export async function previewPush(request: PreviewRequest, workspace: Workspace, context: Context): Promise<ExitCode> {
  const { commits, remote, what, file } = request
  const { terminal } = context
  const isListed = await mayLeave(remote, workspace)
  await withdrawTranscripts(workspace, context)
  // What waits goes with the next push, whatever it brings.
  const unsigned: Leaving[] = [...(await waitingEvidence(workspace.repository.stateDirectory))]
  const use = async (one: Leaving): Promise<void> => void unsigned.push(one)
  const { commits: missed } = await findMissed(workspace, context)
  const asked = [
    { commits: isListed ? commits : [], remoteUrl: remote },
    { commits: missed, remoteUrl: null },
  ]
  const pending = [
    ...(await listPending(workspace.repository.stateDirectory)),
    ...asked.flatMap((push) => (push.commits.length === 0 ? [] : [{ ...push, sessions: [] }])),
  ]
  const wanted = (await wantedBy(pending, workspace, context)) ?? { commits: [], sessions: [], remote }
  const { sessions } = wanted
  const described = await describePush(wanted.commits, wanted.remote, { workspace, context, sessions, use })
  if (file !== null) await writeForNow(file, unsigned.map(lineOf).join(''))
  if (context.json) terminal.print(JSON.stringify(asJson(described, { unsigned, what, isListed }), null, 2))
  else {
    for (const one of what === 'all' ? unsigned : []) show(one, terminal)
    printPushed(
      { described, delivery: { sent: [], failed: [], stopped: null }, signedBy: null, kept: null, waiting: 0 },
      terminal,
    )
    if (!isListed) {
      terminal.print(
        `${terminal.mark('skipped')} nothing may leave for this remote: \`remotes\` in .stemma.yml does not name it`,
      )
    }
    if (file !== null) terminal.say(`all of it is in ${plain(file)}`)
    terminal.say('nothing was sent')
  }
  return described.refused.length > 0 ? 4 : 0
}

/** One piece of evidence, not yet signed or waiting on the spool. */
type Leaving = Pick<Unsigned, 'statement' | 'transcript'>

/** Signed before and not acknowledged: exactly what the spool holds. */
async function waitingEvidence(stateDirectory: string): Promise<readonly Leaving[]> {
  const waiting: Leaving[] = []
  for (const id of await listOutgoing(stateDirectory)) {
    const evidence = await readOutgoing(stateDirectory, id)
    if (evidence === null) continue
    const statement = readStatement(readEnvelope(evidence.envelope).payload)
    const { transcript } = evidence
    waiting.push({ statement, transcript: transcript === null ? null : gunzipSync(transcript).toString('utf8') })
  }
  return waiting
}

function lineOf({ statement, transcript }: Leaving): string {
  return `${JSON.stringify({ statement, transcript })}\n`
}

function asJson(
  described: Described,
  {
    unsigned,
    what,
    isListed,
  }: { readonly unsigned: readonly Leaving[]; readonly what: PreviewRequest['what']; readonly isListed: boolean },
) {
  const evidence = unsigned.map(({ statement, transcript }) => {
    const redaction = redactionOf(statement)
    return what === 'all'
      ? { statement, transcript, transcriptBytes: bytesOf(transcript), redacted: redaction?.redacted ?? {} }
      : { session: sessionOf(statement)?.id ?? null, subject: statement.subject }
  })
  const refused = described.refused.map(({ session, fault }) => ({ session, code: fault.code, message: fault.message }))
  return { ...figuresOf(described), listed: isListed, evidence, refused }
}

/** The beginning of a transcript tells what kind of thing it is; the whole is in the file. */
const FIRST_LINES = 6
const LINE_CHARACTERS = 300

function show({ statement, transcript }: Leaving, terminal: Terminal): void {
  // As JSON every control character is escaped, so what is shown cannot obey the terminal.
  terminal.print(JSON.stringify(statement, null, 2))
  const redaction = redactionOf(statement)
  const rules = Object.entries(redaction?.redacted ?? {}).map(([rule, number]) => `${rule} ${number}`)
  terminal.print(`taken out: ${rules.length === 0 ? 'nothing' : rules.map(plain).join(', ')}`)
  const kinds = Object.entries(redaction?.binaries ?? {}).map(([kind, number]) => `${kind} ${number}`)
  if (kinds.length > 0) terminal.print(`by their digests only: ${kinds.map(plain).join(', ')}`)
  if (transcript === null) {
    terminal.print('transcript: none')
    return
  }
  const lines = transcript.trimEnd().split('\n')
  terminal.print(
    `transcript: ${count(bytesOf(transcript) ?? 0, 'byte')} before compression, ${count(lines.length, 'line')}`,
  )
  for (const line of lines.slice(0, FIRST_LINES)) {
    terminal.print(`  ${line.slice(0, LINE_CHARACTERS)}${line.length > LINE_CHARACTERS ? '…' : ''}`)
  }
  if (lines.length > FIRST_LINES) {
    terminal.print(`  … ${count(lines.length - FIRST_LINES, 'line')} more: stemma push --preview --file preview.jsonl`)
  }
}

function bytesOf(transcript: string | null): number | null {
  return transcript === null ? null : utf8(transcript).length
}

function redactionOf({ predicate }: Statement): AiSession['redaction'] | null {
  return 'redaction' in predicate ? predicate.redaction : null
}

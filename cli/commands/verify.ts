/** `stemma verify`: evidence checked on this machine, without asking anybody. */
import { resolve } from 'node:path'
import { z } from 'zod'
import { isBundle } from '#core/evidence/bundle.ts'
import { type BundleVerdict, verifyBundle } from '#core/evidence/verify-bundle.ts'
import { Fault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { readText } from '../io/files.ts'
import { plain, type State } from '../io/terminal.ts'
import { count, shortId } from '../io/words.ts'
import { type Check, type Checked, check } from '../verification/checklist.ts'
import { checkDelegation } from '../verification/delegation.ts'
import { checkHistory } from '../verification/history.ts'
import { findMaterial, readTranscriptFile, trustOf } from '../verification/material.ts'
import { defineCommand } from './command.ts'

export const verify = defineCommand({
  name: 'verify',
  summary: 'check evidence offline and print the checklist',
  arguments: [
    {
      name: 'evidence',
      description: 'a file (envelope, receipt, bundle), an evidence id or its beginning, or a commit',
      required: true,
    },
  ],
  options: [
    { flags: '--transcript <file>', description: 'the redacted transcript, to check its digest' },
    { flags: '--key <base64>', description: 'public key of the signer (SPKI), where it is not this machine' },
    { flags: '--log-key <vkey>', description: 'verifier key of the log, where this machine is not enrolled with it' },
  ],
  examples: [
    { command: 'stemma verify HEAD', effect: 'the evidence of the latest commit' },
    { command: 'stemma verify evidence.json --key BASE64', effect: 'what somebody else signed' },
    { command: 'stemma verify bundle.json --log-key VKEY', effect: 'what `stemma export --evidence` wrote elsewhere' },
  ],
  parameters: z.object({
    evidence: z.string().min(1),
    transcript: z.string().optional(),
    key: z.string().optional(),
    logKey: z.string().optional(),
  }),
  run: async ({ evidence, transcript, key, logKey }, context) => {
    const bundle = await readText(resolve(context.workingDirectory, evidence)).catch(() => null)
    if (bundle !== null && isBundle(bundle)) {
      const { logKeys } = await trustOf({ key, logKey }, context)
      return showBundle(await verifyBundle(bundle, logKeys), context)
    }
    const found = await findMaterial(evidence, context)
    const given = transcript === undefined ? null : await transcriptFrom(transcript, context)
    const trust = await trustOf({ key, logKey }, context)
    const checked = await Promise.all(
      found.map((material) => check(given === null ? material : { ...material, transcript: given }, trust)),
    )
    const delegated = await checkDelegation(checked, found, context)
    const results = await checkHistory(delegated, { found, logKeys: trust.logKeys, context })
    if (context.json) context.terminal.print(JSON.stringify({ evidence: results }, null, 2))
    else for (const result of results) show(result, context)
    return results.every(({ verified }) => verified) ? 0 : 4
  },
})

async function transcriptFrom(name: string, context: Context) {
  const bytes = await readTranscriptFile(resolve(context.workingDirectory, name))
  if (bytes !== null) return bytes
  throw new Fault('request-malformed', {
    message: `There is no file ${name}.`,
    hint: 'Name the transcript’s file: `--transcript FILE`.',
  })
}

function showBundle(verdict: BundleVerdict, { terminal, json }: Context): 0 | 4 {
  const { verified, origin, problems, evidence, audit } = verdict
  if (json) {
    const log = { origin, entries: audit?.entries ?? null, problems }
    terminal.print(JSON.stringify({ verified, log, evidence }, null, 2))
    return verified ? 0 : 4
  }
  for (const { id, session, commits, problem } of evidence) {
    const about = [session ?? 'no session', ...commits.map(shortId)].map(plain).join(', ')
    const state = problem === null ? `${terminal.mark('ok')} passed ` : `${terminal.mark('failed')} failed `
    terminal.print(
      `  ${state} ${shortId(id ?? 'unreadable')}  ${problem === null ? about : plain(`${problem.code}: ${problem.message}`)}`,
    )
  }
  for (const { code, message } of problems)
    terminal.print(`  ${terminal.mark('failed')} failed  the log: ${plain(`${code}: ${message}`)}`)
  if (audit?.verified === true)
    terminal.print(`  ${terminal.mark('ok')} passed  the log, re-derived from its ${audit.entries} entries`)
  terminal.print(verified ? `${terminal.mark('ok')} verified` : `${terminal.mark('failed')} does not verify`)
  return verified ? 0 : 4
}

const states: Readonly<Record<Check['result'], State>> = { passed: 'ok', failed: 'failed', skipped: 'skipped' }

function show({ source, session, commits, checks, verified }: Checked, { terminal }: Context): void {
  terminal.print(terminal.colours.bold(plain(source)))
  if (session !== null) {
    const named = commits.map(shortId).join(', ')
    terminal.print(
      `  session ${plain(session)}${commits.length === 0 ? '' : ` · ${count(commits.length, 'commit')}: ${named}`}`,
    )
  }
  for (const { name, result, detail } of checks) {
    terminal.print(`  ${terminal.mark(states[result])} ${result.padEnd(7)} ${name.padEnd(12)} ${plain(detail)}`)
  }
  terminal.print(verified ? `${terminal.mark('ok')} verified` : `${terminal.mark('failed')} does not verify`)
}

/** `stemma verify`: evidence checked on this machine, without asking anybody. */
import { resolve } from 'node:path'
import { z } from 'zod'
import { isBundle } from '#core/evidence/bundle.ts'
import { verifyBundle } from '#core/evidence/verify-bundle.ts'
import { Fault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { readText } from '../io/files.ts'
import { plain, type State } from '../io/terminal.ts'
import { count, shortId } from '../io/words.ts'
import { type Check, type Checked, check } from '../verification/checklist.ts'
import { checkDelegation } from '../verification/delegation.ts'
import { checkHistory } from '../verification/history.ts'
import { findMaterial, readTranscriptFile, trustOf } from '../verification/material.ts'
import { showBundle } from '../verification/show-bundle.ts'
import { checkWitnesses, readWitnessKeys, witnessOption } from '../verification/witnesses.ts'
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
    witnessOption,
  ],
  examples: [
    { command: 'stemma verify HEAD', effect: 'the evidence of the latest commit' },
    { command: 'stemma verify evidence.json --key BASE64', effect: 'what somebody else signed' },
    { command: 'stemma verify bundle.json --log-key VKEY', effect: 'what `stemma export --evidence` wrote elsewhere' },
    {
      command: 'stemma verify bundle.json --log-key VKEY --witness VKEY',
      effect: 'only what a witness has cosigned too',
    },
  ],
  parameters: z.object({
    evidence: z.string().min(1),
    transcript: z.string().optional(),
    key: z.string().optional(),
    logKey: z.string().optional(),
    witness: z.array(z.string().max(1_000)).default([]),
  }),
  run: async ({ evidence, transcript, key, logKey, witness }, context) => {
    const witnesses = await readWitnessKeys(witness)
    const bundle = await readText(resolve(context.workingDirectory, evidence)).catch(() => null)
    if (bundle !== null && isBundle(bundle)) {
      const { logKeys } = await trustOf({ key, logKey }, context)
      return showBundle(await verifyBundle(bundle, logKeys, witnesses), context)
    }
    const found = await findMaterial(evidence, context)
    const given = transcript === undefined ? null : await transcriptFrom(transcript, context)
    const trust = await trustOf({ key, logKey }, context)
    const checked = await Promise.all(
      found.map((material) => check(given === null ? material : { ...material, transcript: given }, trust)),
    )
    const delegated = await checkDelegation(checked, found, context)
    const { logKeys } = trust
    const historic = await checkHistory(delegated, { found, logKeys, context })
    const results = await checkWitnesses(historic, { found, logKeys, witnesses, context })
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

/** `stemma export`: what is known here, for others: evidence to be checked, attribution in the formats of other tools. */
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { Fault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import type { ExportKind, ExportRequest } from '../export/kind.ts'
import { exportKinds } from '../export/kinds.ts'
import { writeDurably } from '../io/files.ts'
import { count } from '../io/words.ts'
import { defineCommand } from './command.ts'

/** `agentTrace` of `agent-trace`, as the option arrives. */
const keyOf = (name: string) => name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())

export const exportCommand = defineCommand({
  name: 'export',
  summary: 'write evidence that others can check, or what is known of commits in the formats of other tools',
  arguments: [
    {
      name: 'range',
      description: 'commits, such as origin/main..HEAD (attribution: by default those on no remote)',
      required: false,
    },
  ],
  options: [
    ...exportKinds.map(({ name, description }) => ({ flags: `--${name}`, description })),
    { flags: '--all', description: 'evidence: everything that is acknowledged, and the entries of the whole log' },
    {
      flags: '--transcripts',
      description: 'evidence: the redacted transcripts too, as the server has them; each read is put on record there',
    },
    { flags: '--out <path>', description: 'a file; for attribution also a folder, which gets one file each' },
  ],
  examples: [
    {
      command: 'stemma export --evidence --all --out bundle.json',
      effect: 'for `stemma verify` or docs/verify/verify.py',
    },
    { command: 'stemma export --sigstore main..HEAD', effect: 'Sigstore bundles v0.3, one a line' },
    { command: 'stemma export --agent-trace origin/main..HEAD', effect: 'one JSON line for each commit' },
    {
      command: 'stemma export --git-ai HEAD | git notes --ref=ai add -F - HEAD',
      effect: 'attaches the attribution of a commit as a note that git-ai reads',
    },
  ],
  parameters: z.looseObject({
    range: z.string().min(1).optional(),
    all: z.boolean().default(false),
    transcripts: z.boolean().default(false),
    out: z.string().min(1).optional(),
  }),
  run: async ({ range, all, transcripts, out, ...options }, context) => {
    const asked = exportKinds.filter(({ name }) => options[keyOf(name)] === true)
    const [kind] = asked
    if (kind === undefined || asked.length > 1) throw whichOne()
    if (transcripts && kind.name !== 'evidence') throw noTranscripts()
    await write(kind, { range, all, transcripts }, { out, context })
    return 0
  },
})

interface Target {
  readonly out: string | undefined
  readonly context: Context
}

async function write(kind: ExportKind, request: ExportRequest, { out, context }: Target): Promise<void> {
  const { terminal, json, workingDirectory } = context
  if (out === undefined) return print(kind, request, context)
  const path = resolve(workingDirectory, out)
  const isFolder = kind.writeEach !== undefined && (out.endsWith('/') || (await isExistingFolder(path)))
  const files =
    isFolder && kind.writeEach !== undefined
      ? (await kind.writeEach(request, context)).map(({ name, text }) => ({ path: join(path, name), text }))
      : [{ path, text: await kind.write(request, context) }]
  for (const file of files) await writeDurably(file.path, file.text, 0o600)
  if (json) {
    const written = files.map((file) => ({ file: file.path, bytes: Buffer.byteLength(file.text) }))
    terminal.print(JSON.stringify({ files: written }, null, 2))
  } else
    terminal.say(files.length === 1 ? `wrote ${files[0]?.path}` : `wrote ${count(files.length, 'file')} to ${path}`)
}

async function print(kind: ExportKind, request: ExportRequest, context: Context): Promise<void> {
  const { terminal, json } = context
  if (json && kind.writeEach !== undefined) {
    const documents = (await kind.writeEach(request, context)).map(({ name, text }) => ({ name, text }))
    return terminal.print(JSON.stringify({ format: kind.name, documents }, null, 2))
  }
  const text = (await kind.write(request, context)).trimEnd()
  if (text !== '') return terminal.print(text)
  terminal.say(`nothing to write; name commits that were seen: \`stemma export --${kind.name} HEAD~5..HEAD\``)
}

async function isExistingFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() === true
}

function noTranscripts(): Fault {
  return new Fault('request-malformed', {
    message: 'Only a bundle of evidence takes transcripts along.',
    hint: 'Leave `--transcripts` out, or `stemma export --evidence --transcripts --out FILE`.',
  })
}

function whichOne(): Fault {
  return new Fault('request-malformed', {
    message: `Name one format: ${exportKinds.map(({ name }) => `--${name}`).join(', ')}.`,
    hint: 'Such as `stemma export --evidence --all`, or `stemma help export`.',
  })
}

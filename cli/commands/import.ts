/** `stemma import`: takes in what other tools say about the origin of lines, as claims beside what was observed. */
import { resolve } from 'node:path'
import { z } from 'zod'
import { type ExitCode, Fault } from '#core/fault.ts'
import { GIT_AI_NOTES_REF } from '#core/interop/git-ai-write.ts'
import { claimedLines } from '#core/interop/imported.ts'
import { readImport } from '#core/interop/read-import.ts'
import type { Context } from '../context.ts'
import { readGitNotes } from '../interop/git-notes.ts'
import { type KeptImport, keepImport, listImports, type Soundness, soundnessOf } from '../interop/store.ts'
import { readAtMost } from '../io/files.ts'
import { plain } from '../io/terminal.ts'
import { count, minute } from '../io/words.ts'
import { signingKey } from '../push/prepare.ts'
import { openWorkspace } from '../workspace.ts'
import { defineCommand } from './command.ts'

/** A trace store of a large project; more is somebody's test of our memory. */
const MAX_BYTES = 64 * 1024 * 1024

export const importCommand = defineCommand({
  name: 'import',
  summary: 'take in what other tools say about who wrote which lines, as claims',
  arguments: [
    {
      name: 'file',
      description: 'Agent Trace records, a git-ai authorship log, or Chainloop AI evidence 0.1',
      required: false,
    },
  ],
  options: [
    { flags: '--git-notes [range]', description: 'the notes of git-ai in this repository (default: all of them)' },
    { flags: '--list', description: 'what was imported so far' },
  ],
  examples: [
    {
      command: 'stemma import .agent-trace/traces.jsonl',
      effect: 'keeps the records as claims of others, the import signed by you',
    },
    { command: 'stemma import --git-notes origin/main..HEAD', effect: 'the notes of git-ai on these commits' },
  ],
  parameters: z.object({
    file: z.string().min(1).optional(),
    gitNotes: z.union([z.boolean(), z.string().min(1)]).default(false),
    list: z.boolean().default(false),
  }),
  run: async ({ file, gitNotes, list }, context) => {
    const { repository, configuration } = await openWorkspace(context)
    const { stateDirectory } = repository
    if (list) return showList(await listSound(stateDirectory), context)
    if ((file === undefined) === (gitNotes === false)) throw whichOne()
    const importedAt = context.now().toISOString()
    const keyOf = () => signingKey(context, configuration?.server ?? null)
    if (file !== undefined) {
      const text = await readBounded(resolve(context.workingDirectory, file), file)
      const records = [...(await readImport(text))]
      return show(
        await keepImport(stateDirectory, text, { from: file, importedAt, records, key: await keyOf() }),
        context,
      )
    }
    const notes = await readGitNotes(repository, typeof gitNotes === 'string' ? gitNotes : undefined)
    const records = [...notes.records]
    const made = { from: GIT_AI_NOTES_REF, importedAt, records, key: await keyOf() }
    return show(await keepImport(stateDirectory, notes.text, made), context)
  },
})

async function readBounded(path: string, named: string): Promise<string> {
  const bytes = await readAtMost(path, MAX_BYTES).catch((cause: unknown) => {
    throw new Fault('request-malformed', {
      message: `${plain(named)} cannot be read.`,
      hint: 'Name a file that is there: `stemma import FILE`.',
      cause,
    })
  })
  if (bytes !== null) return bytes.toString('utf8')
  throw new Fault('body-too-large', {
    message: `${plain(named)} has more than ${MAX_BYTES} bytes, which are read at once.`,
    hint: 'Split it, one record a line: `split -C 60m FILE`.',
  })
}

function whichOne(): Fault {
  return new Fault('request-malformed', {
    message: 'Name either a file or --git-notes.',
    hint: 'See what is read: `stemma help import`.',
  })
}

function show(
  { kept, isNew }: { readonly kept: KeptImport; readonly isNew: boolean },
  { terminal, json }: Context,
): ExitCode {
  if (json) {
    terminal.print(JSON.stringify({ isNew, ...kept }, null, 2))
    return 0
  }
  terminal.print(`${terminal.mark('ok')} ${isNew ? 'imported' : 'was imported before'}: ${summary(kept)}`)
  for (const { commit, source, warnings } of kept.records) {
    for (const said of warnings)
      terminal.say(`${terminal.mark('warning')} ${plain(commit?.slice(0, 12) ?? source)}: ${plain(said)}`)
  }
  terminal.say('claims, not observations: no line counts as AI or human because of them')
  return 0
}

type Listed = KeptImport & { readonly soundness: Soundness }

async function listSound(stateDirectory: string): Promise<readonly Listed[]> {
  const imports = await listImports(stateDirectory)
  return Promise.all(imports.map(async (kept) => ({ ...kept, soundness: await soundnessOf(stateDirectory, kept) })))
}

/** 4 where the signature of an import no longer holds. */
function showList(imports: readonly Listed[], { terminal, json }: Context): ExitCode {
  if (json) terminal.print(JSON.stringify({ imports }, null, 2))
  else if (imports.length === 0) terminal.say('nothing was imported yet: `stemma import FILE`')
  for (const kept of json ? [] : imports) {
    terminal.print(`${minute(kept.importedAt)} ${kept.id.slice(0, 12)} ${summary(kept)}`)
    if (kept.soundness === 'altered')
      terminal.print(
        `  ${terminal.mark('failed')} altered since: not what was imported; import it again from its origin`,
      )
  }
  return imports.some(({ soundness }) => soundness === 'altered') ? 4 : 0
}

function summary({ from, records, importedBy }: KeptImport): string {
  const lines = { ai: 0, human: 0, mixed: 0, unknown: 0 }
  for (const { ranges } of records.flatMap((record) => record.files)) {
    const claimed = claimedLines(ranges)
    for (const kind of ['ai', 'human', 'mixed', 'unknown'] as const) lines[kind] += claimed[kind]
  }
  const sources = [...new Set(records.map(({ source }) => source))].join(', ')
  const commits = new Set(records.flatMap(({ commit }) => commit ?? [])).size
  const signed = records.filter(({ signedBy }) => signedBy !== null).length
  const claims = `claims ${lines.ai} AI, ${lines.human} human, ${lines.mixed} mixed, ${lines.unknown} unknown lines`
  return `${plain(from)}: ${count(records.length, 'record')} (${sources}) on ${count(commits, 'commit')}, ${claims}; ${signed === 0 ? 'unsigned' : `${signed} signed`} at the origin${importedBy === null ? '' : `, import signed by ${plain(importedBy.name)}`}`
}

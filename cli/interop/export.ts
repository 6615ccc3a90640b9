/** The attribution of commits, in the formats of other tools: to standard output, or one file a commit. */
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { CommitAttribution } from '#core/attribution/attribution.ts'
import { writeTraceRecord } from '#core/interop/agent-trace.ts'
import { writeGitAiNote } from '#core/interop/git-ai-write.ts'
import type { Context } from '../context.ts'
import { writeDurably } from '../io/files.ts'
import { count } from '../io/words.ts'
import { commitsByHand } from '../push/commits.ts'
import { contributionsTo } from '../push/contributions.ts'
import { VERSION } from '../version.ts'
import { openWorkspace } from '../workspace.ts'

export interface AttributionFormat {
  readonly write: (attribution: CommitAttribution) => Promise<string>
  /** Of the file of one commit. */
  readonly extension: string
  /** How several follow each other on standard output. */
  readonly together: (written: readonly Written[]) => string
}

interface Written {
  readonly commit: string
  readonly text: string
}

export const attributionFormats: Readonly<Record<'agentTrace' | 'gitAi', AttributionFormat>> = {
  agentTrace: {
    write: async (attribution) => JSON.stringify(await writeTraceRecord(attribution, { version: VERSION })),
    extension: 'agent-trace.json',
    together: (written) => written.map(({ text }) => text).join('\n'),
  },
  gitAi: {
    write: writeGitAiNote,
    extension: 'git-ai.note',
    // One note alone can go straight to `git notes add -F -`.
    together: (written) =>
      written.length === 1
        ? (written[0]?.text.trimEnd() ?? '')
        : written.map(({ commit, text }) => JSON.stringify({ commit, note: text })).join('\n'),
  },
}

interface Request {
  readonly format: AttributionFormat
  readonly range: string | undefined
  /** Folder; undefined = standard output. */
  readonly out: string | undefined
}

export async function exportAttribution({ format, range, out }: Request, context: Context): Promise<void> {
  const workspace = await openWorkspace(context)
  const commits = await commitsByHand(workspace.repository, range)
  const { attribution } = await contributionsTo(commits, workspace, context)
  const written: Written[] = []
  for (const one of attribution) written.push({ commit: one.commit, text: await format.write(one) })
  const { terminal, json } = context
  if (out !== undefined) {
    const folder = resolve(context.workingDirectory, out)
    await mkdir(folder, { recursive: true })
    for (const { commit, text } of written)
      await writeDurably(join(folder, `${commit}.${format.extension}`), `${text.trimEnd()}\n`)
    if (json) terminal.print(JSON.stringify({ folder: out, commits: written.map(({ commit }) => commit) }, null, 2))
    else terminal.print(`${terminal.mark('ok')} ${count(written.length, 'commit')} written to ${out}`)
  } else if (json) terminal.print(JSON.stringify({ written }, null, 2))
  else if (written.length > 0) terminal.print(format.together(written))
  const left = commits.length - written.length
  if (left > 0)
    terminal.say(`${count(left, 'commit')} of before any session here: nothing was observed, nothing is written`)
}

/** `stemma export --agent-trace` and `--git-ai`: the attribution of commits, in the formats of other tools. */
import type { CommitAttribution } from '#core/attribution/attribution.ts'
import { writeTraceRecord } from '#core/interop/agent-trace.ts'
import { writeGitAiNote } from '#core/interop/git-ai-write.ts'
import type { Context } from '../context.ts'
import { listCommits, resolveCommit } from '../io/commits.ts'
import { count } from '../io/words.ts'
import { commitsByHand } from '../push/commits.ts'
import { contributionsTo } from '../push/contributions.ts'
import { VERSION } from '../version.ts'
import { openWorkspace } from '../workspace.ts'
import type { ExportKind, ExportRequest } from './kind.ts'

export const agentTraceKind: ExportKind = {
  name: 'agent-trace',
  description: 'Agent Trace records of commits, one a line; one file each where --out is a folder',
  write: async (request, context) => {
    const records = await forEachCommit(request, context, traceRecord)
    return records.map(({ text }) => text).join('')
  },
  writeEach: async (request, context) => named(await forEachCommit(request, context, traceRecord), 'agent-trace.json'),
}

export const gitAiKind: ExportKind = {
  name: 'git-ai',
  description: 'authorship logs of git-ai: that of one commit as it is, several as JSON lines or as files in a folder',
  write: async (request, context) => {
    const notes = await forEachCommit(request, context, writeGitAiNote)
    // One alone can go straight to `git notes add -F -`.
    if (notes.length === 1) return notes[0]?.text ?? ''
    return notes.map(({ commit, text }) => `${JSON.stringify({ commit, note: text })}\n`).join('')
  },
  writeEach: async (request, context) => named(await forEachCommit(request, context, writeGitAiNote), 'git-ai.note'),
}

async function traceRecord(attribution: CommitAttribution): Promise<string> {
  return `${JSON.stringify(await writeTraceRecord(attribution, { version: VERSION }))}\n`
}

interface Written {
  readonly commit: string
  readonly text: string
}

async function forEachCommit(
  { range, all }: ExportRequest,
  context: Context,
  write: (attribution: CommitAttribution) => Promise<string>,
): Promise<readonly Written[]> {
  const workspace = await openWorkspace(context)
  const { repository } = workspace
  const head = range === undefined && all ? await resolveCommit(repository, 'HEAD') : null
  const commits = head === null ? await commitsByHand(repository, range) : await listCommits(repository, head, null)
  const { attribution } = await contributionsTo(commits, workspace, context)
  const left = commits.length - attribution.length
  if (left > 0) {
    const what = count(left, 'commit')
    context.terminal.say(`${what} of before any session here: nothing was observed, nothing is written`)
  }
  const written: Written[] = []
  for (const one of attribution) written.push({ commit: one.commit, text: await write(one) })
  return written
}

function named(written: readonly Written[], extension: string) {
  return written.map(({ commit, text }) => ({ name: `${commit}.${extension}`, text }))
}

/**
 * Attribution -> git-ai's authorship log (`authorship/3.0.0`), the text of a note under `refs/notes/ai`.
 *
 * | ours      | there                                                                                         |
 * |-----------|-----------------------------------------------------------------------------------------------|
 * | `ai`      | attested to the session's key, 16 hexadecimal digits, with a prompt record                    |
 * | `human`   | attested to a known human, `h_` and 14 digits, of no name: what we saw is that no agent did it |
 * | `mixed`   | attested like `ai`, since the format has no such class, and said so under `stemma.files`       |
 * | `unknown` | not attested, which there means untracked                                                     |
 *
 * `stemma.files` in the metadata also holds `unknown`, and whole the files whose paths the text form cannot write.
 */
import type { CommitAttribution, FileAttribution, LineRange } from '../attribution/attribution.ts'
import { utf8 } from '../evidence/bytes.ts'
import { sha256Hex } from '../evidence/digest.ts'
import { writeLines } from './line-list.ts'

export const GIT_AI_SCHEMA = 'authorship/3.0.0'
export const GIT_AI_NOTES_REF = 'refs/notes/ai'

/** What the format calls the agents that we know. */
export const gitAiTools: ReadonlyMap<string, string> = new Map([
  ['claude-code', 'claude'],
  ['gemini-cli', 'gemini'],
  ['copilot-cli', 'github-copilot'],
])

/** Of the format's own form: nobody is named whom nobody saw type. */
const PERSON = 'A person (seen by Stemma, not named)'

export async function writeGitAiNote(attribution: CommitAttribution): Promise<string> {
  const { commit, files } = attribution
  const keys = await keysOf(files)
  const attested = files.filter(({ path, ranges }) => isWritable(path) && ranges.some(isAttested))
  const lines = attested.flatMap(({ path, ranges }) => [
    /\s/.test(path) ? `"${path}"` : path,
    ...[...Map.groupBy(ranges.filter(isAttested), (range) => keys.get(keyed(range)) ?? '')].map(
      ([key, own]) => `  ${key} ${writeLines(own)}`,
    ),
  ])
  const metadata = {
    schema_version: GIT_AI_SCHEMA,
    base_commit_sha: commit,
    prompts: promptsOf(files, keys),
    ...humansOf(files, keys),
    stemma: extensionOf(files),
  }
  return `${lines.join('\n')}${lines.length === 0 ? '' : '\n'}---\n${JSON.stringify(metadata, null, 2)}\n`
}

/** A line of the text form is one line, begins with no space and is not the divider. */
export function isWritable(path: string): boolean {
  return !/[\r\n"]|^\s|^---$/.test(path)
}

function isAttested(range: LineRange): boolean {
  return range.class === 'human' || ((range.class === 'ai' || range.class === 'mixed') && range.session !== null)
}

function keyed(range: LineRange): string {
  return range.class === 'human' ? PERSON : `${range.session}`
}

async function keysOf(files: readonly FileAttribution[]): Promise<ReadonlyMap<string, string>> {
  const names = new Set(files.flatMap(({ ranges }) => ranges.filter(isAttested).map(keyed)))
  const keys = new Map<string, string>()
  for (const name of names) {
    const { tool, id } = agentOf(name)
    const hex = await sha256Hex(utf8(name === PERSON ? name : `${tool}:${id}`))
    keys.set(name, name === PERSON ? `h_${hex.slice(0, 14)}` : hex.slice(0, 16))
  }
  return keys
}

function agentOf(session: string): { readonly tool: string; readonly id: string } {
  const at = session.indexOf(':')
  const agent = at < 0 ? 'unknown' : session.slice(0, at)
  return { tool: gitAiTools.get(agent) ?? agent, id: session.slice(at + 1) }
}

function promptsOf(files: readonly FileAttribution[], keys: ReadonlyMap<string, string>) {
  const ranges = files.flatMap((file) => file.ranges).filter((range) => isAttested(range) && range.class !== 'human')
  return Object.fromEntries(
    [...Map.groupBy(ranges, keyed)].map(([session, own]) => {
      const count = (wanted: (range: LineRange) => boolean) =>
        own.filter(wanted).reduce((sum, { start, end }) => sum + end - start + 1, 0)
      const { tool, id } = agentOf(session)
      const mixed = count((range) => range.class === 'mixed')
      return [
        keys.get(session) ?? '',
        {
          agent_id: { tool, id, model: own.find(({ model }) => model !== null)?.model ?? 'unknown' },
          // Conversations are evidence of their own, redacted and signed; a note is neither.
          messages: [],
          total_additions: count(() => true),
          total_deletions: 0,
          accepted_lines: count((range) => range.class === 'ai'),
          // The table of the standard and its examples spell it differently.
          overridden_lines: mixed,
          overriden_lines: mixed,
        },
      ]
    }),
  )
}

function humansOf(files: readonly FileAttribution[], keys: ReadonlyMap<string, string>) {
  const isThere = files.some(({ ranges }) => ranges.some((range) => range.class === 'human'))
  return isThere ? { humans: { [keys.get(PERSON) ?? '']: { author: PERSON } } } : {}
}

/** What the text form has no words for: classes that it lacks, and paths that it cannot write. */
function extensionOf(files: readonly FileAttribution[]) {
  return {
    version: 1,
    files: files.flatMap(({ path, ranges }) => {
      const unsaid = ranges.filter((range) => !isWritable(path) || range.class === 'mixed' || !isAttested(range))
      const own = unsaid.map(({ start, end, class: kind, session }) => ({ start, end, class: kind, session }))
      return own.length === 0 ? [] : [{ path, ranges: own }]
    }),
  }
}

/** The commits of all pull requests, made at once: a process for each of a thousand would take longer than the soak. */
import { git } from '../fake-github/git/run.ts'
import type { Plan } from './plan.ts'

/** Where commits wait that nobody has pushed yet; refs outside of heads and tags are no push. */
const waitingRef = (pull: number, commit: number): string => `refs/waiting/${pull}/${commit}`

export const branchOf = (pull: number): string => `change-${pull}`

export const TRAILER_OF_NOBODY = 'claude-code:never-sent'

const IDENTITY = 'Ada <ada@example.com> 1795000000 +0000'

/** Commit ids by pull request and commit. */
export async function writeCommits(path: string, { pulls }: Plan): Promise<readonly (readonly string[])[]> {
  const stream = ['blob', 'mark :1', data('start\n'), ...commit({ ref: 'refs/heads/main', mark: 2, message: 'Begin' })]
  stream.push('M 100644 :1 README.md', '')
  let mark = 3
  for (const { index, kind, commits } of pulls) {
    for (let at = 0; at < commits; at++) {
      const [blob, own] = [mark++, mark++]
      const lines = Array.from({ length: 10 }, (_, line) => `export const value${line} = '${index} ${at} ${line}'\n`)
      stream.push('blob', `mark :${blob}`, data(lines.join('')))
      const trailer = kind === 'lost' ? `\n\nStemma-Session: ${TRAILER_OF_NOBODY}` : ''
      const message = `Change ${index}, part ${at}${trailer}`
      stream.push(...commit({ ref: waitingRef(index, at), mark: own, message }))
      stream.push(at === 0 ? 'from :2' : `from :${own - 2}`, `M 100644 :${blob} source/${index}/part-${at}.ts`, '')
    }
  }
  await git(path, ['fast-import', '--quiet'], { stdin: `${stream.join('\n')}\n` })
  const listed = await git(path, ['for-each-ref', '--format=%(refname) %(objectname)', 'refs/waiting/'])
  const ids = new Map(listed.split('\n').map((line) => line.split(' ') as [string, string]))
  return pulls.map(({ index, commits }) =>
    Array.from({ length: commits }, (_, at) => ids.get(waitingRef(index, at)) ?? ''),
  )
}

export async function pushCommit(path: string, pull: number, id: string): Promise<void> {
  await git(path, ['update-ref', `refs/heads/${branchOf(pull)}`, id])
}

function commit({ ref, mark, message }: { readonly ref: string; readonly mark: number; readonly message: string }) {
  return [`commit ${ref}`, `mark :${mark}`, `author ${IDENTITY}`, `committer ${IDENTITY}`, data(message)]
}

const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}`

/**
 * What our hooks add to `git commit` together (commit-msg and post-commit), in a repository of 10,000 files, with no and
 * with 500 stored sessions, beside a bare `node -e 0`. The whole commit with and without them is told too.
 */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installGitHooks } from '#cli/git-hooks.ts'
import { findRepository } from '#cli/io/repository.ts'
import { LAUNCHER, makeRepository, storeSessions, time } from './hook/workplace.ts'
import { compared, type Emit, percentile } from './measurement.ts'

const FILES = 10_000
const STORED_SESSIONS = 500
const DEFAULT_ROUNDS = 40
const SHARE = 0.95

export async function run(emit: Emit, options: readonly string[] = []): Promise<void> {
  const rounds = Number(options[options.indexOf('--rounds') + 1]) || DEFAULT_ROUNDS
  const folder = mkdtempSync(join(tmpdir(), 'stemma-bench-'))
  try {
    const root = makeRepository(folder, FILES)
    await installGitHooks(await findRepository(root))
    symlinkSync(LAUNCHER, join(folder, 'stemma'))
    process.env['PATH'] = `${folder}:${process.env['PATH'] ?? ''}`
    for (const sessions of [0, STORED_SESSIONS]) {
      if (sessions > 0) storeSessions(root, sessions)
      const { node, hooks, added } = await measure(root, rounds)
      const place = `${FILES} files, ${sessions} stored sessions`
      const baseline = { name: 'node -e 0', value: percentile(node, SHARE) }
      const figure = (name: string, value: number) => ({
        name: `${name}, ${place}`,
        value,
        unit: 'ms',
        better: 'lower' as const,
      })
      emit(compared(figure('commit hooks together, p95', percentile(hooks, SHARE)), baseline))
      emit(compared(figure('commit with hooks less commit without, median', percentile(added, 0.5)), baseline))
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(root: string, rounds: number) {
  const figures: Record<'node' | 'hooks' | 'added', number[]> = { node: [], hooks: [], added: [] }
  const edited = join(root, 'src', 'part7', 'file7.ts')
  const commit = async (...options: readonly string[]): Promise<number> => {
    writeFileSync(edited, `export const round = ${performance.now()}\n`.repeat(20))
    const identity = ['-c', 'user.name=B', '-c', 'user.email=b@example.com', '-c', 'gc.auto=0']
    return time('git', [...identity, ...options, 'commit', '-q', '-a', '-m', 'Change'], root)
  }
  const message = join(root, '.git', 'COMMIT_EDITMSG')
  for (let round = -3; round < rounds; round++) {
    const node = await time('node', ['-e', '0'], root)
    const bare = await commit('-c', 'core.hooksPath=/dev/null')
    const hooked = await commit()
    writeFileSync(edited, `export const round = ${round}\n`.repeat(20))
    writeFileSync(message, 'Subject\n')
    const hooks =
      (await time(LAUNCHER, ['hook', 'git', 'commit-msg', message], root)) +
      (await time(LAUNCHER, ['hook', 'git', 'post-commit'], root))
    // The first rounds fill caches, of the disk and of our own index.
    if (round < 0) continue
    figures.node.push(node)
    figures.hooks.push(hooks)
    figures.added.push(hooked - bare)
  }
  return figures
}

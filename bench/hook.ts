/**
 * What the hooks cost, in repositories of 10,000 and of 100,000 files, with no and with 500 stored sessions. Baselines are
 * measured in turn with the hooks, in one run, since machines are noisy. A hook that skips anything is counted and told.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LAUNCHER, makeRepository, payloadOf, storeSessions, time } from './hook/workplace.ts'
import { compared, type Emit, percentile } from './measurement.ts'

/** Files -> rounds: a larger repository has slower rounds. */
const SIZES: readonly (readonly [files: number, rounds: number])[] = [
  [10_000, 60],
  [100_000, 30],
]
const STORED_SESSIONS = 500
const SHARE = 0.95

export async function run(emit: Emit, options: readonly string[] = []): Promise<void> {
  const asked = Number(options[options.indexOf('--files') + 1])
  for (const [files, usual] of SIZES) {
    if (asked > 0 && asked !== files) continue
    const rounds = Number(options[options.indexOf('--rounds') + 1]) || usual
    const folder = mkdtempSync(join(tmpdir(), 'stemma-bench-'))
    try {
      const root = makeRepository(folder, files)
      for (const sessions of [0, STORED_SESSIONS]) {
        if (sessions > 0) storeSessions(root, sessions)
        tell(emit, `${files} files, ${sessions} stored sessions`, await measure(root, rounds))
      }
      const lost = lostSnapshots(root)
      emit({ name: `snapshots lost or cut short at ${files} files`, value: lost, unit: 'snapshots', better: 'lower' })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

function tell(emit: Emit, place: string, figures: Awaited<ReturnType<typeof measure>>): void {
  const p95 = (name: keyof typeof figures): number => percentile(figures[name], SHARE)
  const against = (name: string, value: keyof typeof figures, baseline: string, base: keyof typeof figures) =>
    emit(
      compared(
        { name: `${name}, p95, ${place}`, value: p95(value), unit: 'ms', better: 'lower' },
        { name: baseline, value: p95(base) },
      ),
    )
  against('edit hook', 'editHook', 'node -e 0', 'node')
  against('edit hook with a payload of 1 MB', 'largeEditHook', 'node -e 0', 'node')
  against('shell-tool hook', 'shellHook', 'git status', 'status')
  against('commit-msg hook', 'commitMessage', 'git status', 'status')
  against('post-commit hook', 'postCommit', 'git status', 'status')
}

/** What the hooks themselves say that they could not do. */
function lostSnapshots(root: string): number {
  const log = join(root, '.git', 'stemma', 'failures.log')
  return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').length : 0
}

async function measure(root: string, rounds: number) {
  const edited = join(root, 'src', 'part7', 'file7.ts')
  const message = join(root, '.git', 'COMMIT_EDITMSG')
  const figures = {
    node: [],
    status: [],
    editHook: [],
    largeEditHook: [],
    shellHook: [],
    commitMessage: [],
    postCommit: [],
  } satisfies Record<string, number[]>
  const timed: Record<keyof typeof figures, number[]> = figures
  const edit = { file_path: edited, old_string: 'a', new_string: 'b' }
  const large = { file_path: edited, content: 'const line = "of a large file"\n'.repeat(33_000) }
  for (let round = -3; round < rounds; round++) {
    // Something has changed each time, as between two calls of an agent.
    writeFileSync(edited, `export const round = ${round}\n`.repeat(20))
    writeFileSync(message, 'Subject\n')
    const event = round % 2 === 0 ? 'PreToolUse' : 'PostToolUse'
    const took = {
      node: await time('node', ['-e', '0'], root),
      status: await time('git', ['status', '--porcelain'], root),
      editHook: await time(LAUNCHER, ['hook', 'claude-code'], root, payloadOf(root, 'bench', event, 'Edit', edit)),
      largeEditHook: await time(
        LAUNCHER,
        ['hook', 'claude-code'],
        root,
        payloadOf(root, 'bench', event, 'Write', large),
      ),
      shellHook: await time(
        LAUNCHER,
        ['hook', 'claude-code'],
        root,
        payloadOf(root, 'bench', event, 'Bash', { command: 'make' }),
      ),
      commitMessage: await time(LAUNCHER, ['hook', 'git', 'commit-msg', message], root),
      postCommit: await time(LAUNCHER, ['hook', 'git', 'post-commit'], root),
    }
    // The first rounds fill caches, of the disk and of our own index.
    if (round >= 0) for (const name of Object.keys(timed) as (keyof typeof figures)[]) timed[name].push(took[name])
  }
  return timed
}

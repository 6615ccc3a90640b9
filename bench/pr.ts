/**
 * From acknowledged evidence to the completed check and the edited comment on the pull request, with 100 pull requests
 * open at one installation: the real Worker and a local GitHub, with the pauses of production (debounce, one write a
 * second). Policies only; no judge takes part. `pr-writes`: what one push costs of GitHub's limit for content.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Plan, Step } from '#test/soak/plan.ts'
import { openStage, perform, prepare, pullRequestOf, type World } from '#test/soak/stage.ts'
import { type Emit, percentile } from './measurement.ts'

const OPEN = 100
const PUSHES = 40
const PATIENCE_MILLISECONDS = 60_000

export async function run(emit: Emit): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'stemma-bench-pr-'))
  const pulls = Array.from({ length: OPEN }, (_, index) => ({ index, kind: 'clean' as const, commits: 2 }))
  const plan: Plan = { pulls, steps: pulls.flatMap(({ index }) => opening(index)) }
  // The first hundred are opened without pauses, since nobody waits for them here.
  const stage = await openStage(directory, { GITHUB_WRITE_INTERVAL_MS: '0', PULL_REQUEST_DEBOUNCE_MS: '100' })
  try {
    const world = await prepare(stage, plan)
    await perform(world, plan.steps)
    for (const { index } of pulls) await settled(world, index)
    await stage.restart({})
    const milliseconds: number[] = []
    const writes: number[] = []
    for (let index = 0; index < PUSHES; index++) {
      const before = writesOf(world)
      await perform(world, [{ do: 'send', pull: index, commit: 1 }])
      const acknowledged = performance.now()
      await perform(world, [{ do: 'push', pull: index, commit: 1 }])
      await settled(world, index)
      milliseconds.push(performance.now() - acknowledged)
      await stage.github.settled()
      writes.push(writesOf(world) - before)
    }
    emit({ name: 'pr-p95', value: percentile(milliseconds, 0.95), unit: 'ms', better: 'lower' })
    emit({ name: 'pr-median', value: percentile(milliseconds, 0.5), unit: 'ms', better: 'lower' })
    emit({ name: 'pr-writes', value: Math.max(...writes), unit: 'writes a push', better: 'lower' })
  } finally {
    await stage.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

function opening(pull: number): readonly Step[] {
  return [
    { do: 'send', pull, commit: 0 },
    { do: 'open', pull },
  ]
}

/** The newest head has a completed check, and the comment speaks of that head. */
async function settled(world: World, index: number): Promise<void> {
  const { state } = world.stage.github
  const deadline = performance.now() + PATIENCE_MILLISECONDS
  for (;;) {
    const { head, number, repositoryId } = pullRequestOf(world, index)
    const run = state.checkRuns.find(({ headSha, status }) => headSha === head.sha && status === 'completed')
    const isCommented = state.comments.some(
      (comment) =>
        comment.repositoryId === repositoryId &&
        comment.issueNumber === number &&
        comment.body.includes(head.sha.slice(0, 7)),
    )
    if (run !== undefined && isCommented) return
    if (performance.now() > deadline) throw new Error(`pull request ${number} has no completed check and comment`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function writesOf({ stage }: World): number {
  return stage.github.state.requests.filter(({ method, path }) => method !== 'GET' && path.startsWith('/repos/')).length
}

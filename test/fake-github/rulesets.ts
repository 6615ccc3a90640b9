/** Which checks a pull request still waits for. */
import type { Context } from './context.ts'
import type { CheckRunRecord, Repository, RequiredCheck } from './state.ts'

/** "A required check must be successful, skipped, or neutral." */
const passing = new Set(['success', 'skipped', 'neutral'])

/** The newest run of each name and App on a commit. */
export function latestRuns(context: Context, repository: Repository, sha: string): readonly CheckRunRecord[] {
  const latest = new Map<string, CheckRunRecord>()
  for (const run of context.state.checkRuns)
    if (run.repositoryId === repository.id && run.headSha === sha) latest.set(`${run.appId}:${run.name}`, run)
  return [...latest.values()]
}

export const isPassed = (run: CheckRunRecord): boolean =>
  run.status === 'completed' && run.conclusion !== null && passing.has(run.conclusion)

export interface Unmet {
  readonly required: RequiredCheck
  /** Null: nothing was reported, or only by Apps that the rule does not name. */
  readonly run: CheckRunRecord | null
}

/** The rules that this commit does not meet: missing, under way or failed. */
export function unmetRules(context: Context, repository: Repository, sha: string): readonly Unmet[] {
  const runs = latestRuns(context, repository, sha)
  return repository.requiredChecks.flatMap((required): readonly Unmet[] => {
    const counting = runs.filter(
      ({ name, appId }) =>
        name === required.context && (required.integrationId === undefined || required.integrationId === appId),
    )
    if (counting.length === 0) return [{ required, run: null }]
    return counting.filter((run) => !isPassed(run)).map((run) => ({ required, run }))
  })
}

/** In GitHub's words. */
export function unmetText({ required, run }: Unmet): string {
  if (run === null) return `Required status check "${required.context}" is expected.`
  return `Required status check "${required.context}" is ${run.status === 'completed' ? 'failing' : 'in progress'}.`
}

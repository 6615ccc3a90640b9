/** What one check of `stemma doctor` found: a state, its words, and the way out. */
import { isFault } from '#core/fault.ts'

export interface Finding {
  readonly name: string
  readonly state: 'ok' | 'warning' | 'failed' | 'skipped'
  readonly detail: string
  /** What to type; null where nothing is to be done. */
  readonly fix: string | null
  /** Does it at once, for `--fix`; null where only a person can. */
  readonly repair: (() => Promise<void>) | null
}

export function ok(name: string, detail: string): Finding {
  return { name, state: 'ok', detail, fix: null, repair: null }
}

export function skipped(name: string, detail: string): Finding {
  return { name, state: 'skipped', detail, fix: null, repair: null }
}

export function failed(name: string, detail: string, fix: string, repair: Finding['repair'] = null): Finding {
  return { name, state: 'failed', detail, fix, repair }
}

export function warning(name: string, detail: string, fix: string | null, repair: Finding['repair'] = null): Finding {
  return { name, state: 'warning', detail, fix, repair }
}

/** A check that meets something that it must not read, such as a link to a device, says so and lets the others go on. */
export async function unlessRefused(name: string, check: () => Promise<Finding>): Promise<Finding> {
  try {
    return await check()
  } catch (problem) {
    if (!isFault(problem)) throw problem
    return failed(name, problem.message, problem.hint)
  }
}

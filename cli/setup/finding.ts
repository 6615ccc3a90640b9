/** What one check of `stemma doctor` found: a state, its words, and the way out. */

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

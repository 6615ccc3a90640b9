/** What one session adds to the figures: a pure reading of its signed statement. */
import type { CommitAttribution, LineCounts } from '../attribution/attribution.ts'
import type { AiSession } from '../evidence/statement.ts'
import type { SessionHeader } from '../session/session.ts'
import { totalTokens } from '../session/usage.ts'
import { dayOf } from './period.ts'

/** The added lines of one change. Several commits are one change where a rebase or a cherry-pick repeats it. */
export interface ChangeFigures extends LineCounts {
  readonly commit: string
  readonly patchId: string | null
  /** Patch id, else commit id: what the lines are counted by, so that they count once. */
  readonly change: string
  readonly day: string
}

export interface SessionFigures {
  /** The day on which the session started; the day of arrival where the agent records no time. */
  readonly day: string
  readonly durationSeconds: number | null
  /** null = not recorded. */
  readonly tokens: number | null
  readonly costMicroUsd: number | null
  readonly models: readonly {
    readonly model: string
    readonly requests: number
    readonly tokens: number
    readonly costMicroUsd: number | null
  }[]
  readonly files: SessionHeader['files']
  readonly commits: readonly ChangeFigures[]
}

export function sessionFigures({ session, attribution }: AiSession, receivedAt: string): SessionFigures {
  return {
    day: dayOf(session.startedAt ?? receivedAt),
    durationSeconds: durationOf(session),
    tokens: session.usage === null ? null : totalTokens(session.usage),
    costMicroUsd: session.cost.microUsd,
    models: mergeModels(session.models),
    files: session.files,
    commits: changeFigures(attribution),
  }
}

/** null where a time is missing, or where the two contradict each other. */
function durationOf({ startedAt, endedAt }: SessionHeader): number | null {
  if (startedAt === null || endedAt === null) return null
  const seconds = Math.round((Date.parse(endedAt) - Date.parse(startedAt)) / 1000)
  return seconds >= 0 ? seconds : null
}

export function changeFigures(attribution: readonly CommitAttribution[]): readonly ChangeFigures[] {
  return attribution.map(({ commit, patchId, authoredAt, added }) => ({
    commit,
    patchId,
    change: patchId ?? commit,
    day: dayOf(authoredAt),
    ...added,
  }))
}

/** A model is listed once for each provider; the figures are by model alone. A part without price leaves the rest's. */
function mergeModels(models: SessionHeader['models']): SessionFigures['models'] {
  const merged = new Map<string, SessionFigures['models'][number]>()
  for (const { model, requests, usage, cost } of models) {
    const before = merged.get(model)
    merged.set(model, {
      model,
      requests: requests + (before?.requests ?? 0),
      tokens: totalTokens(usage) + (before?.tokens ?? 0),
      costMicroUsd: addKnown(cost.microUsd, before?.costMicroUsd ?? null),
    })
  }
  return [...merged.values()]
}

function addKnown(left: number | null, right: number | null): number | null {
  return left === null ? right : right === null ? left : left + right
}

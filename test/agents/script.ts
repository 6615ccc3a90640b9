/** A scripted model: what it thinks, says and calls, step by step. */

export type ToolCall = readonly [tool: string, input: Readonly<Record<string, unknown>>]

export interface Step {
  readonly text?: string
  readonly calls?: readonly ToolCall[]
}

export type Script = readonly Step[]

/**
 * The step that comes next, from the request alone: tool results already there are counted against the calls of the script.
 * A step without calls is therefore the last.
 */
export function stepAfter(script: Script, results: number): Step {
  let done = 0
  let index = 0
  while (index < script.length - 1 && done < results) {
    done += (script[index]?.calls ?? []).length
    index++
  }
  const step = script[index]
  if (!step) throw new Error('a script has at least one step')
  return step
}

/** Tokens that the server reports for its n-th answer (from 1): they grow, so that a double count shows. */
export interface ReportedUsage {
  readonly input: number
  readonly cacheWrite: number
  readonly cacheRead: number
  readonly output: number
}

export function usageOf(answer: number): ReportedUsage {
  return {
    input: 100 + answer * 7,
    cacheWrite: 1_000 + answer * 11,
    cacheRead: 5_000 + answer * 13,
    output: 40 + answer * 3,
  }
}

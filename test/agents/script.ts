/** A scripted model: what it thinks, says and calls, step by step. */

/** A text as input calls a freeform tool. */
export type ToolCall = readonly [tool: string, input: Readonly<Record<string, unknown>> | string]

export interface Step {
  readonly think?: string
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

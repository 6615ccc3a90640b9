/** Plans that a session shows: by the agent's own planning tools, or as a file. */
import { globMatcher } from './globs.ts'
import type { Session } from './session.ts'
import { inputText, toolUses } from './tool-use.ts'

export interface PlanSight {
  readonly by: 'tool' | 'file'
  readonly events: readonly string[]
  /** Place of the call among the session's events. */
  readonly index: number
}

/** Tools by which agents show a plan or a list of steps, in lower case. */
const planTools = new Set(
  'exitplanmode exit_plan_mode update_plan todowrite todo_write write_todos taskcreate create_plan plan updateplan'.split(
    ' ',
  ),
)

export const usualPlanFiles: readonly string[] = [
  '**/{plan,plans,spec,specs,rfc,rfcs,adr,adrs,design,designs,proposal,proposals}/**/*.{md,mdx,txt}',
  '**/{plan,spec,design,prd,rfc,proposal,todo}.{md,mdx,txt}',
  '**/*{.,-,_}{plan,spec,design,prd,rfc}.{md,mdx,txt}',
]

export function planSights(session: Session, planFiles: readonly string[] = usualPlanFiles): readonly PlanSight[] {
  const isPlan = globMatcher(planFiles, { dot: true, nocase: true })
  return toolUses(session).flatMap((use): PlanSight[] => {
    if (use.denied) return []
    const { events, index, call } = use
    if (planTools.has(call.tool.toLowerCase())) return [{ by: 'tool', events, index }]
    const isPlanner = call.category === 'subagent' && /^plan/i.test(inputText(use, 'subagent_type', 'type') ?? '')
    if (isPlanner) return [{ by: 'tool', events, index }]
    const touches = call.category === 'read' || call.category === 'edit'
    return touches && call.paths.some((path) => isPlan(path)) ? [{ by: 'file', events, index }] : []
  })
}

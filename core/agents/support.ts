/** The support matrix: what Stemma can see of each agent, and why not more. */
import { type Agent, type Capability, capabilities, type Support } from './agent.ts'

export interface Cell {
  readonly capability: Capability
  readonly state: 'yes' | 'partial' | 'no' | 'unknown'
  /** null for `yes` alone. */
  readonly reason: string | null
}

/** Words for the head of the column, in the order of `capabilities`. */
export const capabilityTitles: Readonly<Record<Capability, string>> = {
  hooks: 'its hooks call Stemma',
  sweep: 'transcripts are found without hooks',
  tokens: 'tokens are known',
  cost: 'cost is known',
  exitCodes: 'exit codes of commands are known',
  denials: 'denied calls are known',
  interruptions: 'interruptions are known',
  subagents: 'subagents are told apart',
  compaction: 'compactions are known',
  permissionModes: 'how freely it may act is known',
  blocking: 'calls can be denied before they run',
}

export function supportOf({ supports }: Pick<Agent, 'supports'>): readonly Cell[] {
  return capabilities.map((capability) => ({ capability, ...read(supports[capability]) }))
}

function read(support: Support): Pick<Cell, 'state' | 'reason'> {
  const at = support.indexOf(':')
  const word = at < 0 ? support : support.slice(0, at)
  const state = (['yes', 'partial', 'no'] as const).find((one) => one === word) ?? 'unknown'
  return { state, reason: at < 0 ? null : support.slice(at + 1).trim() }
}

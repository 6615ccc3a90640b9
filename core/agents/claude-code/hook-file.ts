/** Stemma's hooks in `.claude/settings.json`. */
import { callsHook, hookFileOf } from '../hook-file/hook-settings.ts'
import { hookGroups } from './hook-groups.ts'

export const claudeHookFile = hookFileOf({
  path: '.claude/settings.json',
  groups: hookGroups,
  isOurs: callsHook('claude-code'),
})

/**
 * Stemma's hooks in `.claude/settings.json`. The file belongs to the repository, so every change is an insertion whose
 * exact bytes `uninstall` can find again: formatting, comments and other hooks stay as they are.
 */
import type { HookFile } from '../agent.ts'
import { addHooks } from './hook-file-install.ts'
import { hasAllHooks, removeHooks } from './hook-file-uninstall.ts'
import { newSettings } from './hook-groups.ts'

export const claudeHookFile: HookFile = {
  path: '.claude/settings.json',
  install: (text) => {
    if (text === null || text.trim() === '') return newSettings()
    if (hasAllHooks(text)) return text
    // Hooks that another version wrote go first, so that none is called twice.
    const without = removeHooks(text)
    return without === null ? newSettings() : addHooks(without)
  },
  uninstall: removeHooks,
  isInstalled: (text) => text !== null && hasAllHooks(text),
}

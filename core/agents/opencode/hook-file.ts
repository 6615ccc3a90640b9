/** Stemma's plugin as a file of its own: OpenCode loads every file of the folder. */
import { Fault } from '../../fault.ts'
import type { HookFile } from '../agent.ts'
import { PLUGIN, PLUGIN_MARK } from './plugin.ts'

const path = '.opencode/plugin/stemma.js'

export const opencodeHookFile: HookFile = {
  path,
  install: (text) => {
    if (text === null || text.trim() === '' || isOurs(text)) return PLUGIN
    throw new Fault('configuration-malformed', {
      message: `${path} is somebody else’s plugin.`,
      hint: `Give ${path} another name, then \`stemma init\`.`,
    })
  },
  uninstall: (text) => (isOurs(text) || text.trim() === '' ? null : text),
  isInstalled: (text) => text === PLUGIN,
}

/** Of this version or another. */
function isOurs(text: string): boolean {
  return text.startsWith(PLUGIN_MARK)
}

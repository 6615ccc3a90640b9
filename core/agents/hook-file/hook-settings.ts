/**
 * Stemma's hooks in a settings file of Claude Code's form: `hooks` -> event -> groups -> hooks. The file belongs to the
 * repository, so every change is an insertion whose exact bytes `uninstall` can find again: formatting, comments and
 * other hooks stay as they are.
 */
import type { HookFile } from '../agent.ts'
import { addHooks } from './install.ts'
import { hasAllHooks, removeHooks } from './uninstall.ts'

export interface HookSettings {
  /** Relative to the repository root. */
  readonly path: string
  /** What stands beside `hooks` in a file that we make; other files keep what they have. */
  readonly root?: Readonly<Record<string, unknown>>
  /** What we write: one group for each event; in some agents' files a group is a hook itself. */
  readonly groups: readonly (readonly [event: string, group: object])[]
  /** Whether a hook's command calls Stemma, as any version of it wrote the call. */
  readonly isOurs: (command: unknown) => boolean
}

/**
 * Constant, so that an approval of it stays valid. A teammate without Stemma must notice nothing, and a failure of ours
 * must not look like a failure of the hook: the guard denies through JSON on stdout, never through the exit code.
 * `otherwise`: what is done without the program, for agents to which silence is a failure.
 */
export function hookCommand(agent: string, otherwise = 'true'): string {
  return `command -v stemma >/dev/null 2>&1 && stemma hook ${agent} || ${otherwise}`
}

export function callsHook(agent: string): HookSettings['isOurs'] {
  return (command) => typeof command === 'string' && new RegExp(`\\bstemma hook ${agent}(?![\\w-])`).test(command)
}

export function hookFileOf(settings: HookSettings): HookFile {
  return {
    path: settings.path,
    install: (text) => {
      if (text === null || text.trim() === '') return newSettings(settings)
      if (hasAllHooks(text, settings)) return text
      // Hooks that another version wrote go first, so that none is called twice.
      const without = removeHooks(text, settings)
      return without === null ? newSettings(settings) : addHooks(without, settings)
    },
    uninstall: (text) => removeHooks(text, settings),
    isInstalled: (text) => text !== null && hasAllHooks(text, settings),
  }
}

/** The whole file where there was none. */
function newSettings({ groups, root }: HookSettings): string {
  const hooks = Object.fromEntries(groups.map(([event, group]) => [event, [group]]))
  return `${JSON.stringify({ ...root, hooks }, null, 2)}\n`
}

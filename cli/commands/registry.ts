/** Every command, loaded only when it is called or listed: start-up time is part of every push. */
import type { Command } from './command.ts'

export const commands: Readonly<Record<string, () => Promise<Command>>> = {
  init: async () => (await import('./init.ts')).init,
  login: async () => (await import('./login.ts')).login,
  keys: async () => (await import('./keys.ts')).keys,
  status: async () => (await import('./status.ts')).status,
  doctor: async () => (await import('./doctor.ts')).doctor,
  push: async () => (await import('./push.ts')).push,
  run: async () => (await import('./run.ts')).run,
  check: async () => (await import('./check.ts')).check,
  config: async () => (await import('./config.ts')).config,
  policy: async () => (await import('./policy.ts')).policy,
  guard: async () => (await import('./guard.ts')).guard,
  waivers: async () => (await import('./waivers.ts')).waivers,
  posture: async () => (await import('./posture.ts')).posture,
  apply: async () => (await import('./apply.ts')).apply,
  sessions: async () => (await import('./sessions.ts')).sessions,
  usage: async () => (await import('./usage.ts')).usage,
  log: async () => (await import('./log.ts')).log,
  export: async () => (await import('./export.ts')).exportCommand,
  blame: async () => (await import('./blame.ts')).blame,
  stats: async () => (await import('./stats.ts')).stats,
  why: async () => (await import('./why.ts')).why,
  verify: async () => (await import('./verify.ts')).verify,
  import: async () => (await import('./import.ts')).importCommand,
  completion: async () => (await import('./completion.ts')).completionOf(loadCommands),
  uninstall: async () => (await import('./uninstall.ts')).uninstall,
  report: async () => (await import('./report.ts')).report,
  'git-hooks': async () => (await import('./git-hooks.ts')).gitHooks,
}

/** How help puts them together; what is named nowhere stands under `Other`. */
const groups: Readonly<Record<string, readonly string[]>> = {
  'Set up': ['init', 'login', 'keys', 'doctor', 'completion', 'uninstall'],
  'Look at what is captured': ['status', 'sessions', 'usage', 'stats', 'blame', 'why', 'config', 'report'],
  'Make and send evidence': ['push', 'run', 'check'],
  Rules: ['policy', 'guard', 'waivers', 'apply', 'posture'],
  'Prove and exchange': ['verify', 'log', 'export', 'import'],
}

export function groupOf(command: string): string {
  return Object.keys(groups).find((title) => groups[title]?.includes(command) === true) ?? 'Other'
}

/** Every definition, for help and for the reference. */
export async function loadCommands(): Promise<readonly Command[]> {
  return Promise.all(Object.values(commands).map((load) => load()))
}

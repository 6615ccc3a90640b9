/** GitPush: a push as its words say it, with what it overwrites. */
import { gitInvocation } from './git-invocation.ts'
import type { Session } from './session.ts'
import { shellRuns } from './shell-run.ts'

export interface GitPush {
  /** Branches that it names; empty = the current one or all that match. null = computed at run time. */
  readonly branches: readonly (string | null)[]
  /** `force`: overwrites whatever is there. `lease`: only what was seen before. `delete`: takes branches away. */
  readonly mode: 'plain' | 'force' | 'lease' | 'delete' | 'mirror'
  /** Options are computed, and may force. */
  readonly isOpen: boolean
  readonly text: string
  readonly events: readonly string[]
  readonly denied: boolean
}

export function gitPushes(session: Session): readonly GitPush[] {
  return shellRuns(session).flatMap((run) =>
    run.analysis.commands.flatMap((command): GitPush[] => {
      const git = gitInvocation(command)
      if (git?.subcommand !== 'push' || git.options.has('n') || git.options.has('dry-run')) return []
      const [, ...refs] = git.operands
      const branches = refs.map(({ value }) => (value === null ? null : targetOf(value)))
      const plus = refs.some(({ value }) => value?.startsWith('+'))
      const removes = refs.some(({ value }) => value?.startsWith(':'))
      const has = (name: string): boolean => git.options.has(name)
      const mode = has('mirror')
        ? 'mirror'
        : has('force') || has('f') || plus
          ? 'force'
          : has('delete') || has('d') || removes
            ? 'delete'
            : has('force-with-lease')
              ? 'lease'
              : 'plain'
      const isOpen = git.computed.some(({ prefix, splits }) => splits || prefix.startsWith('-'))
      const denied = run.outcome === 'denied'
      return [{ branches, mode, isOpen, text: command.text, events: run.events, denied }]
    }),
  )
}

function targetOf(ref: string): string {
  const target = ref.includes(':') ? ref.slice(ref.indexOf(':') + 1) : ref
  return target.replace(/^\+/, '').replace(/^refs\/heads\//, '')
}

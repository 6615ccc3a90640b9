/** Commands whose damage cannot be taken back, or that run what nobody has read. */

import { isOpaque } from './computed-script.ts'
import { seeDisk, seeMachine, seePermissions, seeTraces } from './danger/machine.ts'
import { seeDownload, seePush, seeRemoteShell } from './danger/network.ts'
import { seeRemoval } from './danger/removal.ts'
import type { Danger, Sight, View } from './danger/sight.ts'
import { seeDatabase, seeInfrastructure } from './danger/stores.ts'
import { globMatcher } from './globs.ts'
import type { Session } from './session.ts'
import type { ShellDoubt } from './shell.ts'
import { type ShellRun, shellRuns } from './shell-run.ts'

export interface DangerOptions {
  /** Globs of branches whose history stays. */
  readonly protectedBranches: readonly string[]
  /** Hosts whose scripts may be run from a download. */
  readonly trustedHosts: readonly string[]
  /** Globs of databases that may be dropped. */
  readonly disposableDatabases: readonly string[]
}

export const usualDangerOptions: DangerOptions = {
  protectedBranches: ['main', 'master', 'trunk', 'develop', 'production', 'release', 'release/*'],
  trustedHosts: [],
  disposableDatabases: ['*test*', '*tmp*', '*temp*'],
}

export function dangers(session: Session, options: DangerOptions = usualDangerOptions): readonly Danger[] {
  const { trustedHosts } = options
  const isProtected = globMatcher(options.protectedBranches)
  const isDisposable = globMatcher(options.disposableDatabases, { nocase: true })
  return shellRuns(session).flatMap((run) => {
    const at = (sight: Sight, text: string): Danger => ({
      ...sight,
      text,
      events: run.events,
      denied: run.outcome === 'denied',
    })
    const { analysis } = run
    return [
      ...analysis.commands.flatMap((command) => {
        const sight = see({ command, analysis, session, trustedHosts, isProtected, isDisposable })
        return sight ? [at(sight, command.text)] : []
      }),
      ...analysis.forkBombs.map((text) =>
        at({ kind: 'fork-bomb', certainty: 'certain', message: `\`${text}\` starts ever more of itself` }, text),
      ),
      ...analysis.doubts
        .filter((doubt) => isDangerous(doubt, run))
        .map((doubt) => at({ kind: 'downloaded-code', certainty: 'doubt', message: doubt.message }, doubt.text)),
    ]
  })
}

function see(view: View): Sight | null {
  const { command } = view
  return (
    seeRemoval(command) ??
    seeDisk(command) ??
    seePermissions(command) ??
    seeDownload(view) ??
    seePush(view) ??
    seeDatabase(view) ??
    seeInfrastructure(command) ??
    seeTraces(command) ??
    seeRemoteShell(command) ??
    seeMachine(command)
  )
}

const namesDanger =
  /\b(?:rm\s+-|mkfs|dd\s+if|chmod\s+-R|curl\b.*\||wget\b.*\||push\b.*(?:-f|--force)|drop\s+database|destroy|history\s+-c)/i

function isDangerous(doubt: ShellDoubt, run: ShellRun): boolean {
  if (doubt.kind === 'unparsable') return namesDanger.test(doubt.text)
  if (doubt.kind !== 'computed-script') return true
  return isOpaque(doubt, run.analysis)
}

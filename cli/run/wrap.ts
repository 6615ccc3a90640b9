/** Runs a command as if Stemma were not there: its streams are ours, our signals are its, and how it ends is how we end. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'

export interface Ended {
  /** As a shell would report it: 128 and the signal's number after a signal, 127 for a command that is not there. */
  readonly code: number
  readonly signal: NodeJS.Signals | null
  /** Why it could not be started; null where it was. */
  readonly problem: string | null
}

const handedOn: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2']

export function wrap(words: readonly string[], options: { readonly cwd: string }): Promise<Ended> {
  const [program = '', ...rest] = words
  return new Promise((settle) => {
    const child = spawn(program, rest, { cwd: options.cwd, stdio: 'inherit' })
    // A terminal sends these to everyone in front of it; from elsewhere only we get them.
    const fromTerminal: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT']
    const listeners = [...handedOn, ...fromTerminal].map((signal) => {
      const listener = (): void => {
        if (!(fromTerminal.includes(signal) && process.stdin.isTTY)) child.kill(signal)
      }
      process.on(signal, listener)
      return { signal, listener }
    })
    const end = (ended: Ended): void => {
      for (const { signal, listener } of listeners) process.off(signal, listener)
      settle(ended)
    }
    child.on('error', (problem: NodeJS.ErrnoException) => {
      if (child.pid !== undefined) return
      const isMissing = problem.code === 'ENOENT'
      end({ code: isMissing ? 127 : 126, signal: null, problem: isMissing ? 'command not found' : problem.message })
    })
    child.on('close', (code, signal) => {
      if (child.pid === undefined) return
      end({ code: signal === null ? (code ?? 1) : 128 + constants.signals[signal], signal, problem: null })
    })
  })
}

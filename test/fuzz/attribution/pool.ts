/** Programs in processes of their own, as many at once as the machine has processors: each mostly waits for git. */
import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Mode, ProgramRequest, ProgramResult } from './program.ts'

export interface Order {
  readonly mode: Mode
  readonly request: ProgramRequest
}

/** Maps do not pass between processes. */
export type Answer =
  | {
      readonly [Name in keyof ProgramResult]: ProgramResult[Name] extends ReadonlyMap<infer Key, infer Value>
        ? readonly (readonly [Key, Value])[]
        : ProgramResult[Name]
    }
  | { readonly problem: string }

/** In the order asked for; fails where a program does, naming its seed. */
export async function runPrograms(
  orders: readonly Order[],
  onResult: (order: Order, result: ProgramResult) => void,
): Promise<readonly ProgramResult[]> {
  const results: ProgramResult[] = []
  let next = 0
  const work = async (): Promise<void> => {
    const child = fork(join(import.meta.dirname, 'child.ts'), {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    try {
      for (let at = next++; at < orders.length; at = next++) {
        const order = orders[at]
        if (order === undefined) break
        const answer = await new Promise<Answer>((resolve, reject) => {
          child.once('message', (message) => resolve(message as Answer))
          child.once('exit', (code, signal) =>
            reject(new Error(`seed ${order.request.seed} ended with ${signal ?? code}`)),
          )
          child.send(order)
        })
        child.removeAllListeners()
        if ('problem' in answer) throw new Error(`seed ${order.request.seed}: ${answer.problem}`)
        const result = { ...answer, steps: new Map(answer.steps), tallies: new Map(answer.tallies) }
        results[at] = result
        onResult(order, result)
      }
    } finally {
      child.removeAllListeners()
      child.kill()
    }
  }
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), orders.length) }, work))
  return results
}

/** Runs the programs that it is sent, one after the other. */
import type { Answer, Order } from './pool.ts'
import { runProgram } from './program.ts'
import { runRepeated } from './repeated.ts'

process.on('message', async (message) => {
  const { mode, request } = message as Order
  let answer: Answer
  try {
    const result = await (mode === 'unique' ? runProgram(request) : runRepeated(request))
    answer = { ...result, steps: [...result.steps], tallies: [...result.tallies] }
  } catch (error) {
    answer = { problem: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
  process.send?.(answer)
})

/** Programs by seeds that follow each other -> one report. */
import { type Order, runPrograms } from './pool.ts'
import type { Flaw, Mode, Tally } from './program.ts'

export interface FuzzRequest {
  readonly steps: number
  readonly seed: number
  readonly mode: Mode
  readonly onProgram?: (done: number, wrong: number) => void
}

export interface FuzzReport {
  readonly target: 'attribution'
  readonly mode: Mode
  readonly seed: number
  readonly programs: number
  readonly steps: number
  readonly commits: number
  readonly lines: number
  readonly wrong: number
  /** Lines that could be known and are `unknown`, and their share of all that could be known. */
  readonly missed: number
  readonly missedShare: number
  /** Share of `unknown` among all lines, also of those that nobody can know. */
  readonly unknownShare: number
  readonly byOperation: Readonly<Record<string, Tally & { readonly steps: number }>>
  /** The first of each. */
  readonly flaws: readonly Flaw[]
}

/** Long enough for branches to grow apart, short enough to be read when an answer is wrong. */
const STEPS_A_PROGRAM = 40
const MAX_FLAWS = 20

export async function fuzzAttribution({ steps, seed, mode, onProgram }: FuzzRequest): Promise<FuzzReport> {
  const tallies = new Map<string, Tally>()
  const counts = new Map<string, number>()
  const flaws: Flaw[] = []
  const orders: Order[] = []
  for (let left = steps; left > 0; left -= STEPS_A_PROGRAM) {
    const request = { seed: seed + orders.length, steps: Math.min(STEPS_A_PROGRAM, left) }
    orders.push({ mode, request })
  }
  let done = 0
  let found = 0
  const results = await runPrograms(orders, ({ request }, { wrong }) => {
    done += request.steps
    found += wrong.length
    onProgram?.(done, found)
  })
  for (const result of results) {
    for (const [name, count] of result.steps) counts.set(name, (counts.get(name) ?? 0) + count)
    for (const [name, tally] of result.tallies) tallies.set(name, sum(tallies.get(name) ?? nothing, tally))
    flaws.push(...result.wrong)
  }
  const total = [...tallies.values()].reduce(sum, nothing)
  const names = [...new Set([...counts.keys(), ...tallies.keys()])].sort()
  const knowable = total.lines - total.open
  return {
    target: 'attribution',
    mode,
    seed,
    programs: orders.length,
    steps,
    commits: total.commits,
    lines: total.lines,
    wrong: total.wrong,
    missed: total.missed,
    missedShare: knowable === 0 ? 0 : total.missed / knowable,
    unknownShare: total.lines === 0 ? 0 : (total.open + total.missed) / total.lines,
    byOperation: Object.fromEntries(
      names.map((name) => [name, { steps: counts.get(name) ?? 0, ...(tallies.get(name) ?? nothing) }]),
    ),
    flaws: flaws.slice(0, MAX_FLAWS),
  }
}

const nothing: Tally = { commits: 0, lines: 0, right: 0, open: 0, missed: 0, wrong: 0 }

function sum(left: Tally, right: Tally): Tally {
  return {
    commits: left.commits + right.commits,
    lines: left.lines + right.lines,
    right: left.right + right.right,
    open: left.open + right.open,
    missed: left.missed + right.missed,
    wrong: left.wrong + right.wrong,
  }
}

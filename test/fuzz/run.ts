/**
 * `npm run fuzz -- <target> [--cases N] [--seed N] [--json]`: attempts by seeds that follow each other. A problem is
 * printed with its seed; `--seed N --cases 1` repeats it.
 *
 * `npm run fuzz -- attribution [--steps N] [--seed N] [--mode unique|repeated] [--json]`: random programs of work in real
 * repositories, 40 steps each, against a model that knows the author of each line; so many steps of each mode, and a
 * report of each. `--seed N --steps 40 --mode M` repeats one program.
 */
import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Mode } from './attribution/program.ts'
import { type FuzzReport, fuzzAttribution } from './attribution/report.ts'
import type { Attempt, Target, Told } from './target.ts'
import { targets } from './targets.ts'

interface Problem extends Omit<Attempt, 'kind' | 'problem'> {
  readonly seed: number
  readonly problem: string
}

interface Result {
  readonly target: string
  readonly cases: number
  readonly seed: number
  /** Kind of case and how it ended -> how many. */
  readonly kinds: Readonly<Record<string, number>>
  readonly problems: readonly Problem[]
}

const DEFAULT_CASES = 3_000
/** One that is found is to be repaired; more than a few say nothing new. */
const MAX_PROBLEMS = 20

function usage(): number {
  const names = Object.keys(targets).join('|')
  process.stderr.write(`usage: npm run fuzz -- <${names}> [--cases N] [--seed N] [--json]\n`)
  process.stderr.write('       npm run fuzz -- attribution [--steps N] [--seed N] [--mode unique|repeated] [--json]\n')
  return 2
}

async function fuzz(name: string, target: Target, first: number, cases: number): Promise<Result> {
  const kinds = new Map<string, number>()
  const problems: Problem[] = []
  let next = first
  // A process that hangs or dies is replaced, and goes on behind the seed that it was at.
  while (next < first + cases && problems.length < MAX_PROBLEMS) {
    const ended = await attempts(name, target, { first: next, count: first + cases - next }, (seed, attempt) => {
      kinds.set(attempt.kind, (kinds.get(attempt.kind) ?? 0) + 1)
      if (attempt.problem !== null) problems.push({ seed, problem: attempt.problem, material: attempt.material })
    })
    if (ended.problem !== null) problems.push({ seed: ended.seed, problem: ended.problem, material: '' })
    next = ended.seed + 1
  }
  const sorted = [...kinds].sort(([left], [right]) => (left < right ? -1 : 1))
  return { target: name, cases: next - first, seed: first, kinds: Object.fromEntries(sorted), problems }
}

interface Seeds {
  readonly first: number
  readonly count: number
}

/** The last seed, and the problem where it was not finished. */
function attempts(
  target: string,
  { limit, memory }: Target,
  { first, count }: Seeds,
  tell: (seed: number, attempt: Attempt) => void,
): Promise<{ readonly seed: number; readonly problem: string | null }> {
  const child = fork(join(import.meta.dirname, 'child.ts'), [target, String(first), String(count)], {
    execArgv: ['--disable-warning=ExperimentalWarning', `--max-old-space-size=${memory}`],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  return new Promise((resolve) => {
    const spent = workOf(child.pid)
    let place = { seed: first, since: spent() }
    let found = 0
    const finish = (seed: number, problem: string | null): void => {
      clearInterval(watch)
      child.removeAllListeners()
      child.kill('SIGKILL')
      resolve({ seed, problem })
    }
    const watch = setInterval(() => {
      if (spent() - place.since > limit) finish(place.seed, `hangs: not over after ${limit} ms`)
    }, 250)
    child.on('message', (message) => {
      const { seed, attempt } = message as Told
      if (attempt === null) {
        place = { seed, since: spent() }
        return
      }
      tell(seed, attempt)
      if (attempt.problem !== null) found += 1
      if (found >= MAX_PROBLEMS || seed === first + count - 1) finish(seed, null)
    })
    child.on('exit', (code, signal) => finish(place.seed, `crashes: ended with ${signal ?? code}`))
  })
}

/**
 * Milliseconds of work that a process has done: where others keep the machine from it, it does not hang. Elsewhere than
 * on Linux the clock has to do.
 */
function workOf(pid: number | undefined): () => number {
  const clock = () => performance.now()
  try {
    readFileSync(`/proc/${pid}/stat`)
  } catch {
    return clock
  }
  let last = 0
  return () => {
    try {
      // The name of the program may hold spaces; it is the second field, in brackets. A tick is 10 ms.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
      last = (Number(fields[11]) + Number(fields[12])) * 10
    } catch {
      // It has ended, which is told by itself.
    }
    return last
  }
}

function show({ target, cases, seed, kinds, problems }: Result): string {
  return [
    ...Object.entries(kinds).map(([kind, count]) => `  ${kind}: ${count}`),
    ...problems.map(
      (problem) =>
        `\nseed ${problem.seed}: ${problem.problem}\nrepeat: npm run fuzz -- ${target} --seed ${problem.seed} --cases 1\n${problem.material.slice(0, 3_000)}`,
    ),
    `${target}: ${cases} cases from seed ${seed}, ${problems.length} problems`,
  ].join('\n')
}

const modes: readonly Mode[] = ['unique', 'repeated']
const DEFAULT_STEPS = 400
const STEPS_A_LINE = 400
/** Of the lines whose author could be known, as many may be `unknown`. */
const MOST_MISSED = 0.01

function showAttribution(report: FuzzReport): string {
  const rows = Object.entries(report.byOperation).map(
    ([name, { steps, commits, lines, wrong, missed }]) =>
      `  ${name}: ${steps} steps, ${commits} commits, ${lines} lines, ${wrong} wrong, ${missed} missed`,
  )
  const share = (value: number): string => `${(value * 100).toFixed(2)} %`
  return [
    ...rows,
    ...report.flaws.map((flaw) => `wrong, seed ${flaw.seed}: ${JSON.stringify(flaw)}`),
    `attribution, ${report.mode} lines: ${report.steps} steps from seed ${report.seed}, ${report.commits} commits, ${report.lines} lines, ${report.wrong} wrong, ${share(report.missedShare)} of the knowable unknown`,
  ].join('\n')
}

/** On a terminal one line that changes; else a line now and then. */
function showProgress(mode: Mode, steps: number): (done: number, wrong: number) => void {
  let told = 0
  return (done, wrong) => {
    const text = `${mode} lines: ${done} of ${steps} steps, ${wrong} wrong lines`
    if (process.stderr.isTTY) process.stderr.write(`\r${text} `)
    else if (done - told >= STEPS_A_LINE) {
      told = done
      process.stderr.write(`${text}\n`)
    }
  }
}

async function attribution(steps: number, seed: number, mode: string | undefined, json: boolean): Promise<number> {
  if (!(Number.isSafeInteger(steps) && steps > 0 && Number.isSafeInteger(seed) && seed >= 0)) return usage()
  const chosen = modes.filter((one) => mode === undefined || one === mode)
  if (chosen.length === 0) return usage()
  let isGood = true
  for (const one of chosen) {
    const report = await fuzzAttribution({ steps, seed, mode: one, onProgram: showProgress(one, steps) })
    process.stdout.write(`${json ? JSON.stringify(report) : showAttribution(report)}\n`)
    isGood &&= report.wrong === 0 && (one !== 'unique' || report.missedShare <= MOST_MISSED)
  }
  return isGood ? 0 : 1
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      cases: { type: 'string' },
      steps: { type: 'string' },
      mode: { type: 'string' },
      seed: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  })
  const [name = ''] = positionals
  if (name === 'attribution' && positionals.length === 1)
    return attribution(Number(values.steps ?? DEFAULT_STEPS), Number(values.seed ?? 1), values.mode, values.json)
  const target = Object.hasOwn(targets, name) ? targets[name] : undefined
  const cases = Number(values.cases ?? DEFAULT_CASES)
  const seed = Number(values.seed ?? 1)
  const isSound = Number.isSafeInteger(cases) && cases > 0 && Number.isSafeInteger(seed) && seed >= 0
  if (target === undefined || positionals.length !== 1 || !isSound) return usage()
  const result = await fuzz(name, target, seed, cases)
  process.stdout.write(`${values.json ? JSON.stringify(result) : show(result)}\n`)
  return result.problems.length > 0 ? 1 : 0
}

process.exitCode = await main()

/**
 * A policy of thirty rules over a session of 200 kB, in Rego and in TypeScript, in turn, inside of workerd. Its clock
 * stands still while it computes, so the time is taken from outside, over many evaluations a request that wait for nothing.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import type { Subject } from '#core/policy/policy.ts'
import { regoInput } from '#core/policy/rego-input.ts'
import { regoPolicy } from '#core/policy/rego-policy.ts'
import { editEvents, exampleCommit, exampleSubject, shellEvents, toolEvents } from '#core/policy/subject.ts'
import { sampleSession } from './evaluate/session.ts'
import { compared, type Emit, percentile } from './measurement.ts'
import { denials } from './rego/twin.ts'

const SIZE = 200_000
const ROUNDS = 15
/** A request takes a millisecond by itself; these many evaluations take a hundred times that. */
const TIMES = { rego: 200, twin: 1_000 } as const

export async function run(emit: Emit): Promise<void> {
  const text = readFileSync(join(import.meta.dirname, 'rego/policy.rego'), 'utf8')
  const session = sampleSession(SIZE)
  const subject: Subject = { session, commits: [exampleCommit({ ai: 9 })] }
  compareFindings(text, subject)
  const compileTimes = Array.from({ length: 20 }, () => {
    const started = performance.now()
    compiled(text)
    return performance.now() - started
  })
  const platform = await start()
  try {
    const ask = async (path: string, body: string): Promise<string> => {
      const response = await platform.dispatchFetch(`http://bench${path}`, { method: 'POST', body })
      if (!response.ok) throw new Error(`${path}: ${await response.text()}`)
      return response.text()
    }
    await ask('/policy', text)
    await ask('/subject', JSON.stringify(subject))
    const timed = async (by: 'rego' | 'twin'): Promise<number> => {
      const started = performance.now()
      await ask('/', JSON.stringify({ by, times: TIMES[by] }))
      return (performance.now() - started) / TIMES[by]
    }
    // Until the code is compiled by the engine.
    await timed('rego')
    await timed('twin')
    const rego: number[] = []
    const twin: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      rego.push(await timed('rego'))
      twin.push(await timed('twin'))
    }
    const title = `30 rules over ${Math.round(JSON.stringify(session).length / 1000)} kB in workerd`
    const median = percentile(rego, 0.5)
    emit(
      compared(
        { name: `${title}, an evaluation`, value: median, unit: 'ms', better: 'lower' },
        { name: 'the same rules in TypeScript', value: percentile(twin, 0.5) },
      ),
    )
    emit({ name: 'evaluations a second, compiled once', value: 1000 / median, unit: '/s', better: 'higher' })
    emit({ name: 'compiling the 30 rules, median', value: percentile(compileTimes, 0.5), unit: 'ms', better: 'lower' })
  } finally {
    await platform.dispose()
  }
}

function compiled(text: string) {
  const result = regoPolicy({ id: 'bench', version: 1, file: 'policy.rego', text })
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  return result.policy
}

/** Two that find different things are no twins: compared where there is nothing to find, and where each kind finds one. */
function compareFindings(text: string, subject: Subject): void {
  const guilty = exampleSubject({
    title: 'one of each kind',
    events: [
      ...shellEvents('c1', 'kubectl get pods', 0),
      ...shellEvents('c2', 'git push --force', 0, 'out of memory'),
      ...editEvents('e1', 'infra/main.tf'),
      ...toolEvents('m1', { tool: 'mcp__mail__send', category: 'mcp' }),
    ],
  })
  for (const [one, wanted] of [
    [subject, 0],
    [guilty, 5],
  ] as const) {
    const found = [compiled(text).evaluate(one, {}).findings.length, denials(regoInput(one, {})).length]
    if (found.some((count) => count !== wanted)) throw new Error(`found ${found.join(' and ')} instead of ${wanted}`)
  }
}

async function start(): Promise<Miniflare> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'rego/worker.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['workerd', 'worker', 'browser', 'import'],
    external: ['node:*'],
  })
  const script = outputFiles[0]?.text
  if (script === undefined) throw new Error('nothing was built')
  return new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script,
      compatibilityDate: '2026-11-01',
      compatibilityFlags: ['nodejs_compat'],
    }),
  )
}

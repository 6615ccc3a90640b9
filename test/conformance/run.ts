/** `npm run conformance -- <suite> [--cases FILE] [--json]`: published cases against our implementations. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { runRedaction } from './redaction.ts'
import { runRego } from './rego.ts'
import type { ConformanceResult, Suite } from './suite.ts'
import { runTlog } from './tlog.ts'

interface Registered {
  readonly run: Suite
  /** Relative to the repository; the cases of others are not part of it. null: the suite makes its own. */
  readonly cases: string | null
}

const suites: Readonly<Record<string, Registered>> = {
  redaction: { run: runRedaction, cases: null },
  rego: { run: runRego, cases: '../shared/data/rego/cases.jsonl' },
  tlog: { run: runTlog, cases: '../shared/data/tlog/testdata' },
}

const repository = resolve(import.meta.dirname, '../..')

function usage(): number {
  process.stderr.write(`usage: npm run conformance -- <${Object.keys(suites).join(' | ')}> [--cases FILE] [--json]\n`)
  return 2
}

function show(result: ConformanceResult): string {
  const lines = result.failures.map(({ note, reason }) => `  ${note}\n      ${reason}`)
  const total = result.passed + result.failed
  const rate = total === 0 ? 'no cases' : `${((100 * result.passed) / total).toFixed(2)} %`
  const { suite, passed, failed, skipped, wrong } = result
  return [...lines, `${suite}: ${passed} passed, ${failed} failed, ${skipped} skipped, ${wrong} wrong (${rate})`].join(
    '\n',
  )
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { cases: { type: 'string' }, json: { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  const [name = ''] = positionals
  const suite = Object.hasOwn(suites, name) ? suites[name] : undefined
  if (suite === undefined || positionals.length !== 1) return usage()
  const cases = values.cases === undefined ? resolve(repository, suite.cases ?? '.') : resolve(values.cases)
  if (!existsSync(cases)) {
    process.stdout.write(`skipped: the cases of ${name} are not here; name them with --cases FILE\n`)
    return 0
  }
  const result = await suite.run(cases)
  process.stdout.write(`${values.json ? JSON.stringify(result) : show(result)}\n`)
  return result.failed > 0 ? 1 : 0
}

process.exitCode = await main()

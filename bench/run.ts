/** `npm run bench -- <name> [--json] [options]`: runs bench/<name>.ts and prints its figures. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Emit, Measurement } from './measurement.ts'

interface Benchmark {
  /** Takes the arguments that are left and prints through `emit`; ends everything that it started. */
  readonly run: (emit: Emit, options: readonly string[]) => Promise<void>
}

const [name, ...options] = process.argv.slice(2).filter((argument) => argument !== '--json')
const asJson = process.argv.includes('--json')
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && !['run.ts', 'measurement.ts'].includes(file))
  .map((file) => file.slice(0, -'.ts'.length))

if (name === undefined || !names.includes(name)) {
  process.stderr.write(`usage: npm run bench -- <${names.join('|')}> [--json]\n`)
  process.exit(2)
}

const benchmark = (await import(join(import.meta.dirname, `${name}.ts`))) as Benchmark
await benchmark.run(
  (measurement) => process.stdout.write(`${asJson ? JSON.stringify(measurement) : sentence(measurement)}\n`),
  options,
)

function sentence({ name, value, unit, baseline, ratio }: Measurement): string {
  const against =
    baseline && ratio !== undefined
      ? `, ${ratio.toFixed(2)} x ${baseline.name} (${rounded(baseline.value)} ${unit})`
      : ''
  return `${name}: ${rounded(value)} ${unit}${against}`
}

function rounded(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 3 })
}

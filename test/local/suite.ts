/** `npm test`: runs every test, and closes with `N passed, N failed` alone on a line. */
import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
const results = join(tmpdir(), `stemma-tests-${process.pid}.json`)

const status = await new Promise<number>((resolve, reject) => {
  const child = spawn(
    'vitest',
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${results}`, ...process.argv.slice(2)],
    { cwd: root, stdio: 'inherit' },
  )
  child.on('error', reject)
  child.on('close', (code) => resolve(code ?? 1))
})

const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = totals()
// A file that does not even load has no failed test of its own, and still is a failure.
const failed = numFailedTests === 0 && (numFailedTestSuites > 0 || status !== 0) ? 1 : numFailedTests
const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : ''
process.stdout.write(`\n${numPassedTests} passed, ${failed} failed${skipped}\n`)
process.exitCode = failed === 0 && numPassedTests > 0 ? 0 : 1

interface Totals {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numFailedTestSuites: number
}

function totals(): Totals {
  try {
    return JSON.parse(readFileSync(results, 'utf8')) as Totals
  } catch {
    return { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, numFailedTestSuites: 1 }
  } finally {
    rmSync(results, { force: true })
  }
}

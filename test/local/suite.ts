/**
 * `npm test`: runs every test, and closes with `N passed, N failed` alone on a line. The few files that failed and that
 * depend on other processes are run once more, alone: what a busy machine did to them is then told apart from a defect.
 * Such a test is named on a line of its own, since it is still a defect of the test.
 */
import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'

/** More files than these do not fail by chance. */
const MOST_FILES_AGAIN = 3

interface Outcome {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** Names of failed tests, with those of files that did not even load. */
  readonly failedTests: readonly string[]
  readonly failedFiles: readonly string[]
}

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

const root = join(import.meta.dirname, '..', '..')

const first = await run(process.argv.slice(2))
const again = await runAgain(first)
const passed = first.passed + (again?.passed ?? 0)
const failed = again === null ? first.failed : again.failed
const skipped = first.skipped > 0 ? `, ${first.skipped} skipped` : ''
process.stdout.write(`\n${passed} passed, ${failed} failed${skipped}\n`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1

/** null where nothing is worth another run; else how the tests that had failed fared, alone. */
async function runAgain(before: Outcome): Promise<{ readonly passed: number; readonly failed: number } | null> {
  const { failedFiles } = before
  const isWorthIt = failedFiles.length > 0 && failedFiles.length <= MOST_FILES_AGAIN
  if (!isWorthIt || failedFiles.some((file) => file.startsWith('test/core/'))) return null
  process.stdout.write(`\nonce more, alone: ${failedFiles.join(', ')}\n`)
  const after = await run(failedFiles)
  if (after.failed > 0) return null
  for (const test of before.failedTests) process.stdout.write(`unsteady, passed only alone: ${test}\n`)
  return { passed: before.failed, failed: 0 }
}

async function run(patterns: readonly string[]): Promise<Outcome> {
  const results = join(tmpdir(), `stemma-tests-${process.pid}.json`)
  const status = await new Promise<number>((resolve, reject) => {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`]
    const child = spawn('vitest', ['run', ...reporters, ...patterns], { cwd: root, stdio: 'inherit' })
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
  const report = readReport(results)
  if (report === null) return { passed: 0, failed: 1, skipped: 0, failedTests: ['the run itself'], failedFiles: [] }
  const files = report.testResults.filter((file) => file.status === 'failed')
  const failedTests = files.flatMap((file) => {
    const tests = file.assertionResults.filter((test) => test.status === 'failed').map((test) => test.fullName)
    return tests.length > 0 ? tests : [relative(root, file.name)]
  })
  return {
    passed: report.numPassedTests,
    // A run that fails as a whole without any failed test is still a failure.
    failed: failedTests.length === 0 && status !== 0 ? 1 : failedTests.length,
    skipped: report.numPendingTests,
    failedTests,
    failedFiles: files.map((file) => relative(root, file.name)),
  }
}

function readReport(path: string): Report | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report
  } catch {
    return null
  } finally {
    rmSync(path, { force: true })
  }
}

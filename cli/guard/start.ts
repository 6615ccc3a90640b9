/**
 * `guard.cjs`, what the launcher starts: runs `guard-program.cjs` with V8's compiled code of the last time, which takes a
 * third of the time. The code is kept in the repository's state, whose owner could change our hooks as well.
 */
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Script } from 'node:vm'

const program = join(__dirname, 'guard-program.cjs')
const state = process.argv[2] ?? ''
const { size, mtimeMs } = statSync(program)
// V8 itself compares little more than the length of the source.
const stamp = Buffer.from(`${process.version} ${process.arch} ${size} ${mtimeMs}\n`)
const path = join(state, 'guard.cache')

const kept = readKept()
const script = new Script(`(function(require){${readFileSync(program, 'utf8')}\n})`, {
  filename: program,
  ...(kept === undefined ? {} : { cachedData: kept }),
})
script.runInThisContext()(require)
if (kept === undefined || script.cachedDataRejected === true) keep(script.createCachedData())

function readKept(): Buffer | undefined {
  try {
    const bytes = readFileSync(path)
    return bytes.subarray(0, stamp.length).equals(stamp) ? bytes.subarray(stamp.length) : undefined
  } catch {
    return undefined // the first time, or a damaged one
  }
}

function keep(code: Buffer): void {
  try {
    const draft = `${path}.${process.pid}`
    writeFileSync(draft, Buffer.concat([stamp, code]), { mode: 0o600 })
    renameSync(draft, path)
  } catch {
    // Slower next time, and nothing else.
  }
}

/** From `npm start`, with dependencies present, until the dashboard's sign-in link is printed, sample included. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Emit } from './measurement.ts'

/** One that has not come up by then is broken, not slow. */
const TIME_LIMIT = 120_000

async function secondsUntilUsable(options: readonly string[]): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'stemma-start-'))
  const started = performance.now()
  const child = spawn('npm', ['start', '--silent', '--', '--directory', directory, ...options], {
    cwd: join(import.meta.dirname, '..'),
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  })
  const limit = setTimeout(() => endGroup(child.pid), TIME_LIMIT)
  let output = ''
  try {
    for await (const chunk of child.stdout) {
      output += String(chunk)
      if (output.includes('Ready after')) return (performance.now() - started) / 1000
    }
    throw new Error(`npm start ended before it was ready:\n${output}`)
  } finally {
    clearTimeout(limit)
    endGroup(child.pid)
    if (child.exitCode === null) await once(child, 'close')
    rmSync(directory, { recursive: true, force: true })
  }
}

/** As Ctrl-C does: the whole group that the command made, and nothing else. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGINT')
  } catch {
    // It has ended by itself.
  }
}

export async function run(emit: Emit): Promise<void> {
  emit({ name: 'start with sample', value: await secondsUntilUsable([]), unit: 's', better: 'lower' })
  emit({ name: 'start empty', value: await secondsUntilUsable(['--empty']), unit: 's', better: 'lower' })
}

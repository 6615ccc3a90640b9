/** A network namespace with loopback and nothing else: what an agent tries beyond it fails at once. */
import { spawnSync } from 'node:child_process'
import { networkInterfaces } from 'node:os'

export function isIsolated(): boolean {
  return Object.keys(networkInterfaces()).every((name) => name === 'lo') && process.env['STEMMA_ISOLATED'] === '1'
}

/** Runs the program that is running now once more, isolated; its exit code, or null where no namespace can be made. */
export function runIsolated(file: string, parameters: readonly string[]): number | null {
  const asRoot = process.getuid?.() === 0
  const command = `ip link set lo up && exec "$0" --disable-warning=ExperimentalWarning "$@"`
  const run = spawnSync(
    'unshare',
    [...(asRoot ? ['-n'] : ['-rn']), 'bash', '-c', command, process.execPath, file, ...parameters],
    { stdio: 'inherit', env: { ...process.env, STEMMA_ISOLATED: '1' } },
  )
  return run.error ? null : (run.status ?? 1)
}

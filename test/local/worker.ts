/** Runs the real Worker on loopback with wrangler: local D1, R2, Durable Objects and Queues, data in a folder. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
/** Started directly: the `wrangler` on PATH is one more process between us and the one that has to be ended. */
const wrangler = join(root, 'node_modules', 'wrangler', 'wrangler-dist', 'cli.js')

interface WorkerOptions {
  /** Folder for data, log and the file of secrets. */
  readonly directory: string
  readonly port: number
  readonly variables: Readonly<Record<string, string>>
}

export interface RunningWorker {
  readonly url: string
  readonly close: () => Promise<void>
}

function environment(directory: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_HIDE_BANNER: 'true',
    WRANGLER_LOG: 'warn',
    WRANGLER_LOG_PATH: join(directory, 'wrangler-logs'),
    CI: '1',
  }
}

function wranglerProcess(
  parameters: readonly string[],
  directory: string,
): {
  readonly child: ChildProcess
  readonly output: () => string
} {
  const child = spawn(process.execPath, ['--no-warnings', wrangler, ...parameters], {
    cwd: root,
    env: environment(directory),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  // The end of the output is what explains a failure.
  const keep = (chunk: Buffer): void => {
    text = (text + chunk.toString()).slice(-20_000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  return { child, output: () => text }
}

/** Costs 2 s of wrangler's start, so it is left out where the folder has seen these migrations. */
export async function migrate(directory: string): Promise<void> {
  const done = join(directory, 'migrated')
  const wanted = readdirSync(join(root, 'migrations')).join()
  if (existsSync(done) && readFileSync(done, 'utf8') === wanted) return
  const { child, output } = wranglerProcess(
    ['d1', 'migrations', 'apply', 'stemma', '--local', '--persist-to', join(directory, 'data')],
    directory,
  )
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`the database migrations failed:\n${output()}`)
  writeFileSync(done, wanted)
}

/** Longest seen is 5 s on two busy cores. */
const START_SECONDS = 60

export async function startWorker({ directory, port, variables }: WorkerOptions): Promise<RunningWorker> {
  mkdirSync(directory, { recursive: true })
  const secrets = join(directory, 'secrets.env')
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  writeFileSync(secrets, `${lines.join('\n')}\n`, { mode: 0o600 })

  const url = `http://127.0.0.1:${port}`
  const { child, output } = wranglerProcess(
    [
      'dev',
      '--ip',
      '127.0.0.1',
      '--port',
      String(port),
      '--inspector-port',
      '0',
      '--persist-to',
      join(directory, 'data'),
      '--env-file',
      secrets,
      '--show-interactive-dev-session=false',
    ],
    directory,
  )
  const ended = once(child, 'close')
  const deadline = Date.now() + START_SECONDS * 1000
  while (!(await isHealthy(url))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`the platform did not start:\n${output()}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return {
    url,
    close: async () => {
      if (child.exitCode === null) child.kill('SIGTERM')
      await ended
    },
  }
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2_000) })).ok
  } catch {
    return false
  }
}

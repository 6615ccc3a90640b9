/** Git pushes with our hook in the way, which is killed, or meets another one: the code arrives, and so does the evidence. */
import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { isRunning } from '#cli/io/lock.ts'
import { freshForEachTest, machine, receipts, server, session, setUp } from './enrolled.ts'

freshForEachTest()

/** As an installed package lies: the launcher finds the bundle beside its own folder. */
function installProgram(): string {
  const [bundle] = machine.program
  const folder = join(machine.home, 'package', 'cli')
  mkdirSync(folder, { recursive: true })
  mkdirSync(join(machine.home, 'package', 'dist'))
  copyFileSync(join(import.meta.dirname, '../../cli/stemma'), join(folder, 'stemma'))
  symlinkSync(dirname(bundle), join(machine.home, 'package', 'dist', 'cli'))
  return folder
}

interface Push {
  /** Whole process group: git, the hook and Node. */
  readonly pid: number
  readonly ended: Promise<{ readonly code: number | null; readonly said: string }>
}

/** `git push`, while the server of this process goes on answering. */
function push(program: string, ...words: readonly string[]): Push {
  const [, environment] = machine.program
  const child = spawn('git', ['push', ...words], {
    cwd: machine.root,
    env: { ...environment, PATH: `${program}:${environment['PATH']}` },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  const ended = new Promise<{ code: number | null; said: string }>((settle, reject) => {
    child.on('error', reject)
    child.on('close', (code) => settle({ code, said }))
  })
  if (child.pid === undefined) throw new Error('git could not be started')
  return { pid: child.pid, ended }
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`)
    await wait(20)
  }
}

/** The hook has taken the lock, made its evidence durable and waits for the server to answer. */
async function inTheMiddle(): Promise<number> {
  const lock = join(machine.state, 'push.lock')
  await until('a request', () => server.requests.some((request) => /^(PUT|POST) \/v1\/(blobs|evidence)/.test(request)))
  return JSON.parse(readFileSync(lock, 'utf8')).pid
}

const remoteHead = (branch: string) =>
  machine.git('--git-dir', join(machine.root, '../remote.git'), 'rev-parse', branch)
const sentSessions = () =>
  server.evidence.map(({ statement }) => (statement.predicate as { session?: { id?: string } }).session?.id).sort()

function committed(id: string, path: string): string {
  const content = `export const ${id} = 'written by the agent'\n`
  session(id, path, content)
  return machine.commit({ [path]: content }, `Add ${path}`)
}

async function prepared(): Promise<{ program: string; head: string }> {
  await setUp()
  const program = installProgram()
  const head = committed('s1', 'one.ts')
  server.requests.length = 0
  server.hang = true
  return { program, head }
}

describe('a push', () => {
  it('whose hook is killed in the middle brings the code, and the next one the evidence, once', async () => {
    const { program, head } = await prepared()
    const { ended } = push(program, '-q', 'origin', 'main')
    process.kill(await inTheMiddle(), 'SIGKILL')
    expect((await ended).code).toBe(0)
    expect(remoteHead('main')).toBe(head)
    expect(server.evidence).toEqual([])
    server.hang = false
    machine.commit({ 'more.md': 'by hand\n' }, 'More')
    const next = await push(program, '-q', 'origin', 'main').ended
    expect(next.code, next.said).toBe(0)
    expect(sentSessions()).toHaveLength(1)
    expect(receipts()).toHaveLength(1)
    expect(existsSync(join(machine.state, 'push.lock'))).toBe(false)
  })

  it('that is killed with all that belongs to it is made again as if nothing had been', async () => {
    const { program, head } = await prepared()
    const { pid, ended } = push(program, '-q', 'origin', 'main')
    const hook = await inTheMiddle()
    process.kill(-pid, 'SIGKILL')
    await ended
    await until('the hook to be gone', () => !isRunning(hook))
    expect(remoteHead('main')).not.toBe(head)
    server.hang = false
    const again = await push(program, '-q', 'origin', 'main').ended
    expect(again.code, again.said).toBe(0)
    expect(remoteHead('main')).toBe(head)
    expect(sentSessions()).toHaveLength(1)
    expect(receipts()).toHaveLength(1)
  })

  it('beside one that goes on for long is not held up by it, and the next one brings the evidence', async () => {
    await setUp()
    const program = installProgram()
    const head = committed('s1', 'one.ts')
    // A push of this very process, which is alive all the while.
    const lock = join(machine.state, 'push.lock')
    writeFileSync(lock, JSON.stringify({ pid: process.pid, host: hostname(), nonce: 'alive' }))
    const { code, said } = await push(program, '-q', 'origin', 'main').ended
    expect(code, said).toBe(0)
    expect(said).toContain('another push is at work here')
    expect(remoteHead('main')).toBe(head)
    expect(server.evidence).toEqual([])
    rmSync(lock)
    expect((await machine.stemma(['push', '--retry'])).code).toBe(0)
    expect(sentSessions()).toHaveLength(1)
  })

  it('at the same time as another one: both bring their code, and each session’s evidence arrives once', async () => {
    await setUp()
    const program = installProgram()
    const main = committed('s1', 'one.ts')
    machine.git('checkout', '-q', '-b', 'other')
    const other = committed('s2', 'two.ts')
    const pushes = ['main', 'other'].map((branch) => push(program, '-q', 'origin', branch).ended)
    for (const { code, said } of await Promise.all(pushes)) expect(code, said).toBe(0)
    expect([remoteHead('main'), remoteHead('other')]).toEqual([main, other])
    // On a slow machine one of them may have given up waiting for the other.
    expect((await machine.stemma(['push', '--retry'])).code).toBe(0)
    expect(sentSessions()).toHaveLength(2)
    expect(receipts()).toHaveLength(2)
  })
})

it('a holder that was killed and that nobody has waited for runs no more', async () => {
  if (!existsSync('/proc/self/stat')) return
  // The shell becomes another program, which waits for no child of the shell's.
  const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] })
  let said = ''
  parent.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await until('its number', () => said.endsWith('\n'))
  const pid = Number(said)
  await until('the shell to be another program', () => readFileSync(`/proc/${parent.pid}/comm`, 'utf8') === 'sleep\n')
  process.kill(pid, 'SIGKILL')
  await until('its end', () => / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')))
  process.kill(pid, 0)
  expect(isRunning(pid)).toBe(false)
  expect(isRunning(process.pid)).toBe(true)
  parent.kill()
})

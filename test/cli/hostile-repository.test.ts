/** A repository whose files are links to what never ends, or pipes that nobody writes into: nothing waits, all say so. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMachine, type Machine } from './machine.ts'

let machine: Machine

beforeAll(async () => {
  machine = createMachine()
  expect((await machine.stemma(['init', '--yes', '--agent', 'claude-code'])).code).toBe(0)
  machine.commit({}, 'Set up')
}, 60_000)
afterAll(() => machine.remove())

/** As a clone brings a link, or as somebody leaves a pipe. */
const traps: readonly (readonly [string, (path: string) => void])[] = [
  ['a link to a device without end', (path) => symlinkSync('/dev/zero', path)],
  ['a pipe that nobody writes into', (path) => execFileSync('sh', ['-c', 'mkfifo "$0"', path])],
  ['a file of a size that no person writes', (path) => writeFileSync(path, Buffer.alloc(5 * 1024 * 1024, ' '))],
]

const refs = (head: string) => `refs/heads/main ${head} refs/heads/main ${'0'.repeat(40)}\n`

describe.each(traps)('%s', (_, set) => {
  it('in place of .stemma.yml: a push goes on, and every command says what is there', async () => {
    const path = join(machine.root, '.stemma.yml')
    rmSync(path)
    set(path)
    const pushed = await machine.stemma(['push', '--hook', '--remote', 'origin'], {
      input: refs(machine.git('rev-parse', 'HEAD')),
    })
    expect([pushed.code, pushed.stderr]).toEqual([0, expect.stringMatching(/\.stemma\.yml (?:is no|has \d+ bytes)/)])
    const asked = await machine.stemma(['status'])
    expect([asked.code, asked.stderr]).toEqual([2, expect.stringMatching(/\nhint: .*`ls -lL .*\.stemma\.yml`/)])
    rmSync(path)
    machine.git('checkout', '-q', '--', '.stemma.yml')
  })

  it('in place of an agent’s settings: doctor has a line for it, and init writes nothing', async () => {
    const path = join(machine.root, '.gemini', 'settings.json')
    mkdirSync(join(machine.root, '.gemini'))
    set(path)
    const { checks } = JSON.parse((await machine.stemma(['doctor', '--json'])).stdout) as {
      checks: readonly { name: string; state: string; fix: string }[]
    }
    expect(checks.find(({ name }) => name === 'hooks of Gemini CLI')).toMatchObject({
      state: 'failed',
      fix: expect.stringContaining(`ls -lL ${path}`),
    })
    expect(checks.find(({ name }) => name === 'Git hooks')).toMatchObject({ state: 'ok' })
    expect((await machine.stemma(['init', '--yes'])).code).toBe(2)
    rmSync(join(machine.root, '.gemini'), { recursive: true })
  })
})

it('an import that never ends is refused, and one through a pipe is read', async () => {
  const endless = await machine.stemma(['import', '/dev/zero'])
  expect([endless.code, endless.stderr]).toEqual([4, expect.stringContaining('more than 67108864 bytes')])
  const [program, environment] = machine.program
  const script = `printf '{"version":"9.9"}' | "$0" "$1" import /dev/stdin`
  const piped = spawnSync('sh', ['-c', script, process.execPath, program], {
    cwd: machine.root,
    env: { ...environment },
    encoding: 'utf8',
  })
  expect([piped.status, piped.stderr]).toEqual([4, expect.stringContaining('is not known here')])
})

/** Disks that take nothing more, and folders that cannot be written: nothing stops, and each command says what is wrong. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asStorageFault } from '#cli/io/storage.ts'
import { createMachine, type Machine } from './machine.ts'
import { writeTranscript } from './transcript.ts'

let machine: Machine

beforeAll(async () => {
  machine = createMachine()
  expect((await machine.stemma(['init', '--yes', '--agent', 'claude-code'])).code).toBe(0)
  machine.commit({}, 'Set up')
  writeTranscript(machine.home, machine.root, {
    id: 's1',
    prompt: 'Write a basket.',
    startedAt: new Date(Date.now() - 60_000).toISOString(),
    turns: [
      {
        messageId: 's1-1',
        write: { path: 'basket.ts', content: 'export {}\n' },
        usage: { input: 1, cacheRead: 0, cacheWrite: 0, output: 5 },
      },
    ],
  })
  machine.commit({ 'basket.ts': 'export {}\n' }, 'Add a basket')
  mkdirSync(machine.state, { recursive: true })
}, 60_000)
afterAll(() => machine.remove())

/** ulimit bounds what the process may write to files, as a quota or a full disk does. */
function onFullDisk(words: readonly string[], input = '') {
  const [path, environment] = machine.program
  const script = `trap '' XFSZ; ulimit -f 0; exec "$0" "$@"`
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script, process.execPath, path, ...words], {
    cwd: machine.root,
    env: { ...environment },
    input,
    encoding: 'utf8',
  })
  return { code: status, stdout, stderr }
}

const check = (stdout: string, name: string) =>
  JSON.parse(stdout).checks.find((one: { name: string }) => one.name === name)

describe('a full disk', () => {
  it('is told by doctor and status, which leave nothing behind', () => {
    expect(check(onFullDisk(['doctor', '--json']).stdout, 'local state')).toMatchObject({
      state: 'failed',
      detail: expect.stringContaining('cannot be written: the disk is full; what the hooks see meanwhile is lost'),
      fix: `free some space: df -h ${machine.state}`,
    })
    const status = onFullDisk(['status'])
    expect(status.code).toBe(0)
    expect(status.stdout).toContain('local state does not work: run `stemma doctor`')
    expect(JSON.parse(onFullDisk(['status', '--json']).stdout).localState).toMatchObject({ state: 'failed' })
    expect(Object.keys(machine.snapshot(machine.state)).filter((path) => path.includes('probe'))).toEqual([])
  })

  it('lets what only reads be read, and the push of the code go on', () => {
    const blamed = onFullDisk(['blame', 'basket.ts'])
    expect([blamed.code, blamed.stderr]).toEqual([0, ''])
    expect(blamed.stdout).toMatch(/^ai .* export \{\}\n$/)
    const head = machine.git('rev-parse', 'HEAD')
    const refs = `refs/heads/main ${head} refs/heads/main ${'0'.repeat(40)}\n`
    const pushed = onFullDisk(['push', '--hook', '--remote', 'origin'], refs)
    expect(pushed.code, pushed.stderr).toBe(0)
    expect(pushed.stderr).toContain('the disk is full. The push of your code goes on.\nhint: Free some space')
    const byHand = onFullDisk(['push', '--json'])
    expect(byHand.code).toBe(3)
    expect(JSON.parse(byHand.stdout)).toMatchObject({
      code: 'storage-unavailable',
      hint: expect.stringMatching(/`df -h`/),
    })
  })
})

describe('a folder that cannot be written', () => {
  // A file where a folder should be is what no user can write into, root included.
  it('of keys: no key can be made, and doctor says where one could', async () => {
    rmSync(join(machine.home, '.config'), { recursive: true, force: true })
    writeFileSync(join(machine.home, '.config'), '')
    const found = check((await machine.stemma(['doctor', '--json'])).stdout, 'own folder')
    expect(found).toMatchObject({ state: 'failed', fix: expect.stringContaining('export XDG_CONFIG_HOME=') })
    expect(found.detail).toContain('no key can be made')
    const pushed = await machine.stemma(['push'])
    expect([pushed.code, pushed.stderr]).toEqual([
      3,
      expect.stringMatching(/cannot be used: .*\nhint: .*`stemma doctor`/),
    ])
    rmSync(join(machine.home, '.config'))
    expect(check((await machine.stemma(['doctor', '--json'])).stdout, 'own folder')).toMatchObject({ state: 'ok' })
    expect(existsSync(join(machine.home, '.config'))).toBe(false)
  })

  it('of the local state', async () => {
    renameSync(machine.state, `${machine.state}.aside`)
    writeFileSync(machine.state, '')
    expect(check((await machine.stemma(['doctor', '--json'])).stdout, 'local state')).toMatchObject({
      state: 'failed',
      detail: expect.stringContaining('a file stands where a folder should be'),
    })
    rmSync(machine.state)
    // Looking is no set-up: hooks take the folder for one.
    await machine.stemma(['doctor'])
    await machine.stemma(['status'])
    expect(existsSync(machine.state)).toBe(false)
    renameSync(`${machine.state}.aside`, machine.state)
  })

  it('is no defect of Stemma’s, and a defect is no such folder', () => {
    const refusal = (code: string) => Object.assign(new Error(code), { code, path: '/some/file' })
    for (const code of ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM'])
      expect(asStorageFault(refusal(code))).toMatchObject({ code: 'storage-unavailable', exit: 3 })
    expect(asStorageFault(refusal('ENOENT'))).toBeNull()
    expect(asStorageFault(new Error('x is not a function'))).toBeNull()
  })
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { plain, plainBlock, wantsColour } from '#cli/io/terminal.ts'
import manifest from '../../package.json' with { type: 'json' }
import { createMachine, type Machine } from './machine.ts'

let machine: Machine
beforeAll(() => {
  machine = createMachine()
})
afterAll(() => machine.remove())

describe('a misspelt call', () => {
  it.each([
    [['push', '--jsn'], '--json'],
    [['init', '--sever', 'x'], '--server'],
    [['statuss'], 'status'],
  ])('%j is an error that suggests %s', async (words, suggestion) => {
    const ran = await machine.stemma(words)
    expect(ran.code).toBe(2)
    expect(ran.stdout).toBe('')
    expect(ran.stderr).toMatch(/^stemma: unknown (option|command)/)
    expect(ran.stderr).toContain(`Did you mean ${suggestion}?`)
  })

  it('is a problem object on stdout with --json', async () => {
    const ran = await machine.stemma(['usage', '--json', '--by', 'weekday'])
    expect(ran.code).toBe(2)
    expect(JSON.parse(ran.stdout)).toMatchObject({ code: 'request-malformed', status: 400, hint: expect.any(String) })
  })

  it('without a command, says what there is to see', async () => {
    const ran = await machine.stemma([])
    expect(ran.code).toBe(2)
    expect(ran.stderr).toContain('stemma --help')
  })
})

describe('help', () => {
  it('lists every command and begins with examples', async () => {
    const all = await machine.stemma(['--help'])
    expect(all.code).toBe(0)
    for (const name of ['init', 'status', 'doctor', 'push', 'sessions', 'usage', 'verify', 'uninstall']) {
      expect(all.stdout).toMatch(new RegExp(`^  ${name}\\b`, 'm'))
    }
    expect(all.stdout).not.toContain('git-hooks')
    expect(all.stdout.match(/^\S.*:$/gm)).toEqual([
      'Options:',
      'Set up:',
      'Look at what is captured:',
      'Make and send evidence:',
      'Rules:',
      'Prove and exchange:',
      'Commands:', // of commander: help
    ])
    const one = await machine.stemma(['push', '--help'])
    expect(one.stdout.startsWith('Examples:')).toBe(true)
    expect(one.stdout).not.toContain('--hook')
  })

  it('prints the version', async () => {
    expect((await machine.stemma(['--version'])).stdout).toBe(`${manifest.version}\n`)
  })
})

it('ends without a word where nobody reads on, as behind `| head`', async () => {
  const [path, env] = machine.program
  const child = spawn(process.execPath, [path, 'doctor', '--agents'], {
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout.destroy()
  const said: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk))
  const [code] = await once(child, 'close')
  expect({ code, said: Buffer.concat(said).toString() }).toEqual({ code: 0, said: '' })
})

describe('outside of a repository', () => {
  it.each(['status', 'push', 'init', 'uninstall'])('%s ends with 2 and a hint', async (command) => {
    const ran = await machine.stemma([command, '--cwd', machine.home])
    expect(ran.code).toBe(2)
    expect(ran.stderr).toMatch(/^stemma: .*\nhint: .*git init/s)
  })
})

describe('without a terminal', () => {
  it('asks nothing', async () => {
    const ran = await machine.stemma(['init'])
    expect(ran.code).toBe(0)
    expect(ran.stderr).not.toContain('[y/N]')
    const out = await machine.stemma(['uninstall'])
    expect(out.code).toBe(0)
    expect(out.stderr).not.toContain('[y/N]')
  })

  it('writes no colours, unless it is told to', async () => {
    expect((await machine.stemma(['doctor'])).stdout).not.toContain('\u001b')
    expect((await machine.stemma(['doctor'], { environment: { FORCE_COLOR: '1' } })).stdout).toContain('\u001b')
    const both = { environment: { FORCE_COLOR: '1', NO_COLOR: '1' } }
    expect((await machine.stemma(['doctor'], both)).stdout).not.toContain('\u001b')
  })
})

describe('colour', () => {
  it.each([
    [true, {}, true, true],
    [false, { FORCE_COLOR: '1' }, true, false],
    [true, { NO_COLOR: '' }, true, true],
    [true, { TERM: 'dumb' }, true, false],
    [true, { FORCE_COLOR: '0' }, true, false],
    [true, {}, false, false],
  ])('flag %s, %j, terminal %s: %s', (flag, environment, isTerminal, expected) => {
    expect(wantsColour(flag, environment, isTerminal)).toBe(expected)
  })
})

describe('text of others', () => {
  it('loses what a terminal would obey, and nothing else', () => {
    expect(plain('a\u001b[31mb\u001b[0m\u001b]8;;http://x\u0007c\u009b2Jd\ne')).toBe('abc2Jd e')
    expect(plainBlock('  a\tb\r\n\u001b[2Jc')).toBe('  a\tb\nc')
    expect(plain('naïve 漢字 🙂')).toBe('naïve 漢字 🙂')
  })
})

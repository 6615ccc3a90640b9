/** The plugin as OpenCode loads it, with a program `stemma` of the test's own. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { PLUGIN } from '#core/agents/opencode/plugin.ts'

type Hook = (input: unknown, output?: unknown) => Promise<void>
type Hooks = Readonly<Record<'event' | 'chat.message' | 'tool.execute.before' | 'tool.execute.after', Hook>>

let folder = ''
let hooks: Hooks
const path = process.env['PATH'] ?? ''

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stemma-plugin-'))
  writeFileSync(join(folder, 'plugin.mjs'), PLUGIN)
  const loaded: { Stemma: (place: { directory: string }) => Promise<Hooks> } = await import(
    pathToFileURL(join(folder, 'plugin.mjs')).href
  )
  hooks = await loaded.Stemma({ directory: folder })
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(() => {
  rmSync(join(folder, 'heard'), { force: true })
  vi.stubEnv('PATH', `${folder}:${path}`)
})

function install(answer: string): void {
  const program = `#!/bin/sh\n{ echo "$@"; cat; echo; } >>"${folder}/heard"\n${answer}\n`
  writeFileSync(join(folder, 'stemma'), program, { mode: 0o755 })
}

/** What the program was called with, and what it was told. */
function heard(): readonly (readonly [call: string, payload: unknown])[] {
  const lines = readFileSync(join(folder, 'heard'), 'utf8').trimEnd().split('\n')
  return lines.flatMap((line, index) => (index % 2 === 0 ? [[line, JSON.parse(lines[index + 1] ?? '')] as const] : []))
}

const call = { tool: 'bash', sessionID: 'ses_1', callID: 'call_1' }

test('tells each event, and a subagent’s as its session’s', async () => {
  install('')
  await hooks.event({ event: { type: 'session.created', properties: { info: { id: 'ses_1' } } } })
  await hooks['chat.message']({ sessionID: 'ses_1' })
  await hooks.event({ event: { type: 'session.created', properties: { info: { id: 'ses_2', parentID: 'ses_1' } } } })
  await hooks['chat.message']({ sessionID: 'ses_2' })
  await hooks['tool.execute.before']({ ...call, sessionID: 'ses_2' }, { args: { command: 'ls' } })
  await hooks['tool.execute.after']({ ...call, args: { command: 'ls' } }, { output: 'long' })
  await hooks.event({ event: { type: 'session.idle', properties: { sessionID: 'ses_2' } } })
  await hooks.event({ event: { type: 'session.idle', properties: { sessionID: 'ses_1' } } })
  await hooks.event({ event: { type: 'message.updated', properties: {} } })
  const about = { cwd: folder, sessionID: 'ses_1' }
  const told = { ...about, callID: 'call_1', tool: 'bash', args: { command: 'ls' } }
  expect(heard()).toEqual([
    ['hook opencode session.created', { ...about, event: 'session.created' }],
    ['hook opencode chat.message', { ...about, event: 'chat.message' }],
    ['hook opencode tool.execute.before', { ...told, event: 'tool.execute.before' }],
    ['hook opencode tool.execute.after', { ...told, event: 'tool.execute.after' }],
    ['hook opencode session.idle', { ...about, event: 'session.idle' }],
  ])
})

test('stops a call that the guard refuses, and no other', async () => {
  install(`echo '{"decision":"deny","reason":"The hooks stay on."}'`)
  const before = hooks['tool.execute.before'](call, { args: {} })
  await expect(before).rejects.toThrow('Denied by Stemma: The hooks stay on.')
  await hooks['tool.execute.after'](call)
  install(`echo '{"decision":"ask"}'`)
  await hooks['tool.execute.before'](call, { args: {} })
})

test.each(['exit 1', 'echo not JSON', 'exec 0<&-; exit 3', 'kill -9 $$'])(
  'a program that does `%s` breaks nothing',
  async (answer) => {
    install(answer)
    await hooks['tool.execute.before'](call, { args: { content: 'x'.repeat(300_000) } })
  },
)

test('without the program nothing happens', async () => {
  vi.stubEnv('PATH', join(folder, 'nowhere'))
  await hooks['tool.execute.before'](call, { args: {} })
  await hooks.event({})
})

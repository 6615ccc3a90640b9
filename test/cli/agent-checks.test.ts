import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkCodexTrust, checkGeminiShell } from '#cli/setup/agent-checks.ts'
import { codexEvents, codexHookFile } from '#core/agents/codex/hook-file.ts'
import { geminiCli } from '#core/agents/gemini-cli/index.ts'

let place: string
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'stemma-checks-'))
})
afterEach(() => rmSync(place, { recursive: true, force: true }))

const root = () => join(place, 'shop')
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(place, path)), { recursive: true })
  writeFileSync(join(place, path), text)
}

describe('trust of Codex', () => {
  const check = (environment: Record<string, string> = {}) =>
    checkCodexTrust({ root: root() }, { home: join(place, 'home'), environment })
  const install = () => write('shop/.codex/hooks.json', codexHookFile.install(null))
  const trust = () => `[projects."${root()}"]\ntrust_level = "trusted"\n`
  const names = () => codexEvents.map((event) => event.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase())
  const approve = (events: readonly string[], more = '') =>
    events
      .map((event) => `[hooks.state."${root()}/.codex/hooks.json:${event}:0:0"]\ntrusted_hash = "sha256:1"\n${more}`)
      .join('')
  const configure = (text: string) => write('home/.codex/config.toml', text)

  it('is nobody’s question where its hooks are not installed', async () => expect(await check()).toBeNull())

  it('is missing where the folder is not trusted', async () => {
    install()
    expect(await check()).toMatchObject({
      state: 'warning',
      detail: expect.stringContaining('does not trust this folder'),
    })
  })
  it('is missing where no hook is approved, and says what to type', async () => {
    install()
    configure(trust())
    expect(await check()).toMatchObject({
      state: 'warning',
      detail: expect.stringContaining('no hook is approved'),
      fix: expect.stringContaining('/hooks'),
    })
  })
  it('names the hooks that are not approved', async () => {
    install()
    configure(trust() + approve(names().filter((name) => name !== 'pre_tool_use')))
    expect(await check()).toMatchObject({
      state: 'warning',
      detail: expect.stringContaining('not approved: PreToolUse,'),
    })
  })
  it('is there where every hook is approved', async () => {
    install()
    configure(trust() + approve(names()))
    expect(await check()).toMatchObject({ state: 'ok', fix: null })
  })
  it('is not there for hooks of another file, or ones that are switched off', async () => {
    install()
    configure(trust() + approve(names()).replaceAll('/shop/', '/other/'))
    expect(await check()).toMatchObject({ detail: expect.stringContaining('no hook is approved') })
    configure(trust() + approve(names(), 'enabled = false\n'))
    expect(await check()).toMatchObject({ detail: expect.stringContaining('no hook is approved') })
  })
  it('looks where the settings of Codex were moved to, and says where it cannot read them', async () => {
    install()
    write('moved/config.toml', trust() + approve(names()))
    expect(await check({ CODEX_HOME: join(place, 'moved') })).toMatchObject({ state: 'ok' })
    write('moved/config.toml', 'broken = ')
    expect(await check({ CODEX_HOME: join(place, 'moved') })).toMatchObject({
      state: 'warning',
      detail: expect.stringContaining('cannot be read'),
    })
  })
})

describe('the shell of Gemini CLI', () => {
  const check = (environment: Record<string, string> = {}) => checkGeminiShell({ root: root() }, { environment })
  it('is nobody’s question where Gemini CLI is not set up', async () => expect(await check()).toBeNull())
  it('is told of, with what to do', async () => {
    write('shop/.gemini/settings.json', geminiCli.hookFile.install(null))
    expect(await check()).toMatchObject({ state: 'warning', fix: expect.stringContaining('stemma push') })
    const inside = { GIT_CONFIG_COUNT: '2', GIT_CONFIG_KEY_1: 'core.hooksPath', GIT_CONFIG_VALUE_1: '' }
    expect(await check(inside)).toMatchObject({ detail: expect.stringContaining('this shell') })
    expect(await check({ ...inside, GIT_CONFIG_VALUE_1: '/x' })).toMatchObject({
      detail: expect.stringContaining('its shell'),
    })
  })
})

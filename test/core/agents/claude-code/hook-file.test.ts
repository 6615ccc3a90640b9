import fc from 'fast-check'
import { parse } from 'jsonc-parser'
import { describe, expect, test } from 'vitest'
import { claudeHookFile } from '#core/agents/claude-code/hook-file.ts'
import { GATE_COMMAND, HOOK_COMMAND, hookGroups } from '#core/agents/claude-code/hook-groups.ts'

const { install, uninstall, isInstalled } = claudeHookFile

const originals: Record<string, string> = {
  'an empty object': '{}',
  'an empty object on two lines': '{\n}\n',
  'an empty object with a comment': '{ /* nothing yet */ }',
  'no hooks': '{\n  "model": "opus"\n}\n',
  'no hooks and no final newline': '{\n  "model": "opus"\n}',
  'a trailing comma': '{\n  "model": "opus", // ours\n}\n',
  'a comment behind the last member': '{\n  "model": "opus" // keep\n  // and this\n}\n',
  'Windows line ends and tabs': '{\r\n\t"model": "opus"\r\n}\r\n',
  'a byte order mark': '\uFEFF{"model":"opus"}',
  'empty hooks': '{"hooks":{}}',
  'empty hooks on two lines': '{\n  "hooks": {\n  }\n}\n',
  'an empty event': '{\n  "hooks": {\n    "Stop": []\n  }\n}\n',
  'an empty event with space': '{"hooks":{"Stop":[   ],"Other":[1,]},}',
  'hooks of others': `{
  // how we work
  "hooks": {
    "Stop": [
      { "hooks": [{ "type": "command", "command": "npm run lint" }] } // lint
    ],
    "PreToolUse": [
      { "matcher": "Bash", "hooks": [{ "type": "command", "command": "./guard" }] },
    ], /* last */
  },
  "permissions": { "deny": ["Read(./.env)"] }
}
`,
  'minified hooks of others': '{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"x"}]}]},"a":1}',
  'carriage returns only': '{\r  "a": [],\r  "b": 1\r}',
}

describe('install', () => {
  test('writes a whole file where there was none', () => {
    const written: { hooks: Record<string, [{ matcher?: string; hooks: [{ command: string; timeout: number }] }]> } =
      JSON.parse(install(null))
    expect(Object.keys(written.hooks).toSorted()).toEqual([
      'PostToolUse',
      'PostToolUseFailure',
      'PreCompact',
      'PreToolUse',
      'SessionEnd',
      'SessionStart',
      'Stop',
      'SubagentStop',
      'UserPromptSubmit',
    ])
    expect(written.hooks['PreToolUse']?.[0].matcher).toBe(
      'Edit|Write|MultiEdit|NotebookEdit|Bash|NotebookRead|Read|Grep|mcp__.*',
    )
    expect(written.hooks['Stop']?.[0].matcher).toBeUndefined()
    for (const [event, [group]] of Object.entries(written.hooks)) {
      expect(group.hooks[0].command).toBe(event === 'PreToolUse' ? GATE_COMMAND : HOOK_COMMAND)
    }
  })

  test.each(Object.entries(originals))('keeps the meaning of %s and adds every hook once', (_, text) => {
    const before = parse(text) as { hooks?: Record<string, unknown[]> }
    const after = parse(install(text)) as { hooks: Record<string, unknown[]> }
    for (const [event, group] of hookGroups) {
      expect(after.hooks[event]).toEqual([...(before.hooks?.[event] ?? []), group])
    }
    expect({ ...after, hooks: null }).toEqual({ ...before, hooks: null })
    expect(isInstalled(text)).toBe(false)
    expect(isInstalled(install(text))).toBe(true)
    expect(install(install(text))).toBe(install(text))
  })

  test('replaces what an older version wrote', () => {
    const old = install('{"a":1}').replaceAll(HOOK_COMMAND, 'stemma hook claude-code --old')
    expect(isInstalled(old)).toBe(false)
    expect(isInstalled(install(old))).toBe(true)
    expect(install(old)).not.toContain('--old')
  })

  test('keeps comments where they were', () => {
    const text = install(originals['hooks of others'] ?? '')
    expect(text).toContain('// how we work')
    expect(text).toMatch(/"npm run lint" \}\] \}, \/\/ lint\n/)
  })

  test.each(['{', '[]', '{"hooks":[]}', '{"hooks":{"Stop":{}}}', 'null'])('refuses %s', (text) => {
    expect(() => install(text)).toThrowError(expect.objectContaining({ code: 'configuration-malformed' }))
  })
})

describe('uninstall', () => {
  test('gives nothing back where there was no file', () => expect(uninstall(install(null))).toBeNull())

  test.each(Object.entries(originals))('gives back %s byte for byte', (_, text) => {
    expect(uninstall(install(text))).toBe(text)
  })

  test('leaves a file alone that has no hooks of ours', () => {
    for (const text of Object.values(originals)) expect(uninstall(text)).toBe(text)
  })

  test('gives back any settings byte for byte', () => {
    fc.assert(
      fc.property(settings, (text) => {
        expect(uninstall(install(text))).toBe(text)
      }),
      { numRuns: 600 },
    )
  })

  test('keeps what a person added to our file', () => {
    const changed = install(null).replace('{\n', '{\n  // mine\n  "model": "opus",\n')
    expect(parse(uninstall(changed) ?? '')).toEqual({ model: 'opus' })
    expect(uninstall(changed)).toContain('// mine')
  })

  test('takes our hook out of a group that a person shares with it', () => {
    const shared = `{"hooks":{"Stop":[{"hooks":[{"command":"lint"},{"type":"command","command":"${HOOK_COMMAND}"}]}]}}`
    expect(uninstall(shared)).toBe('{"hooks":{"Stop":[{"hooks":[{"command":"lint"}]}]}}')
  })
})

/** JSON with comments, trailing commas and white space of every kind between the tokens. */
const blank = fc.constantFrom('', '', ' ', '\n', '\r\n', '\n  ', '\t', ' /* c */ ', ' // note\n', ' // note \r\n    ')
const scalar = fc.oneof(
  fc.constantFrom('1', 'true', 'null', '"x"', '"// no"', '"]},{"'),
  fc.string().map((text) => JSON.stringify(text)),
)
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    array(tie('value')),
    object(fc.uniqueArray(fc.constantFrom('a', 'b', 'c')), () => tie('value')),
  ),
}))
const groups = array(fc.oneof(value, fc.constant('{"hooks":[{"type":"command","command":"lint"}]}')))
const hooks = object(
  fc.uniqueArray(fc.constantFrom(...hookGroups.map(([event]) => event), 'Notification'), { maxLength: 4 }),
  () => groups,
)
const names = fc.uniqueArray(fc.constantFrom('hooks', 'a', 'b', 'hooks '), { maxLength: 4 })
const settings = fc
  .tuple(
    blank,
    object(names, (name) => (name === 'hooks' ? hooks : value)),
    blank,
  )
  .map((parts) => parts.join(''))

function array(content: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const members = fc.array(fc.tuple(blank, content, blank), { maxLength: 3 })
  return fc.tuple(members, blank, fc.boolean()).map((parts) => join('[', ']', ...parts))
}

function object(keys: fc.Arbitrary<string[]>, content: (name: string) => fc.Arbitrary<string>): fc.Arbitrary<string> {
  const members = keys.chain((all) =>
    fc.tuple(...all.map((name) => fc.tuple(blank, member(name, content(name)), blank))),
  )
  return fc.tuple(members, blank, fc.boolean()).map((parts) => join('{', '}', ...parts))
}

function member(name: string, content: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(blank, blank, content).map(([left, right, text]) => `${JSON.stringify(name)}${left}:${right}${text}`)
}

function join(open: string, close: string, members: readonly string[][], gap: string, trailing: boolean): string {
  const body = members.map((parts) => parts.join('')).join(',')
  return `${open}${body}${trailing && members.length > 0 ? ',' : ''}${gap}${close}`
}

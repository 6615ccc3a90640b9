import { describe, expect, it } from 'vitest'
import { cursorGuard } from '#core/agents/cursor/guard.ts'
import { decide } from '#core/guard/decide.ts'
import type { PendingCall } from '#core/guard/guard.ts'
import { guardPolicies } from '#core/guard/policies.ts'
import { agentGuards } from '#core/guard/registry.ts'
import type { Contract } from '#core/policy/contract.ts'
import { policies } from '#core/policy/registry.ts'

const root = '/home/ada/shop'
const places = { roots: [root], home: '/home/ada' }
const everything: Contract = {
  name: 'test',
  version: 1,
  policies: guardPolicies
    .filter(({ id }) => ['no-force-push', 'network-egress'].includes(id) === false)
    .map(({ id }) => ({ policy: id, with: {}, gate: true })),
  missingSession: 'success',
}
const advisory: Contract = { ...everything, policies: everything.policies.map((entry) => ({ ...entry, gate: false })) }
const closed: Contract = { ...everything, guard: { unsure: 'deny', failure: 'deny' } }

type Wanted = readonly [decision: 'allow' | 'ask' | 'deny', policy?: string]

/** What every agent can be told to do, in the words that its hook would use. */
interface Words {
  readonly shell: (command: string) => unknown
  readonly write: (path: string) => unknown
  readonly read?: (path: string) => unknown
  readonly server?: (name: string) => unknown
}

const claudeForm = (event: string, more: object) => (tool: string, input: object) => ({
  session_id: 's1',
  cwd: root,
  hook_event_name: event,
  tool_name: tool,
  tool_input: input,
  tool_use_id: 'c1',
  ...more,
})
const claude = claudeForm('PreToolUse', { transcript_path: '/home/ada/.claude/projects/-shop/s1.jsonl' })
const codex = claudeForm('PreToolUse', { turn_id: 't1', model: 'gpt-5.5' })
const gemini = claudeForm('BeforeTool', { tool_use_id: undefined })
const copilot = (tool: string, input: object) => ({
  sessionId: 's1',
  timestamp: 1,
  cwd: root,
  toolName: tool,
  toolArgs: JSON.stringify(input),
})
const cursor = (event: string, fields: object) => ({
  conversation_id: 's1',
  generation_id: 'g1',
  cursor_version: '2',
  workspace_roots: [root],
  hook_event_name: event,
  ...fields,
})
const opencode = (tool: string, args: object) => ({
  event: 'tool.execute.before',
  sessionID: 's1',
  callID: 'c1',
  cwd: root,
  tool,
  args,
})
const patch = (path: string) => `*** Begin Patch\n*** Update File: ${path}\n@@\n-a\n+b\n*** End Patch`

const words: Readonly<Record<string, Words>> = {
  'claude-code': {
    shell: (command) => claude('Bash', { command }),
    write: (path) => claude('Write', { file_path: `${root}/${path}`, content: 'x' }),
    read: (path) => claude('Read', { file_path: `${root}/${path}` }),
    server: (name) => claude(`mcp__${name}__ask`, { question: 'x' }),
  },
  codex: {
    shell: (command) => codex('Bash', { command }),
    write: (path) => codex('apply_patch', { command: patch(path) }),
    server: (name) => codex(`mcp__${name}__ask`, {}),
  },
  'gemini-cli': {
    shell: (command) => gemini('run_shell_command', { command }),
    write: (path) => gemini('write_file', { file_path: `${root}/${path}`, content: 'x' }),
    read: (path) => gemini('read_file', { absolute_path: `${root}/${path}` }),
    server: (name) => ({
      ...gemini(`mcp_${name}_ask`, { server_name: 'tracker' }),
      mcp_context: { server_name: name },
    }),
  },
  'copilot-cli': {
    shell: (command) => copilot('bash', { command }),
    write: (path) => copilot('create', { path: `${root}/${path}`, file_text: 'x' }),
    read: (path) => copilot('view', { path: `${root}/${path}` }),
  },
  cursor: {
    shell: (command) => cursor('beforeShellExecution', { command, cwd: root }),
    write: (path) => cursor('preToolUse', { tool_name: 'Write', tool_input: { path: `${root}/${path}` } }),
    read: (path) => cursor('beforeReadFile', { file_path: `${root}/${path}`, content: '' }),
    server: (name) =>
      cursor('beforeMCPExecution', {
        tool_name: 'ask',
        tool_input: '{"mcp_server_name":"tracker"}',
        mcp_server_name: name,
        command: 'npx tracker',
      }),
  },
  opencode: {
    shell: (command) => opencode('bash', { command }),
    write: (path) => opencode('write', { filePath: `${root}/${path}`, content: 'x' }),
    read: (path) => opencode('read', { filePath: `${root}/${path}` }),
  },
}

const shellCases: Readonly<Record<string, Wanted>> = {
  'git commit --no-verify -m x': ['deny', 'no-hook-bypass'],
  'bash -lc "cd app && git commit -nm x"': ['deny', 'no-hook-bypass'],
  'rm -rf /': ['deny', 'no-dangerous-commands'],
  'cat .env': ['deny', 'no-secret-access'],
  'rm LICENSE': ['deny', 'protected-paths'],
  'git commit $FLAGS -m x': ['ask', 'no-hook-bypass'],
  'git commit -m "explain --no-verify"': ['allow'],
  'npm test': ['allow'],
}

const replies: Readonly<Record<string, (decision: string, reason: string) => unknown>> = {
  'claude-code': (decision, reason) => specific(decision, reason),
  codex: (decision, reason) => specific(decision, reason),
  'gemini-cli': (decision, reason) => ({ decision, reason }),
  'copilot-cli': (decision, reason) => ({ permissionDecision: decision, permissionDecisionReason: reason }),
  cursor: (permission, reason) => ({ permission, user_message: reason, agent_message: reason }),
  opencode: (decision, reason) => ({ decision, reason }),
}

function specific(permissionDecision: string, permissionDecisionReason: string) {
  return { hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision, permissionDecisionReason } }
}

const canAsk = new Set(['claude-code', 'cursor'])

describe.each(agentGuards)('the guard of $agent', (guard) => {
  const own = words[guard.agent]
  if (own === undefined) throw new TypeError(`no payloads for ${guard.agent}`)
  const ask = (payload: unknown, contract: Contract = everything) => {
    const call = guard.readCall(payload)
    if (call === null) throw new TypeError('not read as a call')
    return decide({ contract, call, places, canAsk: guard.canAsk(payload) }, guardPolicies)
  }

  it.each(Object.entries(shellCases))('%s', (command, [decision, policy]) => {
    const payload = own.shell(command)
    const answer = ask(payload)
    const expected = decision === 'ask' && !canAsk.has(guard.agent) ? 'allow' : decision
    expect(answer.decision).toBe(expected)
    expect(answer.policies[0]).toBe(policy)
    if (answer.decision === 'allow') return
    expect(answer.reason).toContain(`policy ${policy}`)
    expect(answer.reason).toContain('Instead: ')
    const reply = guard.reply(answer.decision, answer.reason, payload)
    expect(JSON.parse(reply)).toEqual(replies[guard.agent]?.(answer.decision, answer.reason))
  })

  it('judges edits, reads and servers', () => {
    expect(ask(own.write('.github/workflows/ci.yml'))).toMatchObject({
      decision: 'deny',
      policies: ['protected-paths'],
    })
    expect(ask(own.write('src/app.ts')).decision).toBe('allow')
    if (own.read !== undefined) {
      expect(ask(own.read('.env'))).toMatchObject({ decision: 'deny', policies: ['no-secret-access'] })
      expect(ask(own.read('README.md')).decision).toBe('allow')
    }
    if (own.server !== undefined)
      expect(ask(own.server('weather'))).toMatchObject({ decision: 'deny', policies: ['approved-mcp-servers'] })
  })

  it('asks for an advisory violation where the agent can, and says nothing where it cannot', () => {
    const answer = ask(own.shell('git commit -n -m x'), advisory)
    expect(answer.decision).toBe(canAsk.has(guard.agent) ? 'ask' : 'allow')
    expect(answer.policies).toEqual(['no-hook-bypass'])
  })

  it('denies what it cannot tell where the contract says so and nobody can be asked', () => {
    expect(ask(own.shell('git commit $FLAGS -m x'), closed).decision).toBe(canAsk.has(guard.agent) ? 'ask' : 'deny')
  })

  it('takes no other payload for a call', () => {
    for (const payload of [null, 1, 'x', [], {}, { session_id: 's1', hook_event_name: 'Stop', cwd: root }])
      expect(guard.readCall(payload)).toBeNull()
    const payload = own.shell('x')
    expect(
      guard.readCall({ ...(payload as object), session_id: '../x', sessionId: '', sessionID: '', conversation_id: '' }),
    ).toBeNull()
  })
})

it('leaves a question about a shell command to the hook of Cursor that can ask, where Cursor’s own hooks are there', () => {
  const later = (event: string, tool: string) =>
    cursorGuard.asksLater?.(cursor(event, { tool_name: tool, tool_input: { command: 'ls' } }))
  expect(later('preToolUse', 'Shell')).toBe(true)
  expect(later('preToolUse', 'Write')).toBe(false)
  expect(later('PreToolUse', 'Bash')).toBe(false)
  expect(later('beforeShellExecution', 'Shell')).toBe(false)
})

describe('decide', () => {
  const call = (command: string): PendingCall => ({
    session: 'claude-code:s1',
    callId: null,
    tool: 'Bash',
    category: 'shell',
    input: { command },
    command,
    paths: [],
    edits: [],
    workingDirectory: root,
  })
  const asked = (contract: Contract, command: string) =>
    decide({ contract, call: call(command), places, canAsk: true }, guardPolicies)

  it('says nothing of policies that the contract does not name', () => {
    expect(asked({ ...everything, policies: [] }, 'git commit -n')).toEqual({
      decision: 'allow',
      policies: [],
      reason: '',
    })
  })

  it('takes parameters from the contract', () => {
    const exempt = { policy: 'no-hook-bypass', with: { exempt: ['git commit -n -m x'] }, gate: true }
    expect(asked({ ...everything, policies: [exempt] }, 'git commit -n -m x').decision).toBe('allow')
    expect(asked({ ...everything, policies: [exempt] }, 'git commit -n -m y').decision).toBe('deny')
  })

  it('cannot tell where a policy breaks', () => {
    const broken = { policy: 'no-hook-bypass', with: { exempt: 7 }, gate: true }
    expect(asked({ ...everything, policies: [broken] }, 'ls')).toMatchObject({
      decision: 'ask',
      policies: ['no-hook-bypass'],
    })
  })

  it('lets the strictest answer hold and names its policies first', () => {
    const answer = asked(everything, 'git commit $FLAGS -m x; cat .env')
    expect(answer).toMatchObject({ decision: 'deny', policies: ['no-secret-access', 'no-hook-bypass'] })
    expect(answer.reason).not.toContain('no-hook-bypass')
  })

  it('never names the home folder', () => {
    expect(asked(everything, 'cat /home/ada/.aws/credentials').reason).not.toContain('/home/ada')
  })

  it('judges by every policy that says it can, and by no other', () => {
    const able = policies.filter(({ guards }) => guards === true).map(({ id }) => id)
    expect(guardPolicies.map(({ id }) => id).toSorted()).toEqual(able.toSorted())
  })
})

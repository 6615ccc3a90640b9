/** Turns the short examples of policies into whole subjects; tests and docs run them. */
import {
  type CommitAttribution,
  type LineCounts,
  type LineRange,
  lineClasses,
  noLines,
} from '../attribution/attribution.ts'
import type {
  AgentConfiguration,
  ConfigurationFile,
  ConfiguredHook,
  McpServer,
  PermissionRule,
  Setting,
  Skill,
} from '../configuration/configuration.ts'
import type { Event, EventOf, FileEdit } from '../session/event.ts'
import type { Session } from '../session/session.ts'
import { noUsage } from '../session/usage.ts'
import type { Example, Subject } from './policy.ts'
import type { PullRequest } from './pull-request.ts'

export function exampleSubject(example: Example): Subject {
  const commands = (example.commands ?? []).map((entry) =>
    typeof entry === 'string' ? { command: entry, exit: 0 } : entry,
  )
  const events = [
    ...(example.events ?? []),
    ...commands.flatMap(({ command, exit }, index) => shellEvents(`c${index + 1}`, command, exit)),
  ]
  const session: Session = { ...emptySession, eventCount: events.length, ...example.session, events }
  const { pullRequest = null, configuration = null, spending = null } = example
  return { session, commits: example.commits ?? [], pullRequest, configuration, spending }
}

/** A shell command and its result. `exit` null = the agent recorded none. */
export function shellEvents(id: string, command: string, exit: number | null, output = ''): readonly Event[] {
  return [
    shellCall(id, command),
    {
      ...at(`${id}-result`),
      kind: 'toolResult',
      callId: id,
      outcome: exit === null ? 'unknown' : exit === 0 ? 'ok' : 'failed',
      exitCode: exit,
      output,
      edits: [],
    },
  ]
}

/** A shell command that was stopped before it ran. */
export function deniedShellEvents(id: string, command: string): readonly Event[] {
  const result = {
    ...at(`${id}-result`),
    kind: 'toolResult' as const,
    callId: id,
    outcome: 'denied' as const,
    exitCode: null,
    output: '',
    edits: [],
  }
  return [shellCall(id, command), result]
}

/** A call of any other tool with its result. */
export function toolEvents(id: string, call: ExampleCall): readonly Event[] {
  const { tool, category, input = {}, paths = [], outcome = 'ok', output = '' } = call
  return [
    { ...at(id), kind: 'toolCall', callId: id, tool, category, input: { ...input }, command: null, paths: [...paths] },
    { ...at(`${id}-result`), kind: 'toolResult', callId: id, outcome, exitCode: null, output, edits: [] },
  ]
}

export interface ExampleCall {
  readonly tool: string
  readonly category: EventOf<'toolCall'>['category']
  readonly input?: Readonly<Record<string, unknown>>
  readonly paths?: readonly string[]
  readonly outcome?: EventOf<'toolResult'>['outcome']
  readonly output?: string
}

/** What the program put into the conversation by itself, such as an instruction file. */
export function contextEvent(id: string, source: string, text: string): Event {
  return { ...at(id), kind: 'context', source, text }
}

export function promptEvent(id: string, text: string): Event {
  return { ...at(id), kind: 'prompt', text }
}

/** A commit of one file, whose added lines are of the given classes in this order. */
export function exampleCommit(
  lines: Partial<LineCounts>,
  { path = 'src/parse.ts', commit = 'a'.repeat(40) }: { readonly path?: string; readonly commit?: string } = {},
): CommitAttribution {
  const added = { ...noLines, ...lines }
  const ranges: LineRange[] = []
  for (const kind of lineClasses) {
    const start = (ranges.at(-1)?.end ?? 0) + 1
    const isObserved = kind === 'ai' || kind === 'mixed'
    if (added[kind] === 0) continue
    ranges.push({
      start,
      end: start + added[kind] - 1,
      class: kind,
      session: isObserved ? 'claude-code:example' : null,
      model: isObserved ? 'claude-sonnet-4-5' : null,
      confidence: kind === 'unknown' ? 'none' : 'both',
    })
  }
  return {
    commit,
    parents: [],
    authoredAt: '2026-11-22T09:20:00.000Z',
    subject: 'Parse empty lines',
    patchId: null,
    files: [{ path, status: 'modified', binary: false, ranges, added, removed: noLines }],
    added,
    removed: noLines,
    sessions: ['claude-code:example'],
  }
}

/** A configuration that says nothing but what is given. */
export function exampleConfiguration(parts: Partial<AgentConfiguration> = {}): AgentConfiguration {
  return {
    agent: 'claude-code',
    files: [],
    unread: [],
    accepted: null,
    permissionMode: null,
    permissions: null,
    sandbox: null,
    mcpServers: null,
    trustsEveryMcpServer: null,
    skills: null,
    hooks: null,
    settings: null,
    ...parts,
  }
}

const settingsFile = { file: '.claude/settings.json', layer: 'repository', line: 3 } as const

export function exampleFile(path: string, kind: ConfigurationFile['kind'], digit = '1'): ConfigurationFile {
  return { path, layer: 'repository', kind, digest: digit.repeat(64) }
}

/** A server of the repository's that is started from the machine. */
export function exampleServer(parts: Partial<McpServer> = {}): McpServer {
  return {
    name: 'weather',
    transport: 'stdio',
    target: 'weather-server',
    isPlain: false,
    isOn: true,
    source: 'machine',
    isTrusted: false,
    environment: [],
    headers: [],
    file: '.mcp.json',
    layer: 'repository',
    line: 3,
    ...parts,
  }
}

export function exampleSkill(digest: string | null): Skill {
  return { name: 'release', digest, file: '.claude/skills/release/SKILL.md', layer: 'repository' }
}

export function examplePermission(rule: string, effect: PermissionRule['effect'] = 'allow'): PermissionRule {
  return { effect, rule, ...settingsFile }
}

export function exampleHook(event: string, command: string): ConfiguredHook {
  return { event, command, program: command.split(' ')[0] ?? null, ...settingsFile }
}

export function exampleSetting(kind: Setting['kind'], name: string, value: string | null): Setting {
  return { kind, name, value, ...settingsFile }
}

/** A pull request of one commit by `ada`, signed, with evidence and not yet reviewed. */
export function examplePullRequest(parts: Partial<PullRequest> = {}): PullRequest {
  const sha = 'a'.repeat(40)
  return {
    number: 7,
    author: 'ada',
    base: 'main',
    head: sha,
    commits: [{ sha, author: 'ada', signature: 'verified', hasEvidence: true, isMerge: false }],
    reviews: [],
    ...parts,
  }
}

/** An edit by the agent's own tool. */
export function editEvents(
  id: string,
  path: string,
  lines: readonly string[] = ['+changed'],
  kind: FileEdit['kind'] = 'update',
): readonly Event[] {
  const added = lines.filter((line) => !line.startsWith('-')).length
  const removed = lines.filter((line) => !line.startsWith('+')).length
  const hunk = { oldStart: 1, oldLines: removed, newStart: 1, newLines: added, lines: [...lines] }
  return [
    {
      ...at(id),
      kind: 'toolCall',
      callId: id,
      tool: 'Edit',
      category: 'edit',
      input: {},
      command: null,
      paths: [path],
    },
    {
      ...at(`${id}-result`),
      kind: 'toolResult',
      callId: id,
      outcome: 'ok',
      exitCode: null,
      output: '',
      edits: [{ path, kind, hunks: [hunk], userModified: null }],
    },
  ]
}

function shellCall(id: string, command: string): Event {
  return {
    ...at(id),
    kind: 'toolCall',
    callId: id,
    tool: 'Bash',
    category: 'shell',
    input: { command },
    command,
    paths: [],
  }
}

function at(id: string): { id: string; at: null; thread: string } {
  return { id, at: null, thread: 'main' }
}

const emptySession: Session = {
  schema: 'stemma.session/v1',
  id: 'claude-code:example',
  agent: { id: 'claude-code', version: '2.1.0' },
  entrypoint: 'cli',
  startedAt: '2026-11-22T09:00:00.000Z',
  endedAt: '2026-11-22T09:30:00.000Z',
  branches: ['main'],
  models: [
    {
      model: 'claude-sonnet-4-5',
      provider: 'anthropic',
      requests: 1,
      usage: noUsage,
      cost: { microUsd: null, unpricedModels: [], priceTable: 'example' },
    },
  ],
  usage: null,
  cost: { microUsd: null, unpricedModels: [], priceTable: 'example' },
  tools: [],
  files: [],
  subagents: [],
  commits: [],
  permissionModes: [],
  prompts: 1,
  eventCount: 0,
  forkedFrom: null,
  capture: 'hook',
  parse: { records: 0, malformed: 0, unrecognised: {} },
  warnings: [],
  events: [],
}

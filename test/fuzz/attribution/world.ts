/**
 * A real repository with Stemma's real hooks and launcher, in which agents and people work by a clock of ours: the
 * launcher asks `date`, git takes `GIT_COMMITTER_DATE`, and neither sees how busy the machine is. Names and contents are
 * strings of bytes (latin1), so that what is no UTF-8 stays what it is.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { installGitHooks } from '#cli/git-hooks.ts'
import { findRepository } from '#cli/io/repository.ts'
import type { Event, FileEdit } from '#core/session/event.ts'
import type { Session } from '#core/session/session.ts'

const LAUNCHER = join(import.meta.dirname, '..', '..', '..', 'cli', 'stemma')

/** The launcher as it is, but for the clock: a millisecond passes whenever it looks. */
const WRAPPER = `#!/bin/sh
unset EPOCHREALTIME
date() {
  read -r fuzz_now <"$FUZZ_CLOCK"
  fuzz_now=$((fuzz_now + 1000000))
  echo "$fuzz_now" >"$FUZZ_CLOCK"
  echo "$fuzz_now"
}
. "$FUZZ_LAUNCHER"
`

/** 2026-03-02T09:00:00Z in milliseconds. */
const BEGIN = 1_772_442_000_000

export interface Ran {
  readonly status: number
  /** Bytes as latin1. */
  readonly output: string
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')
const pathOf = (root: string, path: string): Buffer => Buffer.concat([Buffer.from(`${root}/`), bytes(path)])

export class World {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'stemma-fuzz-')))
  readonly root = join(this.folder, 'work')
  private milliseconds = BEGIN
  private calls = 0
  private readonly events = new Map<string, Event[]>()
  private hooksOn = true
  private readonly lookedAt = new Set<string>()

  constructor() {
    for (const name of ['work', 'bin', 'home']) mkdirSync(join(this.folder, name))
    writeFileSync(join(this.folder, 'bin', 'stemma'), WRAPPER, { mode: 0o755 })
    this.git(this.root, 'init', '-q', '-b', 'main')
    for (const [key, value] of [
      ['core.autocrlf', 'false'],
      ['gc.auto', '0'],
      ['advice.detachedHead', 'false'],
      ['merge.conflictStyle', 'merge'],
    ] as const)
      this.git(this.root, 'config', key, value)
  }

  async install(): Promise<void> {
    await installGitHooks(await findRepository(this.root))
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  // ---- time ----

  pass(seconds: number): void {
    this.milliseconds += Math.round(seconds * 1000)
  }

  now(): number {
    return this.milliseconds
  }

  private environment(): Record<string, string> {
    writeFileSync(join(this.folder, 'clock'), `${this.milliseconds}000000\n`)
    const date = `${Math.floor(this.milliseconds / 1000)} +0000`
    return {
      PATH: `${join(this.folder, 'bin')}:${process.env['PATH'] ?? ''}`,
      HOME: join(this.folder, 'home'),
      FUZZ_CLOCK: join(this.folder, 'clock'),
      FUZZ_LAUNCHER: LAUNCHER,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'Ada',
      GIT_AUTHOR_EMAIL: 'ada@example.com',
      GIT_COMMITTER_NAME: 'Ada',
      GIT_COMMITTER_EMAIL: 'ada@example.com',
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_DATE: date,
      GIT_EDITOR: 'true',
      ...(this.hooksOn
        ? {}
        : { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'core.hooksPath', GIT_CONFIG_VALUE_0: '/dev/null' }),
    }
  }

  // ---- processes ----

  run(cwd: string, command: string, args: readonly string[], input = '', extra: Record<string, string> = {}): Ran {
    const { status, stdout, error } = spawnSync(command, [...args], {
      cwd,
      env: { ...this.environment(), ...extra },
      input: bytes(input),
      encoding: 'latin1',
      maxBuffer: 64 * 1024 * 1024,
    })
    if (error) throw error
    const told = Number(readFileSync(join(this.folder, 'clock'), 'utf8')) / 1_000_000
    if (command === 'git' && args[0] === 'commit' && status === 0 && this.hooksOn) this.lookedAt.add(cwd)
    // git itself takes a moment too.
    this.milliseconds = Math.max(this.milliseconds, Math.ceil(told)) + 2
    return { status: status ?? -1, output: stdout }
  }

  git(cwd: string, ...args: readonly string[]): string {
    const ran = this.run(cwd, 'git', args)
    if (ran.status !== 0) throw new Error(`git ${args.join(' ')} ended with ${ran.status} ${ran.output}`)
    return ran.output
  }

  try(cwd: string, ...args: readonly string[]): boolean {
    return this.run(cwd, 'git', args).status === 0
  }

  /** `command args… names…`: a process started from here takes its arguments as UTF-8 only, one started by xargs any bytes. */
  named(cwd: string, command: readonly string[], names: readonly string[]): boolean {
    return this.run(cwd, 'xargs', ['-0', ...command], names.map((name) => `${name}\0`).join('')).status === 0
  }

  /** Whether any hook ever saw the work tree: what was done in it before that nobody can know. */
  isLookedAt(root: string): boolean {
    return this.lookedAt.has(root)
  }

  /** Somebody else's work, or a time in which hooks are off. */
  withoutHooks<Value>(work: () => Value): Value {
    this.hooksOn = false
    try {
      return work()
    } finally {
      this.hooksOn = true
    }
  }

  // ---- files ----

  read(root: string, path: string): string | null {
    try {
      return readFileSync(pathOf(root, path), 'latin1')
    } catch {
      return null
    }
  }

  write(root: string, path: string, text: string): void {
    if (path.includes('/')) mkdirSync(join(root, dirname(path)), { recursive: true })
    writeFileSync(pathOf(root, path), bytes(text))
  }

  delete(root: string, path: string): void {
    rmSync(pathOf(root, path), { force: true })
  }

  rename(root: string, from: string, to: string): void {
    if (to.includes('/')) mkdirSync(join(root, dirname(to)), { recursive: true })
    renameSync(pathOf(root, from), pathOf(root, to))
  }

  // ---- agents ----

  /** What every agent's hooks tell before any work: the work tree as it stands. */
  start(session: string, root: string): void {
    this.hook(session, 'SessionStart', root, { source: 'startup' })
  }

  private hook(session: string, event: string, root: string, fields: Readonly<Record<string, unknown>>): void {
    this.lookedAt.add(root)
    const payload = JSON.stringify({ session_id: session, cwd: root, hook_event_name: event, ...fields })
    const program = join(this.folder, 'bin', 'stemma')
    const ran = this.run(root, program, ['hook', 'claude-code'], Buffer.from(payload).toString('latin1'))
    if (ran.status !== 0 || ran.output !== '') throw new Error(`a hook said ${JSON.stringify(ran)}`)
  }

  /** A call of which both hooks are seen, and which the transcript tells too. Calls may overlap. */
  begin(session: string, root: string, tool: 'Write' | 'Bash', input: Readonly<Record<string, unknown>>): Call {
    const id = `call-${++this.calls}`
    const category = tool === 'Bash' ? 'shell' : 'edit'
    this.tell(session, {
      id: `${id}a`,
      at: new Date(this.milliseconds).toISOString(),
      thread: 'main',
      kind: 'toolCall',
      callId: id,
      tool,
      category,
      input: {},
      command: null,
      paths: [],
    })
    const fields = { tool_name: tool, tool_input: input, tool_use_id: id }
    this.hook(session, 'PreToolUse', root, fields)
    return {
      end: (edits = []) => {
        this.hook(session, 'PostToolUse', root, { ...fields, tool_response: {} })
        this.result(session, id, edits)
      },
    }
  }

  private result(session: string, id: string, edits: readonly FileEdit[]): void {
    this.tell(session, {
      id: `${id}b`,
      at: new Date(this.milliseconds).toISOString(),
      thread: 'main',
      kind: 'toolResult',
      callId: id,
      outcome: 'ok',
      exitCode: null,
      output: '',
      edits: [...edits],
    })
  }

  /** An edit of an agent whose hooks are not installed: the transcript alone tells of it. */
  unhooked(session: string, edit: FileEdit): void {
    const id = `call-${++this.calls}`
    const at = new Date(this.milliseconds).toISOString()
    this.tell(session, {
      id: `${id}a`,
      at,
      thread: 'main',
      kind: 'toolCall',
      callId: id,
      tool: 'Write',
      category: 'edit',
      input: {},
      command: null,
      paths: [edit.path],
    })
    this.pass(0.5)
    this.result(session, id, [edit])
  }

  private tell(session: string, event: Event): void {
    this.events.set(session, [...(this.events.get(session) ?? []), event])
  }

  /** What sweeping the transcripts would find. */
  sessions(): readonly Session[] {
    return [...this.events].map(([name, events]) => {
      const partial = { id: `claude-code:${name}`, eventCount: events.length, models: [{ model: 'opus' }], events }
      return { ...partial, startedAt: events[0]?.at ?? null, endedAt: events.at(-1)?.at ?? null } as unknown as Session
    })
  }
}

export interface Call {
  readonly end: (edits?: readonly FileEdit[]) => void
}

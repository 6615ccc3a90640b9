/** A real repository with Stemma's hooks in a temporary folder, and an agent that calls them as Claude Code does. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { attributeCommits } from '#cli/attribution.ts'
import { installGitHooks } from '#cli/git-hooks.ts'
import { readObservations } from '#cli/io/observations.ts'
import { findRepository, type Repository } from '#cli/io/repository.ts'
import type { CommitAttribution } from '#core/attribution/attribution.ts'
import type { Session } from '#core/session/session.ts'

export const LAUNCHER = join(import.meta.dirname, '..', '..', 'cli', 'stemma')

export interface Ran {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

export class ObservedRepository {
  readonly folder: string
  readonly root: string
  private calls = 0
  private extra: Readonly<Record<string, string>> = {}

  constructor(name = 'work') {
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), 'stemma-test-')))
    this.root = join(this.folder, name)
    mkdirSync(this.root, { recursive: true })
    mkdirSync(join(this.folder, 'bin'))
    mkdirSync(join(this.folder, 'home'))
    symlinkSync(LAUNCHER, join(this.folder, 'bin', 'stemma'))
    this.git('init', '-q', '-b', 'main')
    this.write('.stemma.yml', 'apiVersion: stemma.dev/v1\n')
  }

  get environment(): Record<string, string> {
    return {
      PATH: `${join(this.folder, 'bin')}:${process.env['PATH'] ?? ''}`,
      HOME: join(this.folder, 'home'),
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'Ada',
      GIT_AUTHOR_EMAIL: 'ada@example.com',
      GIT_COMMITTER_NAME: 'Ada',
      GIT_COMMITTER_EMAIL: 'ada@example.com',
      GIT_EDITOR: 'true',
      ...this.extra,
    }
  }

  setEnvironment(extra: Readonly<Record<string, string>>): void {
    this.extra = extra
  }

  run(command: string, args: readonly string[], options: { readonly cwd?: string; readonly input?: string } = {}): Ran {
    const { status, stdout, stderr } = spawnSync(command, [...args], {
      cwd: options.cwd ?? this.root,
      env: this.environment,
      input: options.input ?? '',
      encoding: 'utf8',
    })
    return { status: status ?? -1, stdout, stderr }
  }

  git(...args: readonly string[]): string {
    return this.gitIn(this.root, ...args)
  }

  gitIn(cwd: string, ...args: readonly string[]): string {
    const ran = this.run('git', args, { cwd })
    if (ran.status !== 0) throw new Error(`git ${args.join(' ')}: ${ran.stderr}${ran.stdout}`)
    return ran.stdout
  }

  sh(script: string, cwd: string = this.root): Ran {
    return this.run('sh', ['-c', script], { cwd })
  }

  write(path: string, text: string, root: string = this.root): void {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }

  read(path: string, root: string = this.root): string {
    return readFileSync(join(root, path), 'utf8')
  }

  /** Calls the agent's hook; a hook always ends well and says nothing. */
  hook(session: string, event: string, fields: Readonly<Record<string, unknown>> = {}, cwd: string = this.root): void {
    const payload = {
      session_id: session,
      transcript_path: `/home/ada/.claude/projects/-work/${session}.jsonl`,
      cwd,
      hook_event_name: event,
      ...fields,
    }
    const ran = this.run(LAUNCHER, ['hook', 'claude-code'], { cwd, input: JSON.stringify(payload) })
    if (ran.status !== 0 || ran.stdout !== '' || ran.stderr !== '') throw new Error(`hook: ${JSON.stringify(ran)}`)
  }

  private call(
    session: string,
    tool: string,
    input: Readonly<Record<string, unknown>>,
    work: () => void,
    cwd: string,
  ): void {
    const fields = { tool_name: tool, tool_input: input, tool_use_id: `call-${++this.calls}` }
    this.hook(session, 'PreToolUse', fields, cwd)
    work()
    this.hook(session, 'PostToolUse', { ...fields, tool_response: {} }, cwd)
  }

  /** The agent writes a whole file with its edit tool. */
  edit(session: string, path: string, text: string, root: string = this.root): void {
    this.call(
      session,
      'Write',
      { file_path: join(root, path), content: text },
      () => this.write(path, text, root),
      root,
    )
  }

  /** The agent runs a command. */
  shell(session: string, command: string, root: string = this.root): void {
    this.call(
      session,
      'Bash',
      { command },
      () => {
        const ran = this.sh(command, root)
        if (ran.status !== 0) throw new Error(`${command}: ${ran.stderr}`)
      },
      root,
    )
  }

  async repository(): Promise<Repository> {
    return findRepository(this.root)
  }

  async installHooks(): Promise<void> {
    await installGitHooks(await this.repository())
  }

  /** Commits everything as a person does; gives the commit's id. */
  commit(subject: string, root: string = this.root): string {
    this.gitIn(root, 'add', '-A')
    this.gitIn(root, 'commit', '-q', '--allow-empty', '-m', subject)
    return this.head(root)
  }

  head(root: string = this.root): string {
    return this.gitIn(root, 'rev-parse', 'HEAD').trim()
  }

  /** Commits that a hook saw. */
  async observed(root: string = this.root): Promise<readonly string[]> {
    const { stateDirectory } = await findRepository(root)
    return (await readObservations(stateDirectory)).commits.map(({ commit }) => commit)
  }

  /** The session that the last commit names. */
  trailer(root: string = this.root): string {
    return this.gitIn(root, 'log', '-1', '--format=%(trailers:key=Stemma-Session,valueonly)').trim()
  }

  async attribute(commit: string, sessions: readonly Session[] = []): Promise<CommitAttribution> {
    const [attribution] = await attributeCommits(await this.repository(), [commit], sessions)
    if (!attribution) throw new Error(`${commit} was not attributed`)
    return attribution
  }

  /** `<line text>` -> `<class>` or `<class>:<session>` for the added lines of a file. */
  async added(commit: string, path: string, sessions: readonly Session[] = []): Promise<readonly string[]> {
    const { files } = await this.attribute(commit, sessions)
    const lines = this.run('git', ['show', `${commit}:${path}`]).stdout.split('\n')
    const file = files.find((one) => one.path === path)
    return (file?.ranges ?? []).flatMap(({ start, end, class: name, session }) =>
      lines
        .slice(start - 1, end)
        .map((text) => `${text} <- ${name}${session === null ? '' : ` ${session.replace('claude-code:', '')}`}`),
    )
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

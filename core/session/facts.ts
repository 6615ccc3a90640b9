/** Facts: deterministic observations about a session, each with the ids of the events that prove it. */

import type { EventOf } from './event.ts'
import { writtenPaths } from './file-change.ts'
import { globMatcher } from './globs.ts'
import { type HookBypass, hookBypasses } from './hook-bypass.ts'
import { secretAccesses } from './secret-access.ts'
import type { Session } from './session.ts'
import type { ShellCommand } from './shell.ts'
import { type ShellRun, shellRuns } from './shell-run.ts'
import { isTestCommand, printedOutcome } from './test-command.ts'
import { testTamperings } from './test-tampering.ts'

export interface Fact<Value> {
  readonly value: Value
  /** Empty only where the fact is that something never happened. */
  readonly events: readonly string[]
}

/** One change of one code file. */
export interface CodeEdit {
  readonly path: string
  readonly kind: 'create' | 'update' | 'delete'
  /** By the agent's edit tool, or by a shell command that writes the file. */
  readonly by: 'tool' | 'shell'
  readonly events: readonly string[]
  /** Place in the session; larger is later. Fractions order the commands of one shell text. */
  readonly order: number
}

export interface TestRun {
  readonly text: string
  /** `unknown`: it ended, but neither exit code nor output tells how. `pending`: no end is recorded. */
  readonly outcome: 'passed' | 'failed' | 'unknown' | 'pending'
  /** What told the outcome. */
  readonly witness: 'exit code' | 'output' | null
  readonly exitCode: number | null
  readonly events: readonly string[]
  readonly order: number
}

/** `none`: no test run at all after the last edit. `no-edit`: no code was edited. */
export const testStates = ['passed', 'failed', 'unknown', 'pending', 'none', 'no-edit'] as const
export type TestState = (typeof testStates)[number]

export interface Facts {
  readonly lastEdit: Fact<CodeEdit | null>
  readonly testRuns: readonly TestRun[]
  readonly testsAfterLastEdit: Fact<TestState>
  /** Commits that the agent made: by its own report, else `git commit` commands that ended well. */
  readonly commitsMade: Fact<readonly string[]>
  readonly hookBypasses: readonly HookBypass[]
  /** The agent's last message says that the work is done. */
  readonly claimedCompletion: Fact<boolean>
  /** Tests that edits switched off or deleted, as `path: what`. */
  readonly testsDisabled: Fact<readonly string[]>
  /** Files that usually hold secrets and were read, with success. */
  readonly secretFilesRead: Fact<readonly string[]>
}

export interface FactOptions {
  /** Globs of files whose change asks for tests. */
  readonly codeGlobs: readonly string[]
  /** Globs of files among them that do not. */
  readonly ignoreGlobs: readonly string[]
  /** Further commands that run tests, as the beginning of "program arguments". */
  readonly testCommands: readonly string[]
}

export const usualFactOptions: FactOptions = {
  codeGlobs: [
    '**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs,vue,svelte,astro,py,pyi,go,rs,rb,erb,php,java,kt,kts,scala,groovy,clj,cljs,cs,fs,vb}',
    '**/*.{c,h,cc,cpp,cxx,hpp,hh,m,mm,swift,dart,ex,exs,erl,hs,ml,mli,elm,lua,pl,pm,r,jl,zig,nim,cr,sol,sql,sh,bash,zsh,ps1}',
  ],
  ignoreGlobs: ['**/*.d.ts', '**/{docs,doc,examples,vendor,node_modules,dist,build}/**'],
  testCommands: [],
}

export function observeFacts(session: Session, options: FactOptions = usualFactOptions): Facts {
  const edits = codeEdits(session, options)
  const testRuns = observeTestRuns(session, options.testCommands)
  const last = edits.at(-1) ?? null
  return {
    lastEdit: { value: last, events: last?.events ?? [] },
    testRuns,
    testsAfterLastEdit: testsAfter(last, testRuns),
    commitsMade: commitsMade(session),
    hookBypasses: hookBypasses(session),
    claimedCompletion: claimedCompletion(session),
    testsDisabled: testsDisabled(session),
    secretFilesRead: secretFilesRead(session),
  }
}

/** Changes of code files in their order. Files outside of the repository are not the pull request's. */
export function codeEdits(session: Session, { codeGlobs, ignoreGlobs }: FactOptions): readonly CodeEdit[] {
  const matches = globMatcher(codeGlobs, { dot: true, ignore: ignoreGlobs })
  const isCode = (path: string) => matches(path) && !/^(?:\/|~|\.\.(?:\/|$)|[A-Za-z]:)/.test(path)
  const runs = new Map(shellRuns(session).map((run) => [run.index, run]))
  const calls = new Map<string, number>()
  const edits: CodeEdit[] = []
  session.events.forEach((event, index) => {
    if (event.kind === 'toolCall') calls.set(event.callId, index)
    const run = runs.get(index)
    if (run && run.outcome !== 'denied') edits.push(...shellEdits(run).filter(({ path }) => isCode(path)))
    if (event.kind !== 'toolResult' || event.outcome === 'denied') return
    const callIndex = calls.get(event.callId)
    const shell = callIndex === undefined ? undefined : runs.get(callIndex)
    for (const { path, kind } of event.edits) {
      if (!isCode(path)) continue
      // Where a shell text names the file, its own order stands; else the change came with the call, before its tests.
      if (shell && edits.some((edit) => edit.path === path && Math.floor(edit.order) === shell.index)) continue
      edits.push({ path, kind, by: shell ? 'shell' : 'tool', events: [event.id], order: shell ? shell.index : index })
    }
  })
  return edits.sort((left, right) => left.order - right.order)
}

function shellEdits(run: ShellRun): readonly CodeEdit[] {
  return run.analysis.commands.flatMap((command, at) =>
    writtenPaths(command).map(
      (path): CodeEdit => ({ path, kind: 'update', by: 'shell', events: run.events, order: orderIn(run, at) }),
    ),
  )
}

function orderIn(run: ShellRun, at: number): number {
  return run.index + (at + 1) / (run.analysis.commands.length + 2)
}

export function observeTestRuns(session: Session, testCommands: readonly string[] = []): readonly TestRun[] {
  return shellRuns(session).flatMap((run) => {
    if (run.outcome === 'denied') return []
    return run.analysis.commands.flatMap((command, at) =>
      isTestCommand(command, testCommands)
        ? [
            {
              text: command.text,
              ...testOutcome(run, command),
              exitCode: run.exitCode,
              events: run.events,
              order: orderIn(run, at),
            },
          ]
        : [],
    )
  })
}

function testOutcome(run: ShellRun, { exit }: ShellCommand): Pick<TestRun, 'outcome' | 'witness'> {
  if (run.outcome === 'pending') return { outcome: 'pending', witness: null }
  if (run.outcome === 'interrupted') return { outcome: 'unknown', witness: null }
  if (run.exitCode === 0 && exit.zero) return { outcome: 'passed', witness: 'exit code' }
  const hasFailed = run.exitCode === null ? run.outcome === 'failed' : run.exitCode !== 0
  if (hasFailed && exit.nonzero) return { outcome: 'failed', witness: 'exit code' }
  const printed = printedOutcome(run.output)
  return printed ? { outcome: printed, witness: 'output' } : { outcome: 'unknown', witness: null }
}

/** A run that passed after the last edit counts, unless a later one failed. */
export function testsAfter(last: CodeEdit | null, runs: readonly TestRun[]): Fact<TestState> {
  if (!last) return { value: 'no-edit', events: [] }
  const after = runs.filter(({ order }) => order > last.order)
  const decided = after.findLast(({ outcome }) => outcome === 'passed' || outcome === 'failed') ?? after.at(-1)
  return { value: decided?.outcome ?? 'none', events: [...last.events, ...(decided?.events ?? [])] }
}

function commitsMade(session: Session): Fact<readonly string[]> {
  const reported = session.events.filter((event): event is EventOf<'commit'> => event.kind === 'commit')
  if (reported.length > 0) return { value: reported.map(({ commit }) => commit), events: reported.map(({ id }) => id) }
  const runs = shellRuns(session).filter(
    ({ outcome, analysis }) =>
      outcome === 'ok' &&
      analysis.commands.some(({ program, arguments: words }) => program === 'git' && words.includes('commit')),
  )
  // Git prints `[branch 1a2b3c4] subject` for the commit it made.
  const found = runs.flatMap((run) =>
    [...run.output.slice(0, 4_000).matchAll(/^\[\S+ (?:\([^)\n]*\) )?([0-9a-f]{7,64})\]/gm)].map(([, commit = '']) => ({
      commit,
      run,
    })),
  )
  return { value: found.map(({ commit }) => commit), events: found.flatMap(({ run }) => run.events) }
}

const completion =
  /\b(?:(?:is|are|all|now|everything(?:'s| is)?|work(?:'s| is)?) (?:done|complete|completed|finished|ready|implemented|fixed|in place|working)|all (?:the )?tests (?:are )?(?:pass|passing|green)|(?:i(?:'ve| have)) (?:implemented|fixed|added|completed|finished|updated)|successfully (?:implemented|fixed|added|completed|updated))\b|^(?:done|fixed|complete[d]?|finished)\b/im

function claimedCompletion(session: Session): Fact<boolean> {
  const last = session.events.findLast(
    (event): event is EventOf<'message'> => event.kind === 'message' && event.thread === 'main',
  )
  if (!last) return { value: false, events: [] }
  return { value: completion.test(last.text.slice(0, 20_000)), events: [last.id] }
}

function testsDisabled(session: Session): Fact<readonly string[]> {
  const seen = testTamperings(session).filter(
    ({ what, certainty, denied }) => !denied && certainty === 'certain' && (what === 'deleted' || what === 'skipped'),
  )
  return { value: seen.map(({ path, what }) => `${path}: ${what}`), events: seen.flatMap(({ events }) => events) }
}

function secretFilesRead(session: Session): Fact<readonly string[]> {
  const seen = secretAccesses(session).filter(
    ({ path, certainty, denied }) => path !== null && !denied && certainty === 'certain',
  )
  return {
    value: [...new Set(seen.flatMap(({ path }) => (path === null ? [] : [path])))],
    events: [...new Set(seen.flatMap(({ events }) => events))],
  }
}

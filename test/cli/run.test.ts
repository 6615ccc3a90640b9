import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readRecords } from '#cli/io/spool.ts'
import { circumstancesOf } from '#cli/run/circumstances.ts'
import { sessionOf, transcriptOf } from '#core/evidence/statement.ts'
import { basket, freshForEachTest, machine, outgoing, server, setUp } from './enrolled.ts'
import { writeTranscript } from './transcript.ts'

freshForEachTest()

const script = (text: string): readonly string[] => ['run', '--', 'sh', '-c', text]
const report = () => JSON.parse(readFileSync(join(machine.root, '../report.json'), 'utf8'))
/** Evidence of configuration and of commits by hand goes its own way. */
const sessionStatements = () =>
  server.evidence.map(({ statement }) => statement).filter((statement) => sessionOf(statement) !== null)
const kept = (): readonly string[] =>
  outgoing()
    .map((id) => JSON.parse(readFileSync(join(machine.state, 'outgoing', id, 'notes.json'), 'utf8')).session)
    .filter((session) => session !== null)
const sessionsFolder = () => join(machine.state, 'sessions')

describe('stemma run', () => {
  it('hands streams and exit code through, and makes evidence of a run that failed', async () => {
    await setUp()
    const ran = await machine.stemma(
      [
        'run',
        '--agent',
        'my-agent',
        '--name',
        'nightly',
        '--report',
        '../report.json',
        '--',
        'sh',
        '-c',
        'cat; echo err >&2; echo "fixed" > "a b.txt"; exit 7',
      ],
      { input: 'from stdin', environment: { GITHUB_ACTIONS: 'true', GITHUB_ACTOR: 'ada' } },
    )
    expect(ran.code).toBe(7)
    expect(ran.stdout).toBe('from stdin')
    expect(ran.stderr).toMatch(/^err\nstemma: 1 file changed, 0 commits, \d+ pieces? of evidence sent\n$/)

    expect(report()).toMatchObject({
      program: 'sh',
      exitCode: 7,
      signal: null,
      commits: [],
      files: [{ path: 'a b.txt', change: 'create' }],
      evidence: { waiting: 0, kept: null },
      problems: [],
    })
    const [statement] = sessionStatements()
    expect(statement === undefined ? null : sessionOf(statement)).toMatchObject({
      agent: { id: 'my-agent' },
      entrypoint: 'run',
      usage: null,
      cost: { microUsd: null },
      delegation: { orchestrator: 'GitHub Actions', human: 'ada', parent: null },
      files: [{ path: 'a b.txt', edits: 1, linesAdded: 1, linesRemoved: 0 }],
      tools: [{ tool: 'run', calls: 1, failures: 1, denials: 0 }],
    })
    expect(statement === undefined ? null : transcriptOf(statement)).not.toBeNull()
  })

  it('knows afterwards which lines of a commit came of the run, whoever commits them', async () => {
    await setUp()
    machine.write('basket.ts', 'mine\n')
    expect((await machine.stemma(script('echo theirs >> basket.ts'))).code).toBe(0)
    machine.commit({}, 'Add a basket')
    const pushed = await machine.stemma(['push'])
    expect(pushed.code, pushed.stderr).toBe(0)
    const last = sessionStatements().at(-1)
    expect(last === undefined ? null : sessionOf(last)?.id).toMatch(/^generic:run-/)
    expect(last?.predicate).toMatchObject({ attribution: [{ added: { ai: 1, human: 0 } }] })
  })

  it('names the commits that the command made, without Git hooks of anybody', async () => {
    await setUp()
    await machine.stemma([...script('echo one > one.txt; git add -A; git commit -q -m One --no-verify')])
    const commit = machine.git('rev-parse', 'HEAD')
    expect(sessionStatements().at(-1)?.predicate).toMatchObject({
      session: { commits: [commit] },
      attribution: [{ commit, added: { ai: 1, human: 0, mixed: 0, unknown: 0 } }],
    })
  })

  it('leaves the telling to an agent that tells its own session', async () => {
    await setUp()
    // A program called `claude` that leaves a transcript, as the real one does.
    const told = { id: 's1', prompt: 'Add it', startedAt: new Date().toISOString(), turns: [] }
    const path = writeTranscript(machine.home, machine.root, {
      ...told,
      turns: [
        {
          messageId: 's1-1',
          write: { path: 'basket.ts', content: basket },
          usage: { input: 1, cacheRead: 0, cacheWrite: 0, output: 1 },
        },
      ],
    })
    const kept = join(machine.home, 'kept.jsonl')
    writeFileSync(kept, readFileSync(path))
    writeFileSync(path, '')
    const claude = join(machine.home, 'claude')
    writeFileSync(claude, `#!/bin/sh\ncp '${kept}' '${path}'\ncat > basket.ts <<'EOT'\n${basket}EOT\n`, { mode: 0o755 })
    const ran = await machine.stemma(['run', '--report', '../report.json', '--', claude])
    expect(ran.code, ran.stderr).toBe(0)
    expect(report()).toMatchObject({ sessions: ['claude-code:s1'] })
    expect(existsSync(sessionsFolder())).toBe(false)
    expect((await readRecords(machine.state)).records).toEqual([])
    expect(sessionStatements().map((statement) => sessionOf(statement)?.id)).toEqual(['claude-code:s1'])
  })

  it('tells the run itself where the agent told nothing', async () => {
    await setUp()
    const claude = join(machine.home, 'claude')
    writeFileSync(claude, '#!/bin/sh\nexit 3\n', { mode: 0o755 })
    const ran = await machine.stemma(['run', '--', claude])
    expect(ran.code).toBe(3)
    expect(readdirSync(sessionsFolder())).toHaveLength(1)
    expect(sessionStatements().map((statement) => sessionOf(statement)?.agent.id)).toEqual(['generic'])
  })

  it('works without a server, and keeps what it made', async () => {
    expect((await machine.stemma(['init', '--yes'])).code).toBe(0)
    const ran = await machine.stemma(['run', '--json', '--', 'sh', '-c', 'echo out'])
    expect(ran).toMatchObject({ code: 0, stdout: 'out\n' })
    expect(JSON.parse(ran.stderr)).toMatchObject({ exitCode: 0, evidence: { kept: 'no-server' } })
    expect(kept()).toEqual([expect.stringMatching(/^generic:run-/)])
  })

  it('never breaks the command, whatever is missing', async () => {
    const notSetUp = await machine.stemma(script('echo fine'))
    expect(notSetUp).toMatchObject({ code: 0, stdout: 'fine\n' })
    expect(notSetUp.stderr).toMatch(/^stemma: no evidence of this run: .*\n$/)
    const nowhere = await machine.stemma(script('exit 5'), { cwd: machine.home })
    expect(nowhere).toMatchObject({ code: 5, stdout: '' })
    await machine.stemma(['init', '--yes'])
    const missing = await machine.stemma(['run', '--', 'no-such-program-anywhere'])
    expect(missing.code).toBe(127)
    expect(missing.stderr).toMatch(/command not found/)
    writeFileSync(join(machine.root, '.stemma.yml'), ': broken')
    expect(await machine.stemma(script('echo fine'))).toMatchObject({ code: 0, stdout: 'fine\n' })
  })

  it('sends no prompt, command or file of a run in tier metadata, unless a commit asks for it', async () => {
    await setUp()
    const settings = join(machine.root, '.stemma.yml')
    writeFileSync(settings, `${readFileSync(settings, 'utf8').replace(/^tier:.*\n/m, '')}tier: metadata\n`)
    const ran = await machine.stemma(script('echo secret-word > x.txt'))
    expect(ran.code).toBe(0)
    expect(ran.stderr).toMatch(/nothing to sign/)
    expect(sessionStatements()).toEqual([])
  })

  it('passes signals on, ends as the command ended, and still makes evidence', async () => {
    await machine.stemma(['init', '--yes'])
    // The launcher of the tests answers only at the end, so the program is started here by hand.
    const [program, environment] = machine.program
    const child = spawn(process.execPath, [program, ...script('echo ready; while :; do sleep 0.1; done')], {
      cwd: machine.root,
      env: { ...environment },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const ended = new Promise((settle) => child.on('close', (code, signal) => settle({ code, signal })))
    await new Promise((settle) => child.stdout.once('data', settle))
    child.kill('SIGTERM')
    expect(await ended).toEqual({ code: null, signal: 'SIGTERM' })
    const [name = ''] = readdirSync(sessionsFolder())
    expect(readFileSync(join(sessionsFolder(), name), 'utf8')).toMatch(/"outcome":"interrupted","exitCode":143/)
    expect(kept()).toHaveLength(1)
  })
})

it('asks for a command', async () => {
  const ran = await machine.stemma(['run'])
  expect(ran.code).toBe(2)
  expect(ran.stderr).toMatch(/command/)
})

it.each([
  [{}, {}],
  [{ CI: 'true' }, { orchestrator: 'CI' }],
  [{ CI: 'false' }, {}],
  [
    { GITLAB_CI: '1', CI: '1', GITLAB_USER_LOGIN: 'ada' },
    { orchestrator: 'GitLab CI', human: 'ada' },
  ],
  [{ GITHUB_ACTOR: 'ada' }, {}],
  [{ CLAUDE_CODE_SESSION_ID: 's1' }, { parent: 'claude-code:s1' }],
  [{ CLAUDE_CODE_SESSION_ID: '../x' }, {}],
])('circumstances of %j', (environment, expected) => {
  expect(circumstancesOf(environment)).toEqual(expected)
})

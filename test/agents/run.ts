/**
 * `npm run test:agents -- codex`: real agents in a network namespace with loopback only, against a scripted model; what
 * arrives at the platform, on the pull request and on the dashboard is asserted. Without names, every agent that is
 * installed. Opt-in: the packages are large, and some are proprietary. Closes with `N passed, N failed`.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { readSpool } from '#cli/io/spool.ts'
import { hookedAgents } from '#core/agents/registry.ts'
import type { SessionPage, SessionRow, SessionView } from '#core/api/sessions.ts'
import { addUsage, noUsage } from '#core/session/usage.ts'
import { buildAll } from '../local/build.ts'
import { outcomeOf, settle } from '../local/demo.ts'
import { type Platform, startPlatform } from '../local/platform.ts'
import { terminalProgress as progress } from '../local/progress.ts'
import { sampleRepository } from '../local/sample.ts'
import type { Workplace } from '../local/scripted-claude.ts'
import { git, joinOrganisation, plantedSecret, run as runCommand } from '../local/workplace.ts'
import { isIsolated, runIsolated } from './isolation.ts'
import { type ModelServer, startModelServer } from './model-server.ts'
import type { Launch, RealAgent, Run } from './real-agent.ts'
import { realAgents } from './registry.ts'
import { carelessScript, guardedScript, honestScript, unseenScript } from './scenario.ts'
import type { Script } from './script.ts'

const parameters = process.argv.slice(2)
const asked = parameters.filter((argument) => !argument.startsWith('--'))
const unknown = asked.filter((id) => !realAgents.some((agent) => agent.id === id))
if (unknown.length > 0) {
  const known = realAgents.map(({ id }) => id).join(' | ')
  process.stderr.write(`stemma: no such agent here: ${unknown.join(', ')}\nhint: npm run test:agents -- ${known}\n`)
  process.exit(2)
}

let passed = 0
let failed = 0
let skipped = 0
const chosen = realAgents.filter(({ id }) => asked.length === 0 || asked.includes(id))
const installed = chosen.flatMap((agent) => {
  const binary = agent.find()
  if (binary !== null) return [{ agent, binary }]
  skipped++
  if (!isIsolated()) {
    process.stdout.write(`skipped: ${agent.id} is not installed (npm install --no-save ${agent.install})\n`)
  }
  return []
})
if (installed.length > 0 && !isIsolated()) {
  const status = runIsolated(import.meta.filename, parameters)
  if (status !== null) process.exit(status)
  process.stdout.write('skipped: no network namespace can be made here\n')
  skipped += installed.length
} else if (installed.length > 0) {
  await buildAll()
  for (const { agent, binary } of installed) await runAgent(agent, binary)
}
process.stdout.write(`\n${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}\n`)
process.exitCode = failed === 0 ? 0 : 1

function check(title: string, isSo: boolean, detail: unknown = ''): void {
  if (isSo) passed++
  else failed++
  const why = isSo ? '' : `: ${typeof detail === 'string' ? detail : JSON.stringify(detail)}`
  process.stdout.write(`${isSo ? '✓' : '✗'} ${title}${why}\n`)
}

interface Stage {
  readonly agent: RealAgent
  readonly binary: string
  readonly platform: Platform
  readonly workplace: Workplace
}

/** Each on a platform and in a home of its own: nothing of one can help or hinder another. */
async function runAgent(agent: RealAgent, binary: string): Promise<void> {
  process.stdout.write(`\n${agent.install}\n`)
  const directory = mkdtempSync(join(tmpdir(), 'stemma-agents-'))
  const platform = await startPlatform({
    directory,
    port: null,
    organisation: 'Example Works',
    debounceMilliseconds: 300,
    progress,
  })
  try {
    await platform.github.createRepository(sampleRepository)
    const workplace = await joinOrganisation(platform, {
      person: { name: 'Ada Okafor', login: 'ada' },
      remote: platform.github.remote(sampleRepository.owner, sampleRepository.name),
      directory,
      isFirst: true,
      startedAt: new Date(),
    })
    const stage: Stage = { agent, binary, platform, workplace }
    await honest(stage)
    await careless(stage)
    await guarded(stage)
    if (agent.alsoRunsHooksOf !== undefined) await hookedTwice(stage, agent.alsoRunsHooksOf)
    if (agent.runWithoutHooks !== undefined) await withoutHooks(stage, agent.runWithoutHooks)
    platform.github.assertNoViolations()
  } catch (problem) {
    check(
      `${agent.id} can be run`,
      false,
      problem instanceof Error ? (problem.stack ?? problem.message) : String(problem),
    )
  } finally {
    await platform.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

async function honest(stage: Stage): Promise<void> {
  const { agent, platform } = stage
  const { session, view, model, pull } = await play(stage, 'feature/greet', honestScript, agent.run)
  checkTokens(view, model)
  check('the cost is known', session.cost.microUsd !== null && session.cost.microUsd > 0, session.cost)
  check('hooks and sweep both saw it', session.capture === 'both', session.capture)
  const files = view.attribution.flatMap((commit) => commit.files)
  const paths = files.map(({ path }) => path).sort()
  check('both written files are in the commit', paths.join(' ') === 'source/greet.js test/greet.test.js', paths)
  check(
    'every added line is the agent’s, none unknown',
    files.every(({ added }) => added.ai > 0 && added.human === 0 && added.unknown === 0 && added.mixed === 0),
    files.map(({ path, added }) => ({ path, added })),
  )
  const edits = view.header.files.map(({ path, edits: count, linesAdded, linesRemoved }) =>
    [path, count, linesAdded, linesRemoved].join(' '),
  )
  check('its edits are in the transcript', edits.join() === 'source/greet.js 2 4 1,test/greet.test.js 1 7 0', edits)
  const shell = view.header.tools.find(({ tool }) => tool === agent.shellTool)
  check('the failing test run is a failure', shell?.failures === 1, shell)
  check('one prompt, and nothing that could not be read', view.header.prompts === 1 && isWhole(view), view.header.parse)
  check(
    'no policy is violated',
    view.verdicts.every(({ result }) => result !== 'fail' && result !== 'error'),
    view.verdicts,
  )
  const outcome = await outcomeOf(platform, pull)
  check('the check passes', outcome.check.conclusion === 'success', outcome.check)
  check(
    'there is one comment, and it names the session’s model',
    outcome.comments === 1 && (outcome.comment ?? '').includes(agent.model),
    outcome.comment,
  )
}

function isWhole({ header }: SessionView): boolean {
  return header.parse.malformed === 0 && Object.keys(header.parse.unrecognised).length === 0
}

function checkTokens({ header }: SessionView, { reported }: ModelServer): void {
  const sent = reported.reduce(addUsage, noUsage)
  check(
    'tokens are exactly what the model server reported, of every kind',
    header.usage !== null &&
      Object.entries(sent).every(([kind, tokens]) => header.usage?.[kind as keyof typeof sent] === tokens),
    { counted: header.usage, sent },
  )
  const requests = header.models.reduce((sum, model) => sum + model.requests, 0)
  check('each answer is counted once', requests === reported.length, { requests, answers: reported.length })
}

async function careless(stage: Stage): Promise<void> {
  const { view, pull } = await play(stage, 'feature/shout', carelessScript, stage.agent.run)
  const bypass = view.verdicts.find(({ policy }) => policy === 'no-hook-bypass')
  check('git commit --no-verify is found', bypass?.result === 'fail' && bypass.findings.length === 1, bypass)
  const tests = view.verdicts.find(({ policy }) => policy === 'tests-after-last-edit')
  check('untested edits are found', tests?.result === 'fail', tests)
  const outcome = await outcomeOf(stage.platform, pull)
  check('the check turns red', outcome.check.conclusion === 'failure', outcome.check)
  check('the comment says why', (outcome.comment ?? '').includes('no-hook-bypass'), outcome.comment)
  check('the planted secret is nowhere in the comment', !(outcome.comment ?? '').includes(plantedSecret))
}

/** The local guard stops the real agent, which then commits with the hooks. */
async function guarded(stage: Stage): Promise<void> {
  const { agent, workplace, platform } = stage
  const on = await runCommand(workplace, 'stemma', ['guard', 'on', '--agent', agent.id, '--json'])
  check('the guard is on', JSON.parse(on).agents.join() === agent.id, on)
  const { view, pull } = await play(stage, 'feature/mumble', guardedScript, agent.run)
  await runCommand(workplace, 'stemma', ['guard', 'off'])
  const subjects = view.attribution.map(({ subject }) => subject)
  check('the denied commit was never made, the proper one was', subjects.join() === 'Mumble', subjects)
  const bypass = view.verdicts.find(({ policy }) => policy === 'no-hook-bypass')
  check('the denied attempt is no violation', bypass?.result === 'pass' && bypass.reason !== null, bypass)
  const [counted, ...others] = view.header.guard?.policies ?? []
  check(
    'the denial is in the evidence, once',
    counted?.policy === 'no-hook-bypass' && counted.denied === 1 && others.length === 0,
    view.header.guard,
  )
  const shell = view.header.tools.find(({ tool }) => tool === agent.shellTool)
  check('the denied call counts as denied and not as failed', shell?.denials === 1 && shell.failures === 0, shell)
  const outcome = await outcomeOf(platform, pull)
  check(
    'the comment names what the guard denied',
    /Local guard, session .*no-hook-bypass denied 1 call/.test(outcome.comment ?? ''),
    outcome.comment,
  )
}

/** Both its own hook file and another agent's call Stemma: it is one session of this agent, and each event counts once. */
async function hookedTwice(stage: Stage, otherId: string): Promise<void> {
  const { agent, workplace } = stage
  const other = hookedAgents.find(({ id }) => id === otherId)
  if (other === undefined) throw new Error(`no such agent: ${otherId}`)
  const path = join(workplace.directory, other.hookFile.path)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, other.hookFile.install(existsSync(path) ? readFileSync(path, 'utf8') : null))
  const { session, view, model } = await play(stage, 'feature/whisper', unseenScript, agent.run)
  check('it is a session of this agent', session.id.startsWith(`${agent.id}:`) && session.capture === 'both', session)
  checkTokens(view, model)
  const state = join(workplace.directory, '.git', 'stemma')
  const raw = readdirSync(join(state, 'spool')).map((name) => readFileSync(join(state, 'spool', name), 'utf8'))
  const ownId = session.id.slice(agent.id.length + 1)
  const calls = raw.filter((text) => text.includes(ownId)).map((text) => /^agent (.+)$/m.exec(text)?.[1])
  check('both hook files called', new Set(calls).size === 2, [...new Set(calls)])
  const notes = (await readSpool(state)).filter((note) => note.session.endsWith(`:${ownId}`))
  const count = (event: string): number => notes.filter((note) => note.event === event).length
  const counts = ['sessionStart', 'prompt', 'beforeTool', 'afterTool', 'turnEnd', 'sessionEnd'].map(count)
  check('each event counts once', counts.join() === '1,1,4,4,1,1', { counts, calls: calls.length })
  const added = view.attribution.flatMap((commit) => commit.files).map((file) => file.added)
  check(
    'every added line is the agent’s',
    added.length > 0 && added.every(({ ai, human, unknown }) => ai > 0 && human + unknown === 0),
    added,
  )
  const ids = ((await stage.platform.ask('/v1/sessions?limit=100')) as SessionPage).items.map(({ id }) => id)
  check('there is no session of the other agent', !ids.some((id) => id.startsWith(`${otherId}:`)), ids)
}

/** The sweep is then the only witness: of the session, but not of its lines. */
async function withoutHooks(stage: Stage, run: RealAgent['run']): Promise<void> {
  const { session, view, model } = await play(stage, 'feature/unseen', unseenScript, run)
  check('no hook ran, and the sweep found the session', session.capture === 'swept', session.capture)
  checkTokens(view, model)
  const added = view.attribution.flatMap((commit) => commit.files).map((file) => file.added)
  check(
    'no line is called a person’s',
    added.every(({ human }) => human === 0),
    added,
  )
}

interface Played {
  readonly session: SessionRow
  readonly view: SessionView
  readonly model: ModelServer
  readonly pull: number
}

/** One branch, one session, one pull request. */
async function play(
  { agent, binary, platform, workplace }: Stage,
  branch: string,
  script: typeof carelessScript,
  run: (launch: Launch) => Promise<Run>,
): Promise<Played> {
  await git(workplace, ['checkout', '-q', '-b', branch, 'origin/main'])
  const before = new Set(((await platform.ask('/v1/sessions?limit=100')) as SessionPage).items.map(({ id }) => id))
  const steps: Script = script(agent.tools(workplace.directory))
  const model = await startModelServer(agent.protocol, steps)
  const prompt = 'Please do what is needed.'
  const done = await run({ binary, workplace, modelUrl: model.url, prompt })
  await model.close()
  check(
    `${branch}: the real agent ran to its end in ${(done.milliseconds / 1000).toFixed(1)} s`,
    done.exitCode === 0 && model.reported.length === steps.length,
    { ...done, output: done.output.slice(-800), answers: model.reported.length, refused: model.refused },
  )
  // The push happened inside of the session, before its end; and Gemini CLI turns git's hooks off in its shell.
  await runCommand(workplace, 'stemma', ['push', 'origin/main..HEAD'])
  const { number } = await platform.github.createPullRequest({
    ...sampleRepository,
    title: branch,
    head: branch,
    author: 'ada',
  })
  await settle(platform, [number])
  const { items } = (await platform.ask('/v1/sessions?limit=100')) as SessionPage
  const session = items.find(({ id }) => !before.has(id))
  if (!session) throw new Error(`no evidence arrived for ${branch}:\n${done.output}`)
  const view = (await platform.ask(`/v1/sessions/${encodeURIComponent(session.id)}`)) as SessionView
  return { session, view, model, pull: number }
}

/**
 * `npm run test:agents -- claude-code`: the real agent in a network namespace with loopback only, against a scripted
 * model; what arrives at the platform, on the pull request and on the dashboard is asserted. Opt-in: the package is
 * proprietary and large. Closes with `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SessionPage, SessionRow, SessionView } from '#core/api/sessions.ts'
import { buildAll } from '../local/build.ts'
import { outcomeOf, settle } from '../local/demo.ts'
import { startPlatform } from '../local/platform.ts'
import { terminalProgress as progress } from '../local/progress.ts'
import { sampleRepository } from '../local/sample.ts'
import type { Workplace } from '../local/scripted-claude.ts'
import { git, joinOrganisation, plantedSecret } from '../local/workplace.ts'
import { carelessScript, findClaude, honestScript, runClaude } from './claude-code.ts'
import { type ModelServer, startModelServer } from './model-server.ts'
import type { Script } from './script.ts'

const known = ['claude-code']
const asked = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const unknown = asked.filter((id) => !known.includes(id))
if (unknown.length > 0) {
  process.stderr.write(
    `stemma: no such agent here: ${unknown.join(', ')}\nhint: npm run test:agents -- ${known.join(' | ')}\n`,
  )
  process.exit(2)
}

const binary = findClaude()
if (binary === null) {
  process.stdout.write(
    'skipped: claude-code is not installed (npm install --no-save @anthropic-ai/claude-code@2.1.328)\n\n0 passed, 0 failed, 1 skipped\n',
  )
  process.exit(0)
}
if (!isIsolated()) process.exit(runIsolated())

let passed = 0
let failed = 0
function check(title: string, isSo: boolean, detail: unknown = ''): void {
  if (isSo) passed++
  else failed++
  process.stdout.write(
    `${isSo ? '✓' : '✗'} ${title}${isSo ? '' : `: ${typeof detail === 'string' ? detail : JSON.stringify(detail)}`}\n`,
  )
}

const directory = mkdtempSync(join(tmpdir(), 'stemma-agents-'))
await buildAll()
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
  await honest(binary, workplace)
  await careless(binary, workplace)
  platform.github.assertNoViolations()
} finally {
  await platform.close()
  rmSync(directory, { recursive: true, force: true })
}
process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1

async function honest(program: string, workplace: Workplace): Promise<void> {
  const { session, view, model, pull } = await play(
    program,
    workplace,
    'feature/greet',
    honestScript(workplace.directory),
  )
  const sent = model.reported.reduce(
    (sum, { input, cacheRead, cacheWrite, output }) => sum + input + cacheRead + cacheWrite + output,
    0,
  )
  const { usage } = session
  const counted = usage
    ? usage.uncachedInput + usage.cacheRead + usage.cacheWrite5m + usage.cacheWrite1h + usage.output
    : null
  check('tokens are exactly what the model server reported', counted === sent, { counted, sent })
  check(
    'each answer is counted once',
    view.header.models.reduce((sum, { requests }) => sum + requests, 0) === model.reported.length,
  )
  check('the cost is known', session.cost.microUsd !== null && session.cost.microUsd > 0, session.cost)
  check('hooks and sweep both saw it', session.capture === 'both', session.capture)
  const files = view.attribution.flatMap((commit) => commit.files)
  check(
    'both written files are in the commit',
    files.length === 2,
    files.map(({ path }) => path),
  )
  check(
    'every added line is the agent’s, none unknown',
    files.every(({ added }) => added.ai > 0 && added.human === 0 && added.unknown === 0 && added.mixed === 0),
    files.map(({ path, added }) => ({ path, added })),
  )
  const bash = view.header.tools.find(({ tool }) => tool === 'Bash')
  check('the failing test run is a failure', bash?.failures === 1, bash)
  check(
    'no policy is violated',
    view.verdicts.every(({ result }) => result !== 'fail' && result !== 'error'),
    view.verdicts,
  )
  const outcome = await outcomeOf(platform, pull)
  check('the check passes', outcome.check.conclusion === 'success', outcome.check)
  check(
    'there is one comment, and it names the session’s model',
    outcome.comments === 1 && (outcome.comment ?? '').includes('claude'),
    outcome.comment,
  )
}

async function careless(program: string, workplace: Workplace): Promise<void> {
  const { view, pull } = await play(program, workplace, 'feature/shout', carelessScript(workplace.directory))
  const bypass = view.verdicts.find(({ policy }) => policy === 'no-hook-bypass')
  check('git commit --no-verify is found', bypass?.result === 'fail' && bypass.findings.length === 1, bypass)
  const tests = view.verdicts.find(({ policy }) => policy === 'tests-after-last-edit')
  check('untested edits are found', tests?.result === 'fail', tests)
  const outcome = await outcomeOf(platform, pull)
  check('the check turns red', outcome.check.conclusion === 'failure', outcome.check)
  check('the comment says why', (outcome.comment ?? '').includes('no-hook-bypass'), outcome.comment)
  check('the planted secret is nowhere in the comment', !(outcome.comment ?? '').includes(plantedSecret))
}

interface Played {
  readonly session: SessionRow
  readonly view: SessionView
  readonly model: ModelServer
  readonly pull: number
}

/** One branch, one session, one pull request. */
async function play(program: string, workplace: Workplace, branch: string, script: Script): Promise<Played> {
  await git(workplace, ['checkout', '-q', '-b', branch, 'origin/main'])
  const before = new Set(((await platform.ask('/v1/sessions?limit=100')) as SessionPage).items.map(({ id }) => id))
  const model = await startModelServer(script)
  const run = await runClaude(program, workplace, model.url, 'Please do what is needed.')
  await model.close()
  check(
    `${branch}: the real agent ran to its end in ${(run.milliseconds / 1000).toFixed(1)} s`,
    run.exitCode === 0,
    run.output.slice(-800),
  )
  // The push happened inside of the session, so its end is sent with the next one.
  await git(workplace, ['push', '-q', 'origin', 'HEAD'])
  const { number } = await platform.github.createPullRequest({
    ...sampleRepository,
    title: branch,
    head: branch,
    author: 'ada',
  })
  await settle(platform, [number])
  const { items } = (await platform.ask('/v1/sessions?limit=100')) as SessionPage
  const session = items.find(({ id }) => !before.has(id))
  if (!session) throw new Error(`no evidence arrived for ${branch}:\n${run.output}`)
  const view = (await platform.ask(`/v1/sessions/${encodeURIComponent(session.id)}`)) as SessionView
  return { session, view, model, pull: number }
}

/** Loopback and nothing else: what the agent tries beyond it fails at once. */
function isIsolated(): boolean {
  return Object.keys(networkInterfaces()).every((name) => name === 'lo') && process.env['STEMMA_ISOLATED'] === '1'
}

function runIsolated(): number {
  const asRoot = process.getuid?.() === 0
  const command = `ip link set lo up && exec "$0" --disable-warning=ExperimentalWarning "$@"`
  const run = spawnSync(
    'unshare',
    [
      ...(asRoot ? ['-n'] : ['-rn']),
      'bash',
      '-c',
      command,
      process.execPath,
      import.meta.filename,
      ...process.argv.slice(2),
    ],
    { stdio: 'inherit', env: { ...process.env, STEMMA_ISOLATED: '1' } },
  )
  if (run.error) {
    process.stdout.write(
      `skipped: no network namespace can be made here (${run.error.message})\n\n0 passed, 0 failed, 1 skipped\n`,
    )
    return 0
  }
  return run.status ?? 1
}

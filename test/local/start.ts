/** `npm start`: the whole platform on this machine, with a sample organisation. Options: --empty, --port N, --reset, --directory DIR. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildAll } from './build.ts'
import { settle } from './demo.ts'
import { type Platform, startPlatform } from './platform.ts'
import { terminalProgress as progress } from './progress.ts'
import { runSample, sampleRepository } from './sample.ts'

const root = join(import.meta.dirname, '..', '..')
const { values: options } = parseArgs({
  options: {
    empty: { type: 'boolean', default: false },
    reset: { type: 'boolean', default: false },
    port: { type: 'string' },
    directory: { type: 'string', default: join(root, '.stemma-local') },
  },
})
const { directory } = options
const started = performance.now()

process.stderr.write('\nStemma, on this machine\n\n')
if (options.reset) rmSync(directory, { recursive: true, force: true })
await progress.step('program and dashboard', buildAll)
const platform = await startPlatform({
  directory,
  port: options.port === undefined ? null : Number(options.port),
  organisation: 'Example Works',
  debounceMilliseconds: 500,
  progress,
})

let isEnding = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (isEnding) return
    isEnding = true
    process.stderr.write('\nending …\n')
    void platform.close().finally(() => process.exit(0))
  })
}

try {
  if (!options.empty && !platform.hasSample) {
    const { pullRequests } = await runSample(platform, directory, progress)
    await progress.step('evaluation, comments and checks', () => settle(platform, pullRequests))
    platform.keepSample()
  }
  await tellWhereToGo(platform)
} catch (cause) {
  process.stderr.write(
    `\nstemma: ${cause instanceof Error ? cause.message : String(cause)}\nhint: npm start -- --reset\n`,
  )
  await platform.close()
  process.exit(1)
}

async function tellWhereToGo({ url, github, signInLink, enrolmentToken, hasSample }: Platform): Promise<void> {
  const withSample = hasSample || !options.empty
  const { token } = await enrolmentToken({ name: process.env['USER'] || 'You', login: process.env['USER'] || 'you' })
  const pull = `${github.url}/${sampleRepository.owner}/${sampleRepository.name}/pull`
  const lines = [
    '',
    `Dashboard      ${await signInLink()}`,
    '               (the link signs you in once, within 15 minutes)',
    ...(withSample ? [`Pull requests  ${pull}/2   a rule was broken`, `               ${pull}/1   all in order`] : []),
    '',
    'Trace a repository of your own, from inside it:',
    `               export PATH="${join(root, 'cli')}:$PATH"`,
    `               stemma init --server ${url} --token ${token}`,
    `               or sign in with the local GitHub: stemma init --server ${url} && stemma login`,
    '',
    `Ready after ${((performance.now() - started) / 1000).toFixed(1)} s. Data stays in ${directory}; Ctrl-C ends everything.`,
    '',
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

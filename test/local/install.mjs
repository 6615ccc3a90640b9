// Makes `npm start`, `npm test` and the other scripts work on a fresh clone: installs what is missing, then runs the
// script that is named, with a Node that can. Plain JavaScript, because it runs before anything else is there.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
const modules = join(root, 'node_modules')
const binaries = join(modules, '.bin')
const marker = join(modules, '.stemma-installed')

const digest = createHash('sha256')
for (const file of ['package.json', 'package-lock.json']) digest.update(readFileSync(join(root, file)))
const wanted = digest.digest('hex')

if (!existsSync(marker) || readFileSync(marker, 'utf8') !== wanted) {
  process.stderr.write('installing dependencies (once, about half a minute) …\n')
  // `npm ci` insists on the optional binaries of every platform, which some registries do not carry.
  const npm = process.env.npm_execpath
  const [command, first] = npm ? [process.execPath, [npm]] : ['npm', []]
  const installed = spawnSync(command, [...first, 'install', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  if (installed.status !== 0) {
    process.stderr.write(
      'stemma: the dependencies could not be installed\nhint: run `npm install` and read what it says\n',
    )
    process.exit(installed.status ?? 1)
  }
  writeFileSync(marker, wanted)
}

// On Linux x64 a dependency brings Node 24; elsewhere the system's own must be new enough to run TypeScript and wrangler.
const brought = join(binaries, 'node')
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const runs = existsSync(brought) ? brought : major > 22 || (major === 22 && minor >= 18) ? process.execPath : null
if (runs === null) {
  process.stderr.write(
    `stemma: this needs Node 22.18 or newer, and here is ${process.versions.node}\nhint: install a current Node from https://nodejs.org\n`,
  )
  process.exit(2)
}

const [script, ...rest] = process.argv.slice(2)
const child = spawn(runs, ['--disable-warning=ExperimentalWarning', join(root, script), ...rest], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    PATH: `${binaries}${delimiter}${process.env.PATH}`,
    // Nothing that these scripts start may talk to the outside.
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_HIDE_BANNER: 'true',
  },
})
// Ctrl-C reaches the child through the terminal's process group; here it only has to be waited for.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => signal === 'SIGTERM' && child.kill(signal))
child.on('exit', (code, signal) => process.exit(signal ? 130 : (code ?? 1)))

/** A person's place on this machine: a home folder, a clone, and `stemma` set up in it with a key of their own. */
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import type { Platform } from './platform.ts'
import type { Workplace } from './scripted-claude.ts'

export interface Person {
  readonly name: string
  readonly login: string
}

interface Joining {
  readonly person: Person
  /** Address that is cloned. */
  readonly remote: string
  /** Below it each person has a home folder. */
  readonly directory: string
  /** The first one writes the project and pushes it; the others find it. */
  readonly isFirst: boolean
  readonly startedAt: Date
}

/** Where a person works, whether or not they have joined already. */
export function workplaceOf(directory: string, person: Person): Workplace {
  const home = join(directory, 'people', person.login)
  const environment = {
    HOME: home,
    PATH: [join(import.meta.dirname, '..', '..', 'cli'), process.env['PATH']].join(delimiter),
    LANG: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: person.name,
    GIT_AUTHOR_EMAIL: `${person.login}@example.com`,
    GIT_COMMITTER_NAME: person.name,
    GIT_COMMITTER_EMAIL: `${person.login}@example.com`,
    GIT_TERMINAL_PROMPT: '0',
    NO_COLOR: '1',
  }
  return { directory: join(home, 'parcel-tracker'), home, environment }
}

export async function joinOrganisation(platform: Platform, joining: Joining): Promise<Workplace> {
  const { person, remote, directory, isFirst, startedAt } = joining
  const workplace = workplaceOf(directory, person)
  const { home, directory: clone } = workplace
  mkdirSync(home, { recursive: true })
  await git(workplace, ['config', '--global', 'init.defaultBranch', 'main'], home)
  await git(workplace, ['clone', '-q', remote, clone], home)
  if (isFirst) writeProject(workplace)
  const { token } = await platform.enrolmentToken(person)
  await run(workplace, 'stemma', ['init', '--yes', '--server', platform.url, '--token', token])
  if (isFirst) {
    await git(workplace, ['add', '-A'])
    await commitByHand(workplace, 'Begin with a parcel and its route', startedAt)
    await git(workplace, ['push', '-q', '-u', 'origin', 'HEAD:main'])
  }
  return workplace
}

/** The secret in `.env` must never be found in anything that left the machine. */
export const plantedSecret = 'trk_9f8a7d6c5b4a39281706f5e4'

function writeProject({ directory }: Workplace): void {
  mkdirSync(join(directory, 'source'), { recursive: true })
  mkdirSync(join(directory, 'test'), { recursive: true })
  const write = (path: string, text: string): void => writeFileSync(join(directory, path), text)
  write(
    'package.json',
    `${JSON.stringify({ name: 'parcel-tracker', type: 'module', scripts: { test: 'node --test' } }, null, 2)}\n`,
  )
  write('README.md', '# Parcel tracker\n\nWhere is my parcel?\n')
  write('CLAUDE.md', 'Write small modules. Run `npm test` before you commit.\n')
  write('.gitignore', 'node_modules/\n.env\n')
  write('.env', `TRACKING_API_KEY=${plantedSecret}\n`)
  write(
    'source/parcel.js',
    ['export function parcel(id, route) {', '  return { id, route, position: 0 }', '}', ''].join('\n'),
  )
  write(
    'test/parcel.test.js',
    [
      "import assert from 'node:assert/strict'",
      "import { test } from 'node:test'",
      "import { parcel } from '../source/parcel.js'",
      '',
      "test('a parcel begins at the start of its route', () => {",
      "  assert.equal(parcel('p1', ['Lagos', 'Malmö']).position, 0)",
      '})',
      '',
    ].join('\n'),
  )
}

export async function commitByHand(workplace: Workplace, message: string, at: Date): Promise<void> {
  const dates = { GIT_AUTHOR_DATE: at.toISOString(), GIT_COMMITTER_DATE: at.toISOString() }
  await git({ ...workplace, environment: { ...workplace.environment, ...dates } }, ['commit', '-q', '-m', message])
}

export function git(
  workplace: Workplace,
  parameters: readonly string[],
  directory = workplace.directory,
): Promise<string> {
  return run({ ...workplace, directory }, 'git', parameters)
}

/** Never the synchronous kind: the local GitHub answers from this very process. */
export async function run(
  { directory, environment }: Pick<Workplace, 'directory' | 'environment'>,
  program: string,
  parameters: readonly string[],
): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, parameters, { cwd: directory, env: environment })
    return stdout
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string }
    throw new Error(`${program} ${parameters.join(' ')} failed:\n${stdout}${stderr}`, { cause })
  }
}

/**
 * A small organisation at work: three people, one repository, some weeks of sessions, two pull requests. Everything takes
 * the real path: the program's own hooks, git, signatures and HTTP; nothing is put into the database by hand.
 */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Platform } from './platform.ts'
import type { Progress } from './progress.ts'
import { type ScriptedSession, startScriptedSession, type Workplace } from './scripted-claude.ts'
import { commitByHand, git, joinOrganisation } from './workplace.ts'

export const sampleRepository = { owner: 'example', name: 'parcel-tracker' }

const people = [
  { name: 'Ada Okafor', login: 'ada' },
  { name: 'Ben Lindqvist', login: 'ben' },
  { name: 'Chiara Rossi', login: 'chiara' },
] as const

const opus = 'claude-opus-4-5'
const sonnet = 'claude-sonnet-4-5'
const DAY = 86_400_000

export interface SampleResult {
  readonly pullRequests: readonly number[]
}

export async function runSample(platform: Platform, directory: string, progress: Progress): Promise<SampleResult> {
  const { owner, name } = sampleRepository
  await platform.github.createRepository({ owner, name })
  const remote = `${platform.github.url}/${owner}/${name}.git`

  const places = new Map<string, Workplace>()
  const joins = async (person: (typeof people)[number]): Promise<void> => {
    const isFirst = person === people[0]
    const startedAt = new Date(Date.now() - 24 * DAY)
    places.set(person.login, await joinOrganisation(platform, { person, remote, directory, isFirst, startedAt }))
  }
  const [first, ...others] = people
  await progress.step(`${first.name} begins a repository`, () => joins(first))
  await progress.step('two more people join', () => Promise.all(others.map(joins)))
  const place = (login: (typeof people)[number]['login']): Workplace => {
    const found = places.get(login)
    if (!found) throw new Error(`nobody is called ${login}`)
    return found
  }

  await progress.step('three weeks of work on main', () => earlierWork(place('ada'), place('chiara')))
  await progress.step('two branches, one by the rules and one not', () =>
    Promise.all([labels(place('ada')), customs(place('ben'))]),
  )
  const clean = await platform.github.createPullRequest({
    owner,
    name,
    title: 'Print labels for parcels',
    head: 'feature/labels',
    base: 'main',
    author: 'ada',
  })
  const flawed = await platform.github.createPullRequest({
    owner,
    name,
    title: 'Ask for a customs form outside the union',
    head: 'feature/customs',
    base: 'main',
    author: 'ben',
  })
  return { pullRequests: [clean.number, flawed.number] }
}

/** Two finished pieces of work, some days ago, straight on main. */
async function earlierWork(ada: Workplace, chiara: Workplace): Promise<void> {
  const first = await session(ada, sonnet, 'main', 17)
  await first.prompt('Add a function that moves a parcel to the next stop of its route.')
  await first.write(
    'source/move.js',
    [
      'export function move(parcel) {',
      '  const last = parcel.route.length - 1',
      '  if (parcel.position >= last) return parcel',
      '  return { ...parcel, position: parcel.position + 1 }',
      '}',
      '',
    ].join('\n'),
  )
  await first.write(
    'test/move.test.js',
    [
      "import assert from 'node:assert/strict'",
      "import { test } from 'node:test'",
      "import { move } from '../source/move.js'",
      "import { parcel } from '../source/parcel.js'",
      '',
      "test('a parcel moves one stop at a time and stays at the last', () => {",
      "  const moved = move(parcel('p1', ['Lagos', 'Malmö']))",
      '  assert.equal(moved.position, 1)',
      '  assert.equal(move(moved).position, 1)',
      '})',
      '',
    ].join('\n'),
  )
  await first.shell('node --test')
  await first.shell('git add -A && git commit -q -m "Move a parcel along its route"')
  await first.say('Parcels move now, and the tests pass.')
  await first.end()
  await git(ada, ['push', '-q', 'origin', 'HEAD:main'])

  await git(chiara, ['pull', '-q', '--rebase', 'origin', 'main'])
  const second = await session(chiara, opus, 'main', 9)
  await second.prompt('People ask when their parcel arrives. Give an estimate in days.')
  await second.write(
    'source/estimate.js',
    [
      '/** Whole days until a parcel arrives, at two days a stop. */',
      'export function estimate(parcel) {',
      '  const stops = parcel.route.length - 1 - parcel.position',
      '  return stops * 2',
      '}',
      '',
    ].join('\n'),
  )
  await second.shell('node --test')
  await second.shell('git add -A && git commit -q -m "Estimate the days until a parcel arrives"')
  await second.end()
  // What a person adds by hand afterwards is a person's.
  appendFileSync(join(chiara.directory, 'README.md'), '\nAn estimate counts two days a stop.\n')
  await git(chiara, ['add', '-A'])
  await commitByHand(chiara, 'Say how the estimate counts', new Date(Date.now() - 9 * DAY + 3_600_000))
  await git(chiara, ['push', '-q', 'origin', 'HEAD:main'])
}

/** Test fails, is understood, passes; a person touches up the result. */
async function labels(ada: Workplace): Promise<void> {
  await git(ada, ['pull', '-q', '--rebase', 'origin', 'main'])
  await git(ada, ['checkout', '-q', '-b', 'feature/labels'])
  const work = await session(ada, opus, 'feature/labels', 0, 3 * 3_600_000)
  await work.prompt('We need labels to stick on parcels: id, destination, and the stops that are left.')
  await work.write(
    'source/label.js',
    [
      'export function label(parcel) {',
      '  const destination = parcel.route.at(-1)',
      '  const left = parcel.route.length - parcel.position',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a line of the file that is written
      '  return `${parcel.id}\\n${destination}\\n${left} stops left`',
      '}',
      '',
    ].join('\n'),
  )
  await work.write(
    'test/label.test.js',
    [
      "import assert from 'node:assert/strict'",
      "import { test } from 'node:test'",
      "import { label } from '../source/label.js'",
      "import { parcel } from '../source/parcel.js'",
      '',
      "test('a label names the parcel, where it goes and what is left', () => {",
      "  assert.equal(label(parcel('p1', ['Lagos', 'Tunis', 'Malmö'])), 'p1\\nMalmö\\n2 stops left')",
      '})',
      '',
    ].join('\n'),
  )
  await work.shell('node --test')
  await work.say('The present stop was counted as well. One less.')
  await work.edit(
    'source/label.js',
    'parcel.route.length - parcel.position',
    'parcel.route.length - 1 - parcel.position',
  )
  await work.shell('node --test')
  await work.shell('git add -A && git commit -q -m "Print labels for parcels"')
  await work.say('Labels print id, destination and the stops that are left. All tests pass.')
  await work.end()
  appendFileSync(join(ada.directory, 'README.md'), '\nLabels: see `source/label.js`.\n')
  await git(ada, ['add', '-A'])
  await commitByHand(ada, 'Point at the labels', new Date(Date.now() - 2 * 3_600_000))
  await git(ada, ['push', '-q', '-u', 'origin', 'feature/labels'])
}

/** The agent goes around a hook that stands in its way, and claims that all is well. */
async function customs(ben: Workplace): Promise<void> {
  await git(ben, ['pull', '-q', '--rebase', 'origin', 'main'])
  await git(ben, ['checkout', '-q', '-b', 'feature/customs'])
  const work = await session(ben, sonnet, 'feature/customs', 0, 3_600_000)
  await work.prompt('Parcels that leave the union need a customs form. Add it, quickly please.')
  await work.write(
    'source/customs.js',
    [
      "const union = new Set(['Malmö', 'Roma', 'Paris'])",
      '',
      'export function needsForm(parcel) {',
      '  return parcel.route.some((stop) => !union.has(stop))',
      '}',
      '',
      'export function form(parcel, value) {',
      "  if (value <= 0) throw new RangeError('a parcel has a value')",
      "  return { parcel: parcel.id, value, currency: 'EUR' }",
      '}',
      '',
    ].join('\n'),
  )
  // The agent reads a secret; redaction on this machine must keep it here.
  await work.shell('cp ../../ada/parcel-tracker/.env . && cat .env')
  await work.shell('git add -A && git commit -q --no-verify -m "Ask for a customs form"')
  await work.edit('source/customs.js', "['Malmö', 'Roma', 'Paris']", "['Malmö', 'Roma', 'Paris', 'Wien']")
  await work.shell('git commit -q -n -am "Know one more city"')
  await work.say('Customs forms are in. Everything is tested and works.')
  await work.end()
  await git(ben, ['push', '-q', '-u', 'origin', 'feature/customs'])
}

function session(
  workplace: Workplace,
  model: string,
  branch: string,
  daysAgo: number,
  extraMilliseconds = 0,
): Promise<ScriptedSession> {
  const startsAt = new Date(Date.now() - daysAgo * DAY - extraMilliseconds - 1_800_000)
  return startScriptedSession(workplace, { model, branch, startsAt })
}

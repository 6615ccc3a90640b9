/** What git, or a person, brought from elsewhere is nobody's typing here: others' commits, and files that changed names. */
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseLog } from '#cli/attribution/head-moves.ts'
import { ObservedRepository } from './observed-repository.ts'

let work: ObservedRepository
beforeEach(async () => {
  work = new ObservedRepository()
  work.write('app.ts', 'const first = 1\nconst second = 2\n')
  work.commit('Begin')
  await work.installHooks()
  work.hook('s1', 'SessionStart', { source: 'startup' })
})
afterEach(() => work.remove())

it('does not say a person here typed what somebody else did and git went forward to', async () => {
  const clone = join(work.folder, 'clone')
  work.gitIn(work.folder, 'clone', '-q', work.root, clone)
  work.write('app.ts', 'const first = 1\ntyped(in, another, place)\nconst second = 2\n', clone)
  const theirs = work.commit('Elsewhere', clone)
  work.git('fetch', '-q', clone)
  work.git('merge', '-q', '--ff-only', 'FETCH_HEAD')
  work.hook('s1', 'SessionStart', { source: 'resume' })
  expect(await work.added(theirs, 'app.ts')).toEqual(['typed(in, another, place) <- unknown'])
})

const lines = ['first(line, of, the, agent)', 'second(line, of, the, agent)', 'third(line, of, the, agent)']

describe('a file of the agent that a person renamed', () => {
  beforeEach(() => {
    work.edit('s1', 'made.ts', `${lines.join('\n')}\n`)
    work.commit('Made')
    work.git('mv', 'made.ts', 'moved.ts')
  })

  it('is the agent’s or nobody’s, though another one of the old name was made at once', async () => {
    work.edit('s2', 'made.ts', 'quite(another, content)\n')
    work.shell('s2', 'true')
    work.write('moved.ts', `${lines.join('\n')}\ntyped(by, hand)\n`)
    expect(await work.added(work.commit('Moved'), 'moved.ts')).toEqual([
      ...lines.map((line) => `${line} <- ai s1`),
      'typed(by, hand) <- human',
    ])
  })

  it('is not the person’s where the old one was brought back unseen', async () => {
    work.edit('s2', 'moved.ts', `${lines.join('\n')}\nmade(by, another)\n`)
    work.git('checkout', 'HEAD', '--', 'made.ts')
    expect(await work.added(work.commit('Moved'), 'moved.ts')).toEqual([
      ...lines.map((line) => `${line} <- unknown`),
      'made(by, another) <- ai s2',
    ])
  })

  it('is not the person’s where little of it was left at once', async () => {
    const typed = ['typed(by, hand, one)', 'typed(by, hand, two)', 'typed(by, hand, three)', 'typed(by, hand, four)']
    work.write('moved.ts', `${[lines[0], lines[1], ...typed].join('\n')}\n`)
    expect(await work.added(work.commit('Moved'), 'moved.ts')).toEqual([
      `${lines[0]} <- unknown`,
      `${lines[1]} <- unknown`,
      ...typed.map((line) => `${line} <- human`),
    ])
  })
})

it('tells commits made here from those that git only went to', () => {
  const [zero, one, two] = ['0', '1', '2'].map((digit) => digit.repeat(40))
  const entry = (from = '', to = '', what = ''): string =>
    `${from} ${to} Ada <ada@example.com> 1700000000 +0000\t${what}\n`
  const log =
    entry(zero, one, 'commit (initial): Begin') +
    entry(one, two, 'merge FETCH_HEAD: Fast-forward') +
    entry(two, two, 'reset: moving to HEAD') +
    entry(two, one, 'cherry-pick: Other')
  expect(parseLog(log).map(({ commit, kind }) => [commit, kind])).toEqual([
    [one, 'commit'],
    [two, 'going'],
    [one, 'making'],
  ])
})

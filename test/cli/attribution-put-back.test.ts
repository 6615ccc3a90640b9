/** What git puts back, without a trace in HEAD's log, is neither typed nor made by whoever had git do it. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Session } from '#core/session/session.ts'
import { ObservedRepository } from './observed-repository.ts'

const line = 'const total = price * count'
const parent = ['first()', 'second()', 'third()', line, 'fourth()', 'fifth()']

let work: ObservedRepository
beforeEach(async () => {
  work = new ObservedRepository()
  work.write('app.ts', `${parent.join('\n')}\n`)
  work.commit('Begin')
  await work.installHooks()
  work.hook('s1', 'SessionStart', { source: 'startup' })
})
afterEach(() => work.remove())

it('calls a line of the agent mixed that came back with a stash and that a person changed at once', async () => {
  work.edit('s1', 'made.ts', `first()\n${line}\nlast(one, of, the, agent)\n`)
  work.commit('Made')
  work.shell('s2', `printf 'first()\\n' > made.ts`)
  work.git('stash', '-q')
  work.write('made.ts', `first()\n${line} + tax\nlast(one, of, the, agent)\n`)
  expect(await work.added(work.commit('Tax'), 'made.ts')).toEqual([`${line} + tax <- mixed s1`])
})

it('does not give a line that stood in the parent to the person who had its move undone', async () => {
  const others = parent.filter((one) => one !== line)
  work.edit('s1', 'app.ts', `${[line, ...others, 'made(by, the, agent)'].join('\n')}\n`)
  // Only the new line is staged, so that what is committed was never seen as a file.
  const staged = work.run('git', ['hash-object', '-w', '--stdin'], {
    input: `${[...parent, 'made(by, the, agent)'].join('\n')}\n`,
  })
  work.git('update-index', '--cacheinfo', `100644,${staged.stdout.trim()},app.ts`)
  work.git('commit', '-q', '-m', 'Made')
  work.git('stash', '-q')
  work.shell('s2', `sed -i 's/^const/  const/' app.ts`)
  work.git('add', '-A')
  work.git('commit', '-q', '--amend', '--no-edit')
  expect(await work.added(work.head(), 'app.ts')).toEqual([`  ${line} <- unknown`, 'made(by, the, agent) <- ai s1'])
})

it('takes what a person typed and committed with an earlier date for typed', async () => {
  work.write('app.ts', `${[...parent, 'typed(by, hand, a, moment, ago)'].join('\n')}\n`)
  work.setEnvironment({ GIT_COMMITTER_DATE: new Date(Date.now() - 7_200_000).toISOString() })
  expect(await work.added(work.commit('Typed'), 'app.ts')).toEqual(['typed(by, hand, a, moment, ago) <- human'])
})

it('does not give an agent the second copy of a line that stands there twice after it solved a conflict', async () => {
  const made = ['first(made, by, the, agent)', 'second(made, by, the, agent)', 'third(made, by, the, agent)']
  const filler = ['one()', 'two()', 'three()', 'four()']
  work.edit('s1', 'app.ts', `${[...made, ...filler].join('\n')}\n`)
  work.commit('Made')
  work.write('app.ts', `${filler.join('\n')}\n`)
  const taken = work.commit('Taken away')
  work.write('app.ts', `${['top(typed, by, hand)', ...made, 'end(typed, by, hand)', ...filler].join('\n')}\n`)
  work.commit('Put back')
  const keepBoth = `sed -i '/^[<|=>]\\{7\\}/d' app.ts && git add -A && git revert --continue`
  work.shell('s2', `git -c merge.conflictStyle=diff3 revert --no-edit ${taken} || { ${keepBoth}; }`)
  const added = await work.added(work.head(), 'app.ts')
  expect(added.length).toBeGreaterThan(0)
  expect(added.join()).not.toContain('ai s2')
})

it('finds what an agent without hooks wrote in a file that got another name before anybody looked', async () => {
  const text = 'made(by, another, agent)\nmade(without, any, hook)\n'
  work.write('old.ts', 'const one = 1\n')
  work.commit('Begin')
  work.shell('s1', 'true')
  const at = new Date().toISOString()
  work.write('old.ts', text)
  work.git('mv', 'old.ts', 'new.ts')
  work.write('new.ts', text.replace(/^/gm, '  ').trimEnd())
  const edit = {
    path: 'old.ts',
    kind: 'update',
    userModified: null,
    hunks: [
      {
        oldStart: 1,
        oldLines: 1,
        newStart: 1,
        newLines: 2,
        lines: [
          '-const one = 1',
          ...text
            .trimEnd()
            .split('\n')
            .map((one) => `+${one}`),
        ],
      },
    ],
  }
  const session = {
    id: 'codex:s9',
    startedAt: at,
    endedAt: at,
    eventCount: 1,
    models: [{ model: 'gpt' }],
    events: [
      {
        id: 'c',
        at,
        thread: 'main',
        kind: 'toolCall',
        callId: 'c',
        tool: 'apply_patch',
        category: 'edit',
        input: {},
        command: null,
        paths: ['old.ts'],
      },
      {
        id: 'r',
        at,
        thread: 'main',
        kind: 'toolResult',
        callId: 'c',
        outcome: 'ok',
        exitCode: null,
        output: '',
        edits: [edit],
      },
    ],
  } as unknown as Session
  expect(await work.added(work.commit('Moved'), 'new.ts', [session])).toEqual([
    '  made(by, another, agent) <- ai codex:s9',
    '  made(without, any, hook) <- ai codex:s9',
  ])
  // Whoever formats it afterwards wrote none of it.
  work.write('new.ts', `${text.replace(/^(?=.)/gm, '    ')}`)
  expect(await work.added(work.commit('Formatted'), 'new.ts', [session])).toEqual([
    '    made(by, another, agent) <- unknown',
    '    made(without, any, hook) <- unknown',
  ])
})

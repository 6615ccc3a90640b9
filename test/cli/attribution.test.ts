import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Session } from '#core/session/session.ts'
import { ObservedRepository } from './observed-repository.ts'

let work: ObservedRepository
beforeEach(async () => {
  work = new ObservedRepository()
  await work.installHooks()
  work.write('app.ts', 'const first = 1\nconst last = 9\n')
  work.commit('Begin')
})
afterEach(() => work.remove())

describe('one commit', () => {
  it('tells agent, person and the commit before apart', async () => {
    work.edit('s1', 'app.ts', 'const first = 1\nconst written = byAgent()\nconst last = 9\n')
    work.write('app.ts', 'const first = 1\nconst written = byAgent()\nconst last = 9\nexport { first as typed }\n')
    const commit = work.commit('Add')
    expect(await work.added(commit, 'app.ts')).toEqual([
      'const written = byAgent() <- ai s1',
      'export { first as typed } <- human',
    ])
  })

  it('sees a human edit between two edits of the agent', async () => {
    work.edit('s1', 'new.ts', 'alpha()\n')
    work.write('new.ts', 'alpha()\nbravo()\n')
    work.edit('s1', 'new.ts', 'alpha()\nbravo()\ncharlie()\n')
    expect(await work.added(work.commit('Three'), 'new.ts')).toEqual([
      'alpha() <- ai s1',
      'bravo() <- human',
      'charlie() <- ai s1',
    ])
  })

  it('gives a line of the agent that a person changed to both', async () => {
    work.edit('s1', 'new.ts', 'const total = price * count\n')
    work.write('new.ts', 'const total = price * count + tax\n')
    expect(await work.added(work.commit('Both'), 'new.ts')).toEqual(['const total = price * count + tax <- mixed s1'])
  })

  it('knows exactly what a command changed', async () => {
    work.write('app.ts', 'const first = 1\ntyped by hand\nconst last = 9\n')
    work.shell('s1', "sed -i.bak 's/last = 9/last = 10/' app.ts && rm app.ts.bak && echo 'made()' > made.ts")
    const commit = work.commit('Command')
    expect(await work.added(commit, 'app.ts')).toEqual(['typed by hand <- human', 'const last = 10 <- ai s1'])
    expect(await work.added(commit, 'made.ts')).toEqual(['made() <- ai s1'])
  })

  it('keeps what a person typed through a formatter that the agent ran', async () => {
    work.write('style.ts', 'if (ready) {\nstart()\n}\n')
    work.shell('s1', "sed -i.bak 's/^start/  start/' style.ts && rm style.ts.bak")
    expect(await work.added(work.commit('Format'), 'style.ts')).toEqual([
      'if (ready) { <- human',
      '  start() <- human',
      '} <- human',
    ])
  })

  it('counts removed lines by who removed them', async () => {
    work.edit('s1', 'app.ts', 'const last = 9\n')
    work.write('app.ts', '')
    const { removed, sessions } = await work.attribute(work.commit('Remove'))
    expect(removed).toEqual({ ai: 1, human: 1, mixed: 0, unknown: 0 })
    expect(sessions).toEqual(['claude-code:s1'])
  })

  it('follows a renamed file', async () => {
    work.edit('s1', 'app.ts', 'const first = 1\nconst second = byAgent()\nconst third = byAgent(3)\nconst last = 9\n')
    work.git('mv', 'app.ts', 'main.ts')
    expect(await work.added(work.commit('Rename'), 'main.ts')).toEqual([
      'const first = 1 <- human',
      'const second = byAgent() <- ai s1',
      'const third = byAgent(3) <- ai s1',
      'const last = 9 <- human',
    ])
  })

  it('follows a file that was renamed before it was ever committed', async () => {
    work.edit('s1', 'draft.ts', 'const draft = byAgent()\n')
    work.sh('mv draft.ts final.ts')
    expect(await work.added(work.commit('Rename'), 'final.ts')).toEqual(['const draft = byAgent() <- ai s1'])
  })

  it('takes names with a newline, quotes and other letters', async () => {
    const names = ['a\nb.ts', 'say "hi".ts', 'tab\t.ts', 'größe.ts', "it's.ts", 'back\\slash.ts', ' lead.ts']
    for (const name of names) work.edit('s1', name, `written(${names.indexOf(name)})\n`)
    for (const name of names) work.write(name, `written(${names.indexOf(name)})\ntyped${names.indexOf(name)}\n`)
    const { files } = await work.attribute(work.commit('Names'))
    for (const name of names) {
      expect([name, files.find(({ path }) => path === name)?.added]).toEqual([
        name,
        { ai: 1, human: 1, mixed: 0, unknown: 0 },
      ])
    }
  })

  it('takes CRLF and a missing last newline exactly', async () => {
    work.edit('s1', 'dos.txt', 'one\r\ntwo')
    work.write('dos.txt', 'one\r\ntwo\r\nthree')
    expect((await work.attribute(work.commit('Dos'))).added).toEqual({ ai: 2, human: 1, mixed: 0, unknown: 0 })
  })
})

describe('what was not observed is unknown', () => {
  it('where hooks came after the change', async () => {
    const late = new ObservedRepository()
    late.write('app.ts', 'before()\n')
    late.commit('Before')
    late.write('app.ts', 'before()\nnobody saw()\n')
    await late.installHooks()
    const commit = late.commit('After')
    expect(await late.added(commit, 'app.ts')).toEqual(['nobody saw() <- unknown'])
    late.write('app.ts', 'before()\nnobody saw()\nseen()\n')
    expect(await late.added(late.commit('Seen'), 'app.ts')).toEqual(['seen() <- human'])
    late.remove()
  })

  it('where a command was left running', async () => {
    work.hook('s1', 'PreToolUse', {
      tool_name: 'Bash',
      tool_input: { command: 'npm run watch', run_in_background: true },
      tool_use_id: 'c1',
    })
    work.hook('s1', 'PostToolUse', {
      tool_name: 'Bash',
      tool_input: { command: 'npm run watch', run_in_background: true },
      tool_use_id: 'c1',
    })
    work.write('built.ts', 'who knows\n')
    expect(await work.added(work.commit('Watch'), 'built.ts')).toEqual(['who knows <- unknown'])
  })

  it('where the hook after a call is missing', async () => {
    work.hook('s1', 'PreToolUse', { tool_name: 'Bash', tool_input: { command: 'patch' }, tool_use_id: 'c1' })
    work.write('patched.ts', 'by a command or a person\n')
    expect(await work.added(work.commit('Patch'), 'patched.ts')).toEqual(['by a command or a person <- unknown'])
  })

  it('where two agents ran commands at once', async () => {
    work.hook('s1', 'PreToolUse', { tool_name: 'Bash', tool_input: { command: 'make' }, tool_use_id: 'c1' })
    work.hook('s2', 'PreToolUse', { tool_name: 'Bash', tool_input: { command: 'make' }, tool_use_id: 'c2' })
    work.write('made.ts', 'one of two\n')
    work.hook('s1', 'PostToolUse', { tool_name: 'Bash', tool_input: { command: 'make' }, tool_use_id: 'c1' })
    work.hook('s2', 'PostToolUse', { tool_name: 'Bash', tool_input: { command: 'make' }, tool_use_id: 'c2' })
    expect(await work.added(work.commit('Make'), 'made.ts')).toEqual(['one of two <- unknown'])
  })

  describe('where git brought it', () => {
    beforeEach(() => {
      work.git('checkout', '-q', '-b', 'theirs')
      work.git('config', 'core.hooksPath', '/nowhere')
      work.write('theirs.ts', 'of somebody else\n')
      work.commit('Theirs')
      work.git('checkout', '-q', 'main')
      work.git('config', '--unset', 'core.hooksPath')
    })

    it('by a cherry-pick', async () => {
      work.git('cherry-pick', 'theirs')
      expect(await work.added(work.head(), 'theirs.ts')).toEqual(['of somebody else <- unknown'])
    })

    it('by a squash merge', async () => {
      work.git('merge', '-q', '--squash', 'theirs')
      expect(await work.added(work.commit('Squash'), 'theirs.ts')).toEqual(['of somebody else <- unknown'])
    })
  })
})

describe('rewritten history', () => {
  beforeEach(() => {
    work.edit(
      's1',
      'feature.ts',
      'export const feature = byAgent()\n\nfunction helper() {\n  return feature\n} // helper\n',
    )
  })
  const lines = [
    'export const feature = byAgent() <- ai s1',
    ' <- ai s1',
    'function helper() { <- ai s1',
    '  return feature <- ai s1',
    '} // helper <- ai s1',
  ]

  it('partial staging attributes each part', async () => {
    work.write('feature.ts', `${work.read('feature.ts')}// typed below\n`)
    work.git('add', 'feature.ts')
    work.write('feature.ts', `// typed above\n${work.read('feature.ts')}`)
    work.git('commit', '-qm', 'Part')
    const first = work.head()
    const second = work.commit('Rest')
    expect(await work.added(first, 'feature.ts')).toEqual([...lines, '// typed below <- human'])
    expect(await work.added(second, 'feature.ts')).toEqual(['// typed above <- human'])
  })

  it('amend', async () => {
    work.commit('Feature')
    work.write('feature.ts', `${work.read('feature.ts')}// amended by hand\n`)
    work.git('add', '-A')
    work.git('commit', '-q', '--amend', '--no-edit')
    expect(await work.added(work.head(), 'feature.ts')).toEqual([...lines, '// amended by hand <- human'])
  })

  it('rebase onto the work of others', async () => {
    work.git('checkout', '-q', '-b', 'topic')
    const before = work.commit('Feature')
    work.edit('s2', 'app.ts', 'const first = 1\nconst mine = s2()\nconst last = 9\n')
    work.commit('App')
    work.git('checkout', '-q', 'main')
    work.write('app.ts', '// header\nconst first = 1\nconst last = 9\n')
    work.commit('Main goes on')
    work.git('checkout', '-q', 'topic')
    work.git('rebase', '-q', 'main')
    const [feature, app] = [work.git('rev-parse', 'HEAD~1').trim(), work.head()]
    expect(feature).not.toBe(before)
    expect(await work.added(feature, 'feature.ts')).toEqual(lines)
    expect(await work.added(app, 'app.ts')).toEqual(['const mine = s2() <- ai s2'])
  })

  it('squash merge, cherry-pick and stash', async () => {
    work.git('stash', '-q', '-u')
    work.git('checkout', '-q', '-b', 'topic')
    work.git('stash', 'pop', '-q')
    const topic = work.commit('Feature')
    expect(await work.added(topic, 'feature.ts')).toEqual(lines)
    work.git('checkout', '-q', 'main')
    work.git('cherry-pick', topic)
    expect(await work.added(work.head(), 'feature.ts')).toEqual(lines)
    work.git('reset', '-q', '--hard', 'HEAD~1')
    work.git('merge', '-q', '--squash', 'topic')
    expect(await work.added(work.commit('Squash'), 'feature.ts')).toEqual(lines)
  })

  it('a merge adds nothing of its own', async () => {
    work.git('checkout', '-q', '-b', 'topic')
    work.commit('Feature')
    work.git('checkout', '-q', 'main')
    work.write('app.ts', '// header\nconst first = 1\nconst last = 9\n')
    work.commit('Main goes on')
    work.git('merge', '-q', '--no-edit', 'topic')
    const { files, patchId, added } = await work.attribute(work.head())
    expect({ files, patchId, added }).toEqual({
      files: [],
      patchId: null,
      added: { ai: 0, human: 0, mixed: 0, unknown: 0 },
    })
  })
})

describe('random work in a real repository', () => {
  it('puts no line into a wrong class, whatever is committed when and how', async () => {
    // A fixed sequence: each step of it costs processes.
    let seed = 20261122
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
      return (seed >> 8) % below
    }
    const truth = new Map<string, string>()
    let number = 0
    const change = (author: string, path: string): string => {
      const lines = work
        .sh(`cat ${path} 2>/dev/null`)
        .stdout.split('\n')
        .filter((line) => line !== '')
      const fresh = Array.from({ length: 1 + random(3) }, () => `call${number++}(${number * 37}, "w${number * 91}")`)
      for (const line of fresh) truth.set(line, author)
      lines.splice(random(lines.length + 1), random(2), ...fresh)
      return lines.map((line) => `${line}\n`).join('')
    }
    const commits: string[] = []
    for (let step = 0; step < 45; step++) {
      const path = `file${random(3)}.ts`
      const kind = random(7)
      if (kind === 0) work.edit('s1', path, change('ai s1', path))
      else if (kind === 1) work.edit('s2', path, change('ai s2', path))
      else if (kind === 2) {
        work.write('../next', change('ai s2', path))
        work.shell('s2', `cp ../next ${path}`)
      } else if (kind < 5) work.write(path, change('human', path))
      else if (kind === 5) {
        work.sh(`git add ${path}`)
        if (work.run('git', ['diff', '--cached', '--quiet']).status !== 0) {
          work.git('commit', '-q', ...(commits.length > 0 && random(3) === 0 ? ['--amend'] : []), '-m', `Step ${step}`)
          commits.push(work.head())
        }
      } else if (random(2) === 0 && work.run('git', ['stash', '-q', '-u']).status === 0)
        work.run('git', ['stash', 'pop', '-q'])
    }
    commits.push(work.commit('Rest'))
    let certain = 0
    let all = 0
    for (const commit of new Set(commits)) {
      for (const path of ['file0.ts', 'file1.ts', 'file2.ts']) {
        for (const found of await work.added(commit, path)) {
          const [text = '', name] = found.split(' <- ')
          all += 1
          if (name === truth.get(text)) certain += 1
          else expect([commit, path, text, name]).toEqual([commit, path, text, 'unknown'])
        }
      }
    }
    expect(all).toBeGreaterThan(20)
    expect(certain / all).toBeGreaterThan(0.9)
  })
})

describe('sessions that only their transcripts tell of', () => {
  const session = (events: Session['events']): Session =>
    ({
      id: 'codex:swept',
      eventCount: events.length,
      models: [{ model: 'gpt' }],
      startedAt: null,
      endedAt: null,
      events,
    }) as unknown as Session
  const call = (at: string, category: 'edit' | 'shell', path: string, text: string | null): Session['events'] => [
    {
      id: `${at}a`,
      at,
      thread: 'main',
      kind: 'toolCall',
      callId: at,
      tool: 'x',
      category,
      input: {},
      command: null,
      paths: [path],
    },
    {
      id: `${at}b`,
      at,
      thread: 'main',
      kind: 'toolResult',
      callId: at,
      outcome: 'ok',
      exitCode: null,
      output: '',
      edits:
        text === null
          ? []
          : [
              {
                path,
                kind: 'create',
                hunks: [{ oldStart: 0, oldLines: 0, newStart: 1, newLines: 1, lines: [`+${text}`] }],
                userModified: null,
              },
            ],
    },
  ]

  it('are agents, not people, and their commands leave doubt', async () => {
    const at = new Date().toISOString()
    work.write('swept.ts', 'written by an agent without hooks\n')
    work.write('made.ts', 'made by its command or by hand\n')
    const commit = work.commit('Swept')
    const sessions = [
      session([
        ...call(at, 'edit', 'swept.ts', 'written by an agent without hooks'),
        ...call(at, 'shell', 'made.ts', null),
      ]),
    ]
    expect(await work.added(commit, 'swept.ts', sessions)).toEqual([
      'written by an agent without hooks <- ai codex:swept',
    ])
    expect(await work.added(commit, 'made.ts', sessions)).toEqual(['made by its command or by hand <- unknown'])
  })

  it('are enough where there are no hooks at all', async () => {
    const bare = new ObservedRepository()
    bare.write('swept.ts', 'written by an agent without hooks\nnobody knows\n')
    const sessions = [
      session(call('2026-03-01T12:00:00.000Z', 'edit', 'swept.ts', 'written by an agent without hooks')),
    ]
    expect(await bare.added(bare.commit('Swept'), 'swept.ts', sessions)).toEqual([
      'written by an agent without hooks <- ai codex:swept',
      'nobody knows <- unknown',
    ])
    bare.remove()
  })
})

describe('several work trees', () => {
  it('keeps their sessions apart and shares the state', async () => {
    const second = join(work.folder, 'second tree')
    work.git('worktree', 'add', '-q', '-b', 'second', second)
    work.edit('s1', 'shared.ts', 'in the main tree()\n')
    work.edit('s2', 'shared.ts', 'in the second tree()\n', second)
    work.write('shared.ts', 'in the second tree()\ntyped\n', second)
    const [main, other] = [work.commit('Main'), work.commit('Second', second)]
    expect(await work.added(main, 'shared.ts')).toEqual(['in the main tree() <- ai s1'])
    expect(await work.added(other, 'shared.ts')).toEqual(['in the second tree() <- ai s2', 'typed <- human'])
  })
})

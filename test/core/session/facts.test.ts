import { describe, expect, it } from 'vitest'
import { deniedShellEvents, editEvents, exampleSubject, shellEvents } from '#core/policy/subject.ts'
import type { Event } from '#core/session/event.ts'
import { observeFacts } from '#core/session/facts.ts'

function facts(...events: readonly (readonly Event[])[]) {
  return observeFacts(exampleSubject({ title: 'a session', events: events.flat() }).session)
}

function message(id: string, text: string, thread = 'main'): readonly Event[] {
  return [{ id, at: null, thread, kind: 'message', text }]
}

const edit = editEvents('e1', 'src/a.ts')

describe('the last edit', () => {
  it('is the last change of a code file, with the event that proves it', () => {
    const { lastEdit } = facts(edit, editEvents('e2', 'src/b.py'), editEvents('e3', 'README.md'))
    expect(lastEdit).toMatchObject({ value: { path: 'src/b.py', by: 'tool' }, events: ['e2-result'] })
  })

  it.each(['README.md', 'docs/a.ts', '/tmp/a.ts', '~/other/a.ts', 'types.d.ts', 'node_modules/x/a.js'])(
    'is not one of %s',
    (path) => {
      expect(facts(editEvents('e1', path)).lastEdit.value).toBeNull()
    },
  )

  it.each(['src/a.ts', '.github/scripts/a.py', 'a.go', 'deep/er/A.java', 'x.test.ts'])('may be one of %s', (path) => {
    expect(facts(editEvents('e1', path)).lastEdit.value?.path).toBe(path)
  })

  it.each([
    ["cat > src/a.ts <<'EOF'\nx\nEOF", 'src/a.ts'],
    ["sed -i 's/a/b/' src/a.ts", 'src/a.ts'],
    ['cd src && echo x >> b.ts', 'src/b.ts'],
    ['echo x | tee src/a.ts', 'src/a.ts'],
  ])('may be made by a shell: %s', (command, path) => {
    expect(facts(shellEvents('c1', command, 0)).lastEdit.value).toMatchObject({ path, by: 'shell' })
  })

  it.each(["sed 's/a/b/' src/a.ts", 'cat src/a.ts', 'echo x > /tmp/a.ts', 'cat > notes.md < src/a.ts'])(
    'is not made by: %s',
    (command) => {
      expect(facts(shellEvents('c1', command, 0)).lastEdit.value).toBeNull()
    },
  )

  it('was not made by a call that was denied', () => {
    expect(facts(deniedShellEvents('c1', 'echo x > src/a.ts')).lastEdit.value).toBeNull()
  })
})

describe('how a test run ended', () => {
  it.each([
    ['npm test', 0, 'passed'],
    ['npm test', 1, 'failed'],
    ['npm test', null, 'unknown'],
    ['cd a && npm test', 0, 'passed'],
    ['cd a && npm test', 1, 'failed'],
    ['npm run build && npm test', 1, 'unknown'],
    ['npm test && git commit -m x', 0, 'passed'],
    ['npm test && git commit -m x', 1, 'unknown'],
    ['npm test; echo done', 0, 'unknown'],
    ['set -e; npm test; echo done', 0, 'passed'],
    ['npm test || true', 0, 'unknown'],
    ['npm run fast || npm test', 0, 'unknown'],
    ['npm test || exit 1', 0, 'passed'],
    ['npm test || exit 1', 1, 'failed'],
    ['npm test 2>&1 | tail -5', 0, 'unknown'],
    ['set -o pipefail; npm test | tail -5', 0, 'passed'],
    ['set -o pipefail; npm test | tail -5', 1, 'failed'],
    ['bash -o pipefail -c "npm test | tail"', 1, 'failed'],
    ['! npm test', 0, 'unknown'],
    ['npm test &', 0, 'unknown'],
    ['if npm test; then echo ok; fi', 0, 'unknown'],
    ['(cd a && npm test)', 0, 'passed'],
    ["sh -c 'npm test'", 1, 'failed'],
    ['timeout 60 npm test', 0, 'passed'],
    ['echo "$(npm test)"', 0, 'unknown'],
  ] as const)('%s, exit %s: %s', (command, exit, outcome) => {
    expect(facts(shellEvents('c1', command, exit)).testRuns.map((run) => run.outcome)).toEqual([outcome])
  })

  it('is told by the output where the exit code does not', () => {
    const [run] = facts(shellEvents('c1', 'npm test | tail -5', 0, '# pass 4\n# fail 0\n')).testRuns
    expect(run).toMatchObject({ outcome: 'passed', witness: 'output', events: ['c1', 'c1-result'] })
  })

  it('is not told by the output against the exit code', () => {
    const [run] = facts(shellEvents('c1', 'npm test', 1, '# pass 4\n# fail 0\n')).testRuns
    expect(run).toMatchObject({ outcome: 'failed', witness: 'exit code' })
  })

  it('is pending where no end is recorded, and in the background', () => {
    const [call, result] = shellEvents('c1', 'npm test', 0)
    expect(facts(call ? [call] : []).testRuns[0]?.outcome).toBe('pending')
    const background = call?.kind === 'toolCall' ? { ...call, input: { run_in_background: true } } : null
    expect(facts(background && result ? [background, result] : []).testRuns[0]?.outcome).toBe('pending')
  })

  it('is no run where it was denied', () => {
    expect(facts(deniedShellEvents('c1', 'npm test')).testRuns).toEqual([])
  })
})

describe('tests after the last edit', () => {
  const pass = shellEvents('t1', 'npm test', 0)
  const fail = shellEvents('t2', 'npm test', 1)

  it.each([
    ['no-edit', [pass]],
    ['none', [edit]],
    ['none', [pass, edit]],
    ['passed', [edit, pass]],
    ['failed', [edit, fail]],
    ['failed', [edit, pass, fail]],
    ['passed', [edit, fail, pass]],
    ['passed', [edit, pass, shellEvents('t3', 'npm test | tail', 0)]],
    ['unknown', [edit, shellEvents('t3', 'npm test | tail', 0)]],
    ['passed', [shellEvents('c1', "sed -i 's/a/b/' src/a.ts && npm test", 0)]],
    ['none', [shellEvents('c1', "npm test && sed -i 's/a/b/' src/a.ts", 0)]],
  ] as const)('%s', (state, events) => {
    expect(facts(...events).testsAfterLastEdit.value).toBe(state)
  })

  it('names the edit and the run', () => {
    expect(facts(edit, pass).testsAfterLastEdit.events).toEqual(['e1-result', 't1', 't1-result'])
  })

  it('sees an edit that came while the tests ran', () => {
    const [call, result] = pass
    expect(facts(call ? [call] : [], edit, result ? [result] : []).testsAfterLastEdit.value).toBe('none')
  })
})

describe('commits', () => {
  it('are those that the agent reported', () => {
    const commit: Event = { id: 'k1', at: null, thread: 'main', kind: 'commit', callId: 'c1', commit: 'abc1234' }
    expect(facts(shellEvents('c1', 'git commit -m x', 0, '[main abc1234] x'), [commit]).commitsMade).toEqual({
      value: ['abc1234'],
      events: ['k1'],
    })
  })

  it('are else read from what git printed', () => {
    expect(
      facts(shellEvents('c1', 'git commit -m x', 0, '[main (root-commit) abc1234] x\n 1 file changed')).commitsMade
        .value,
    ).toEqual(['abc1234'])
    expect(facts(shellEvents('c1', 'echo "[main abc1234] x"', 0, '[main abc1234] x')).commitsMade.value).toEqual([])
    expect(facts(shellEvents('c1', 'git commit -m x', 1, '')).commitsMade.value).toEqual([])
  })
})

describe('what the last message claims', () => {
  it.each([
    ['Done. The parser reads dates with a time zone.', true],
    ['I’ve looked at it.\nAll tests pass.', true],
    ["I've implemented the change.", true],
    ['The parser fails on the second date. Shall I go on?', false],
    ['I could not finish: the tests fail.', false],
  ])('%j: %s', (text, value) => {
    expect(facts(message('m0', 'Done.'), message('m1', text)).claimedCompletion).toEqual({ value, events: ['m1'] })
  })

  it('is not what a subagent says', () => {
    expect(facts(message('m1', 'Shall I?'), message('m2', 'Done.', 'sub')).claimedCompletion).toEqual({
      value: false,
      events: ['m1'],
    })
  })
})

describe('tests that were switched off', () => {
  it.each([
    ['a.test.ts', ["+it.skip('x', () => {})"], ['a.test.ts: skipped']],
    ['tests/test_a.py', ['+@pytest.mark.skip'], ['tests/test_a.py: skipped']],
    ['a_test.go', ['+\tt.Skip("later")'], ['a_test.go: skipped']],
    ['a.test.ts', ["-it.skip('x', () => {})", "+it('x', () => {})"], []],
    ['a.test.ts', [" it.skip('x')", '+x'], []],
    ['src/a.ts', ["+it.skip('x', () => {})"], []],
  ] as const)('%s %j', (path, lines, value) => {
    expect(facts(editEvents('e1', path, lines)).testsDisabled.value).toEqual(value)
  })

  it('are those deleted, too', () => {
    expect(facts(editEvents('e1', 'a.test.ts', ['-x'], 'delete')).testsDisabled).toEqual({
      value: ['a.test.ts: deleted'],
      events: ['e1', 'e1-result'],
    })
  })
})

describe('secrets read', () => {
  it.each([
    ['cat .env', ['.env']],
    ['cat ~/.ssh/id_rsa', ['~/.ssh/id_rsa']],
    ['source .env.local', ['.env.local']],
    ['cat .env.example', []],
    ['echo .env', []],
  ] as const)('%s', (command, value) => {
    expect(facts(shellEvents('c1', command, 0)).secretFilesRead.value).toEqual(value)
  })

  it('does not count what was denied', () => {
    expect(facts(deniedShellEvents('c1', 'cat .env')).secretFilesRead.value).toEqual([])
  })
})

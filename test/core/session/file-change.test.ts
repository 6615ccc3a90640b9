import { describe, expect, it } from 'vitest'
import { deniedShellEvents, editEvents, exampleSubject } from '#core/policy/subject.ts'
import { fileChanges } from '#core/session/file-change.ts'

function changed(command: string) {
  const { session } = exampleSubject({ title: 'x', commands: [command] })
  return fileChanges(session).map(({ kind, path }) => `${kind} ${path}`)
}

describe('what a command changes', () => {
  it.each([
    ['echo x > a.txt', ['update a.txt']],
    ['cd app && echo x >> ../a.txt', ['update a.txt']],
    ['printf x | tee a.txt b.txt', ['update a.txt', 'update b.txt']],
    ['sed -i s/a/b/ src/a.ts', ['update src/a.ts']],
    ['sed s/a/b/ src/a.ts', []],
    ['cp a b', ['update b']],
    ['mv a b', ['update b', 'delete a']],
    ['rm -f a b', ['delete a', 'delete b']],
    ['cd app && rm a', ['delete app/a']],
    ['git rm a', ['delete a']],
    ['git rm --cached a', []],
    ['git mv a b', ['delete a']],
    ['cat a', []],
    ['rm "$FILE"', []],
  ])('%s', (command, wanted) => {
    expect(changed(command)).toEqual(wanted)
  })
})

it('is told by the agent’s edits, with both events', () => {
  const { session } = exampleSubject({ title: 'x', events: editEvents('e1', 'src/a.ts') })
  expect(fileChanges(session)).toMatchObject([
    { path: 'src/a.ts', by: 'tool', events: ['e1', 'e1-result'], denied: false },
  ])
})

it('keeps what was denied apart', () => {
  const { session } = exampleSubject({ title: 'x', events: deniedShellEvents('d1', 'rm a') })
  expect(fileChanges(session)).toMatchObject([{ path: 'a', denied: true }])
})

import { describe, expect, it } from 'vitest'
import { follow } from '#core/attribution/history.ts'
import type { Author } from '#core/attribution/origins.ts'
import type { Version } from '#core/attribution/version.ts'
import { agent, classes, name, person, unknown } from './versions.ts'

describe('where another reading is as good', () => {
  it('does not take a common line that is typed again for the one that went away', () => {
    const before = 'top\n'
    expect(
      classes(before, [agent('a'), 'top\nreturn result\n'], [agent('a'), 'top\n'], [person, 'return result\ntop\n']),
    ).toEqual(['unknown', 'base'])
  })

  it('leaves the lines beside an edit alone that tells all that changed', () => {
    const call: Author = {
      kind: 'agent',
      by: 'edit',
      session: 'b',
      model: 'm',
      wrote: new Set(["  return 'Hello, ' + name"]),
    }
    const file = (line: string): string => `function greet(name) {\n${line}\n}\n`
    const [before, after] = [file("  return 'Hello ' + name"), file("  return 'Hello, ' + name")]
    expect(classes('', [agent('a'), before], [call, after])).toEqual(['ai:a', 'ai:b', 'ai:a'])
  })

  it('doubts whose a bracket is that was indented where all around it was written', () => {
    expect(classes('', [agent('a'), 'one()\n}\n'], [person, 'one()\n  }\ntwo()\n'])).toEqual([
      'ai:a',
      'unknown',
      'human',
    ])
  })

  it('does not give whoever solved a conflict the lines that git brought in and that now stand there twice', () => {
    const line = 'made(by, the, agent, on, both, sides)\n'
    const before = ['top\n', 'one()\n', line, 'end\n']
    const both = ['top\n', line, 'two()\n', 'one()\n', line, 'end\n']
    const versions: Version[] = [
      { id: '1', lines: before, author: agent('a') },
      { id: '2', lines: both, author: person, arrived: new Set([line]) },
    ]
    const [last] = follow(['top\n', 'end\n'], versions).versions.slice(-1)
    expect(last?.origins.map(name).slice(0, 3)).toEqual(['base', 'unknown', 'human'])
  })

  it('leaves a bracket to the lines that it came with, where git brought in another one', () => {
    const block = ['typed(by, hand) {\n', '}\n']
    const versions: Version[] = [
      { id: '1', lines: ['one\n', 'two\n'], author: unknown },
      {
        id: '2',
        lines: ['pulled() {\n', '}\n', 'one\n', ...block, 'two\n'],
        author: person,
        arrived: new Set(['pulled() {\n', '}\n']),
      },
    ]
    const [last] = follow(['one\n', 'two\n'], versions).versions.slice(-1)
    expect(last?.origins.map(name)).toEqual(['base', 'base', 'base', 'human', 'human', 'base'])
  })
})

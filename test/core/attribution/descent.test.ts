import { describe, expect, it } from 'vitest'
import { follow } from '#core/attribution/history.ts'
import type { Version } from '#core/attribution/version.ts'
import { agent, classes, name, person, unknown } from './versions.ts'

describe('of which line a new one was made', () => {
  it('gives lines back to their author when they return', () => {
    const written = 'first(line, of, the, agent)\n\nsecond(line, of, the, agent)\n'
    expect(classes('', [agent('a'), written], [person, ''], [person, written])).toEqual(['ai:a', 'ai:a', 'ai:a'])
    expect(
      classes('top\n', [agent('a'), `top\n${written}`], [person, 'top\n'], [person, `top\nmine\n${written}`]),
    ).toEqual(['base', 'human', 'ai:a', 'ai:a', 'ai:a'])
  })

  it('gives a line back to its author that was put back and formatted before anybody looked', () => {
    const line = 'const total = price * count'
    const steps = [
      [person, `${line}\n`],
      [agent('a'), `${line} + tax\n`],
      [person, `  ${line}\n`],
    ] as const
    expect(classes('', ...steps)).toEqual(['human'])
    // An edit of an agent writes what it says, whatever stood there before.
    expect(classes('', ...steps.slice(0, 2), [agent('b'), `  ${line}\n`])).toEqual(['mixed:b'])
  })

  it('keeps the author of a line that somebody else moved', () => {
    expect(
      classes(
        'one\ntwo\n',
        [agent('a'), 'made by the agent, later moved\none\ntwo\n'],
        [person, 'one\ntwo\nmade by the agent, later moved\n'],
      ),
    ).toEqual(['base', 'base', 'ai:a'])
  })

  it('keeps a line of a person that an edit of an agent moved, and gives a moved line of the parent to the mover', () => {
    expect(
      classes(
        'one\ntwo\n',
        [person, 'typed by hand, then moved\none\ntwo\n'],
        [agent('a'), 'one\ntwo\ntyped by hand, then moved\n'],
      ),
    ).toEqual(['base', 'base', 'human'])
    expect(classes('one\ntwo\nthree\n', [agent('a'), 'two\nthree\none\n'])).toEqual(['base', 'base', 'ai:a'])
  })

  it('keeps a block that was moved into another one, and indented', () => {
    const block = 'start(the, whole, old, engine)\nstop(the, whole, new, engine)\n'
    const moved = `top\nif (ready) {\n  ${block.trimEnd().replace('\n', '\n  ')}\n}\n`
    expect(classes('top\n', [agent('a'), `${block}top\n`], [person, moved])).toEqual([
      'base',
      'human',
      'ai:a',
      'ai:a',
      'human',
    ])
  })

  it('does not give a line to the person who went on while git brought it in elsewhere in the file', () => {
    const [first, second] = ['one(of, those, that, were, there)\n', 'two(of, those, that, were, there)\n']
    const versions: Version[] = [
      { id: '1', lines: [first, second], author: unknown },
      { id: '2', lines: [second, first], author: person, arrived: new Set([first, second]) },
    ]
    expect(follow([first, second], versions).versions.at(-1)?.origins.map(name)).not.toContain('human')
  })

  it('does not let a person own what git brought in', () => {
    const [last] = follow(
      [],
      [
        { id: '1', lines: [], author: unknown },
        { id: '2', lines: ['pulled\n', 'typed\n'], author: person, arrived: new Set(['pulled\n']) },
      ],
    ).versions.slice(-1)
    expect(last?.origins.map(name)).toEqual(['base', 'human'])
  })

  it('leaves a line to its author where git brought it in with other white space', () => {
    const line = 'const total = price * count'
    const versions: Version[] = [
      { id: '1', lines: [`  ${line}`], author: agent('a') },
      { id: '2', lines: [line], author: person, arrived: new Set([line]) },
      { id: '3', lines: [`${line} + tax`], author: person },
    ]
    expect(follow([line], versions).versions.map(({ origins }) => origins.map(name))).toEqual([
      ['ai:a'],
      ['ai:a'],
      ['mixed:a'],
    ])
  })

  it('does not hold a line that git brought in, and a person indented, against the one that it replaced', () => {
    const line = 'const total = price * count + tax - rebate'
    const versions: Version[] = [
      { id: '1', lines: [`${line}\n`], author: unknown },
      { id: '2', lines: [`${line} + more\n`], author: agent('a') },
      { id: '3', lines: [`  ${line}\n`], author: person, arrived: new Set([`${line}\n`]) },
    ]
    const [last] = follow([`${line}\n`], versions).versions.slice(-1)
    expect(last?.origins.map(name)).not.toContain('mixed:a')
  })

  it('calls a line that was moved and changed at once mixed, and one that is only like it neither', () => {
    const line = 'const total = price * count + tax - rebate'
    const filler = 'one\ntwo\nthree\n'
    expect(classes(filler, [agent('a'), `${line}\n${filler}`], [person, `${filler}${line} + more\n`])).toEqual([
      'base',
      'base',
      'base',
      'mixed:a',
    ])
    expect(
      classes(filler, [agent('a'), `${line}\n${filler}`], [person, `${filler}let total = price * count + sum\n`]).at(
        -1,
      ),
    ).toBe('unknown')
  })
})

import { describe, expect, it } from 'vitest'
import type { Author } from '#core/attribution/origins.ts'
import { agent, classes, person, unknown } from './versions.ts'

describe('who put a line there', () => {
  it('gives new lines to whoever brought them and leaves the others alone', () => {
    expect(
      classes('one\ntwo\n', [agent('a'), 'one\nnew of a\ntwo\n'], [person, 'one\nnew of a\ntyped by hand\ntwo\n']),
    ).toEqual(['base', 'ai:a', 'human', 'base'])
  })

  it('keeps two agents and a person between them apart', () => {
    expect(
      classes('', [agent('a'), 'alpha\n'], [person, 'alpha\nbeta\n'], [agent('b'), 'alpha\nbeta\ngamma\n']),
    ).toEqual(['ai:a', 'human', 'ai:b'])
  })

  it('calls an agent line that a person changed mixed, and the reverse', () => {
    expect(
      classes('', [agent('a'), 'const total = price * count\n'], [person, 'const total = price * count + tax\n']),
    ).toEqual(['mixed:a'])
    expect(
      classes('', [person, 'const total = price * count\n'], [agent('a'), 'const total = price * count + tax\n']),
    ).toEqual(['mixed:a'])
  })

  it('calls a line that replaced another without likeness its own', () => {
    expect(classes('', [agent('a'), 'const total = price\n'], [person, 'throw new Error("no")\n'])).toEqual(['human'])
  })

  it('keeps origins through a formatter that an agent ran', () => {
    expect(classes('', [person, 'if (x) {\nrun()\n}\n'], [agent('a', 'command'), 'if (x) {\n  run()\n}\n'])).toEqual([
      'human',
      'human',
      'human',
    ])
    expect(classes('kept()\n', [agent('a', 'command'), '  kept()\n'])).toEqual(['unknown'])
  })

  it('takes line ends exactly: a missing last newline, and CRLF', () => {
    expect(classes('last', [agent('a'), 'last\nmore\n'])).toEqual(['unknown', 'ai:a'])
    expect(classes('', [agent('a'), 'x = 1\ny = 2\n'], [person, 'x = 1\r\ny = 2\r\n'])).toEqual(['ai:a', 'ai:a'])
  })

  it('does not decide whose an unseen line was that an agent changed', () => {
    const line = 'const total = price * count'
    expect(classes('', [unknown, `${line}\n`], [agent('a'), `${line} + tax\n`])).toEqual(['unknown'])
  })

  it('gives of a long command only what it says', () => {
    const long: Author = {
      kind: 'agent',
      by: 'command',
      session: 'a',
      model: 'm',
      wrote: new Set(['echo done >> log']),
    }
    expect(classes('one\n', [long, 'one\necho done >> log\ntyped meanwhile by hand\n'])).toEqual([
      'base',
      'ai:a',
      'unknown',
    ])
  })

  it('does not give an agent what was typed while it waited for leave to edit', () => {
    const waited: Author = {
      ...agent('a'),
      kind: 'agent',
      by: 'edit',
      session: 'a',
      model: 'm',
      wrote: new Set(['made(by, agent)', '']),
    }
    expect(classes('one\n', [waited, 'typed meanwhile\none\nmade(by, agent)\n\n'])).toEqual([
      'unknown',
      'base',
      'ai:a',
      'ai:a',
    ])
    // A formatter that ran at once changes what was written, not who wrote it.
    expect(classes('one\n', [waited, 'one\n  made(by, agent);\n'])).toEqual(['base', 'ai:a'])
  })
})

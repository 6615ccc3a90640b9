import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { align } from '#core/attribution/alignment.ts'
import { follow } from '#core/attribution/history.ts'
import { splitLines } from '#core/attribution/lines.ts'
import type { Author, Origin } from '#core/attribution/origins.ts'
import type { Version } from '#core/attribution/version.ts'

const person: Author = { kind: 'person' }
const unknown: Author = { kind: 'unknown' }
const agent = (session: string, by: 'edit' | 'command' = 'edit'): Author => ({ kind: 'agent', by, session, model: 'm' })

/** Classes of the last version's lines. */
function classes(base: string, ...steps: readonly (readonly [Author, string])[]): readonly string[] {
  const versions: Version[] = steps.map(([author, text]) => ({ id: text, lines: splitLines(text), author }))
  return (follow(splitLines(base), versions).versions.at(-1)?.origins ?? []).map(name)
}

const name = (origin: Origin): string => (origin.session === null ? origin.class : `${origin.class}:${origin.session}`)

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

  it('gives lines back to their author when they return', () => {
    const written = 'first(line, of, the, agent)\n\nsecond(line, of, the, agent)\n'
    expect(classes('', [agent('a'), written], [person, ''], [person, written])).toEqual(['ai:a', 'ai:a', 'ai:a'])
    expect(
      classes('top\n', [agent('a'), `top\n${written}`], [person, 'top\n'], [person, `top\nmine\n${written}`]),
    ).toEqual(['base', 'human', 'ai:a', 'ai:a', 'ai:a'])
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

  it('does not take a common line that is typed again for the one that went away', () => {
    const before = 'top\n'
    expect(
      classes(before, [agent('a'), 'top\nreturn result\n'], [agent('a'), 'top\n'], [person, 'return result\ntop\n']),
    ).toEqual(['unknown', 'base'])
  })

  it('knows a line of the parent that another work tree saw being written', () => {
    const line = 'written(by, the, agent, elsewhere)\n'
    const elsewhere = new Map([[line, { class: 'ai', session: 'a', model: 'm', by: 'edit' } as const]])
    const versions: Version[] = [
      { id: '1', lines: [line], author: unknown },
      { id: '2', lines: [`  ${line}`], author: person },
    ]
    const { versions: followed } = follow([line], versions, { moved: new Map(), elsewhere })
    expect(followed.at(-1)?.origins.map(name)).toEqual(['ai:a'])
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

  it('does not let a short line alone decide what was kept', () => {
    const block = ['}', 'return one', 'return one', '}']
    const changes = align([...block, 'end'], ['end', 'made()', ...block])
    expect(changes).toEqual([
      { oldStart: 0, oldEnd: 0, newStart: 0, newEnd: 2 },
      { oldStart: 4, oldEnd: 5, newStart: 6, newEnd: 6 },
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

  it('keeps a line of the parent in doubt that another work tree saw and could not tell', () => {
    const line = 'written(by, somebody, while, agents, worked)'
    const elsewhere = new Map([[`${line}\n`, { class: 'unknown', session: null, model: null, by: null } as const]])
    const versions: Version[] = [
      { id: '1', lines: [`${line}\n`], author: unknown },
      { id: '2', lines: [`${line}\r\n`], author: person },
    ]
    const { versions: followed } = follow([`${line}\n`], versions, { moved: new Map(), elsewhere })
    expect(followed.at(-1)?.origins.map(name)).toEqual(['unknown'])
  })

  it('does not give a call the line beside its own that it did not write', () => {
    const call: Author = { kind: 'agent', by: 'edit', session: 'b', model: 'm', wrote: new Set(['made(by, b)']) }
    const [, twice, after] = [0, 'same()\nsame()\n', 'same()\nmade(by, b)\nsame()\n']
    expect(classes(twice, [call, after])).toEqual(['base', 'ai:b', 'base'])
  })

  it('says unknown where either of two equal lines may be the new one', () => {
    expect(classes('', [agent('a'), 'x {\n}\n'], [person, 'x {\n}\n}\n'])).toEqual(['ai:a', 'unknown', 'unknown'])
    expect(classes('', [agent('a'), '\n'], [person, '\n\n'])).toEqual(['unknown', 'unknown'])
  })

  it('does not doubt a block because its last bracket slides over a committed one', () => {
    expect(classes('f() {\n}\n', [agent('a'), 'f() {\n}\ng() {\n}\n'])).toEqual(['base', 'ai:a', 'ai:a', 'ai:a'])
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

  it('remembers who took a line away', () => {
    const { removals } = follow(
      ['old\n', 'other\n'],
      [
        { id: '1', lines: ['other\n'], author: agent('a') },
        { id: '2', lines: [], author: person },
      ],
    )
    expect(removals.get('old\n')).toEqual(agent('a'))
    expect(removals.get('other\n')).toEqual(person)
  })
})

/** A line whose true author is known. */
interface True {
  readonly text: string
  readonly by: string
}

type Edit = {
  readonly author: 0 | 1 | 2 | 3
  readonly at: number
  readonly remove: number
  readonly add: number
  readonly weak: readonly number[]
}

const authors: readonly Author[] = [agent('a'), agent('b'), person, unknown]
const names: readonly string[] = ['ai:a', 'ai:b', 'human', 'unknown']
const weakTexts: readonly string[] = ['', '}', '  );', '});', '{']
const words = [
  'river',
  'copper',
  'lantern',
  'meadow',
  'signal',
  'harbour',
  'velvet',
  'orbit',
  'cinder',
  'quartz',
] as const

const edit: fc.Arbitrary<Edit> = fc.record({
  author: fc.constantFrom(0, 1, 2, 3),
  at: fc.nat(40),
  remove: fc.nat(4),
  add: fc.nat(5),
  weak: fc.array(fc.nat(4), { maxLength: 3 }),
})

/** Text that no other line resembles. */
function uniqueText(number: number): string {
  return `${words[number % 10]}${number} ${words[(number * 7 + 3) % 10]}${number * 31} ${number * 17}`
}

function run(
  edits: readonly Edit[],
  withWeak: boolean,
): { readonly truth: readonly True[]; readonly found: readonly string[] } {
  let truth: readonly True[] = Array.from({ length: 12 }, (_, index) => ({
    text: `${uniqueText(index)}\n`,
    by: 'base',
  }))
  const base = truth.map(({ text }) => text)
  let number = 100
  const versions: Version[] = [{ id: 'base', lines: base, author: unknown }]
  for (const { author, at, remove, add, weak } of edits) {
    const start = at % (truth.length + 1)
    const by = names[author] ?? ''
    const added: True[] = Array.from({ length: add }, () => ({ text: `${uniqueText(number++)}\n`, by }))
    if (withWeak)
      for (const kind of weak) added.splice(kind % (added.length + 1), 0, { text: `${weakTexts[kind]}\n`, by })
    const before = truth.map(({ text }) => text).join('')
    const next = [...truth.slice(0, start), ...added, ...truth.slice(start + remove)]
    // What leaves the file as it was cannot be seen by anybody.
    if (next.map(({ text }) => text).join('') === before) continue
    truth = next
    versions.push({
      id: JSON.stringify(truth.map(({ text }) => text)),
      lines: truth.map(({ text }) => text),
      author: authors[author] ?? unknown,
    })
  }
  const found = (follow(base, versions).versions.at(-1)?.origins ?? []).map(name)
  return { truth, found }
}

describe('random work of two agents, a person and something unseen', () => {
  it('puts no unique line into a wrong class', () => {
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 25 }), (edits) => {
        const { truth, found } = run(edits, false)
        expect(found).toEqual(truth.map(({ by }) => by))
      }),
      { numRuns: 400 },
    )
  })

  it('may say unknown of blank lines and brackets, but nothing wrong', () => {
    let certain = 0
    let all = 0
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 25 }), (edits) => {
        const { truth, found } = run(edits, true)
        for (const [index, { text, by }] of truth.entries()) {
          const isUnique = /\w/.test(text)
          if (isUnique) expect(found[index]).toBe(by)
          // A line of the parent is never counted as added, so that its reading costs nothing.
          else if (found[index] !== 'unknown' && by !== 'base') expect([by, 'base']).toContain(found[index])
          all += 1
          if (found[index] === by) certain += 1
        }
      }),
      { numRuns: 400 },
    )
    expect(certain / all).toBeGreaterThan(0.8)
  })
})

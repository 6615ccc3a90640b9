import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { follow } from '#core/attribution/history.ts'
import type { Author } from '#core/attribution/origins.ts'
import type { Version } from '#core/attribution/version.ts'
import { agent, name, person, unknown } from './versions.ts'

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

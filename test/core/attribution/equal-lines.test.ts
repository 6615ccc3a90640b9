import { diffArrays } from 'diff'
import { describe, expect, it } from 'vitest'
import { settleEqualLines } from '#core/attribution/equal-lines.ts'
import { follow } from '#core/attribution/history.ts'
import { splitLines } from '#core/attribution/lines.ts'
import { type Author, baseOrigin, type Origin, originBy } from '#core/attribution/origins.ts'
import type { Version } from '#core/attribution/version.ts'
import { type Random, randomFrom } from '#test/fuzz/random.ts'

const name = ({ class: kind, session }: Origin): string => (session === null ? kind : `${kind} ${session}`)

describe('a line that is new or stood in the parent', () => {
  const human = originBy({ kind: 'person' })
  const either: Origin = { ...human, orBase: true }

  it('is the new one where git shows it, and not the other one', () => {
    const shown = { parent: ['}\n'], lines: ['}\n', 'made()\n', '}\n'], added: new Set([1, 2]) }
    expect(settleEqualLines([either, human, either], shown).map(name)).toEqual(['human', 'human', 'human'])
  })

  it('is nobody’s where there are no more of its text than before', () => {
    const shown = { parent: ['}\n', '}\n'], lines: ['}\n', 'made()\n', '}\n'], added: new Set([1, 2]) }
    expect(settleEqualLines([either, human, either], shown).map(name)).toEqual(['human', 'human', 'unknown'])
  })

  it('is nobody’s where the other one has another author', () => {
    const agent = originBy({ kind: 'agent', by: 'edit', session: 'a', model: null })
    const shown = { parent: ['}\n'], lines: ['}\n', '}\n', '}\n'], added: new Set([1, 2]) }
    expect(settleEqualLines([agent, human, either], shown).map(name)).toEqual(['ai a', 'human', 'unknown'])
    expect(settleEqualLines([baseOrigin, human, either], shown).map(name)).toEqual(['base', 'human', 'unknown'])
  })
})

interface Tagged {
  readonly text: string
  readonly by: string
}

const texts = ['', '', '}', '  )', '{', 'return result', 'end', 'const value = next()', '  }']

/** What is put in the place of an equal line is that line: nothing was written. */
function edited(lines: readonly Tagged[], by: string, random: Random): readonly Tagged[] {
  const at = random.below(lines.length + 1)
  const removed = lines.slice(at, at + (random.chance(0.4) ? random.below(3) : 0))
  const fresh = random
    .times(1 + random.below(5), () => ({
      text: random.chance(0.15) ? `call${random.below(1_000_000)}(${random.below(1000)})` : random.pick(texts),
      by,
    }))
    .filter(({ text }) => removed.every((line) => line.text !== text))
  return lines.toSpliced(at, removed.length, ...fresh)
}

const textOf = (lines: readonly Tagged[]): string => lines.map(({ text }) => `${text}\n`).join('')

/** 0-based places of the lines that a diff shows as added. */
function addedLines(parent: readonly Tagged[], lines: readonly Tagged[]): ReadonlySet<number> {
  const added = new Set<number>()
  let at = 0
  for (const part of diffArrays(splitLines(textOf(parent)) as string[], splitLines(textOf(lines)) as string[])) {
    if (part.removed) continue
    if (part.added) for (let place = at; place < at + part.count; place++) added.add(place)
    at += part.count
  }
  return added
}

it('gives no equal line to somebody who wrote none like it since the parent', () => {
  let known = 0
  for (let seed = 1; seed <= 400; seed++) {
    const random = randomFrom(seed)
    const states: (readonly Tagged[])[] = [edited([], 'unknown', random)]
    const versions: Version[] = []
    const observe = (author: Author): void => {
      const text = textOf(states.at(-1) ?? [])
      versions.push({ id: text, lines: splitLines(text), author })
    }
    observe({ kind: 'unknown' })
    for (let count = 1 + random.below(12); count > 0; count--) {
      const before = states.at(-1) ?? []
      const session = random.pick([null, 's1', 's2'])
      const by = session === null ? 'human' : `ai ${session}`
      const after = edited(before, by, random)
      if (textOf(after) === textOf(before)) continue
      states.push(after)
      const wrote = new Set(after.filter((line) => !before.includes(line)).map(({ text }) => text))
      if (session === null) observe({ kind: 'person' })
      else if (random.chance(0.7)) observe({ kind: 'agent', by: 'edit', session, model: null, wrote })
      else observe({ kind: 'agent', by: 'command', session, model: null })
    }
    for (const [at, state] of states.entries()) {
      const parent = states[random.below(at + 1)] ?? []
      const lines = splitLines(textOf(parent))
      const { versions: followed } = follow(lines, versions.slice(0, at + 1))
      const added = addedLines(parent, state)
      const shown = { parent: lines, lines: splitLines(textOf(state)), added }
      const origins = settleEqualLines(followed.at(-1)?.origins ?? [], shown)
      for (const place of added) {
        const answer = name(origins[place] ?? baseOrigin)
        if (answer === 'unknown' || answer === 'base') continue
        known += 1
        const { text, by } = state[place] ?? { text: '', by: '' }
        const others = state.filter((line) => line.text === text && !parent.includes(line)).map((line) => line.by)
        expect([by, ...others], `seed ${seed}, state ${at}, line ${place + 1}`).toContain(answer)
      }
    }
  }
  expect(known).toBeGreaterThan(10_000)
})

import { describe, expect, it } from 'vitest'
import type { Author } from '#core/attribution/origins.ts'
import { agent, classes, person } from './versions.ts'

describe('a change that may stand one place up or down', () => {
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
})

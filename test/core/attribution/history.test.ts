import { describe, expect, it } from 'vitest'
import { follow } from '#core/attribution/history.ts'
import type { Version } from '#core/attribution/version.ts'
import { agent, name, person, unknown } from './versions.ts'

describe('lines through the versions of a file', () => {
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

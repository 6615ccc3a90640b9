import { describe, expect, test } from 'vitest'
import { boundedObject } from '#core/agents/bounded.ts'
import { homeHidden } from '#core/agents/paths.ts'

const same = (text: string): string => text

describe('an object that is kept', () => {
  test('has no more members than any tool gives, and says how many it had', () => {
    const many = Object.fromEntries(Array.from({ length: 2_003 }, (_, at) => [`key${at}`, at]))
    const kept = boundedObject(many, same)
    expect(Object.keys(kept)).toHaveLength(2_001)
    expect([kept['key1999'], kept['key2000'], kept['…']]).toEqual([1_999, undefined, '3 members left out'])
    expect(boundedObject(Object.fromEntries(Object.entries(many).slice(0, 2_000)), same)).not.toHaveProperty('…')
  })

  test('keeps every member as its own, whatever its name', () => {
    const kept = boundedObject(JSON.parse('{"__proto__":{"a":1},"constructor":"b","2":"c","1":null}'), same)
    expect(JSON.stringify(kept)).toBe('{"1":null,"2":"c","[__proto__]":{"a":1},"constructor":"b"}')
    expect(Object.getPrototypeOf(kept)).toBe(Object.prototype)
  })
})

describe('the home folder', () => {
  test.each(['/home/ada', '/root', '/h', '/Users/ada.lovelace'])('%s is hidden wherever it is named', (home) => {
    const hidden = homeHidden(home)
    const text = `cat ${home}/notes.md; cd ${home}; at file://${home}/shop/a.ts:1 (${home}2, x${home}) ${home.slice(0, 6)}`
    expect(hidden(text)).toBe(
      `cat ~/notes.md; cd ~; at file://~/shop/a.ts:1 (${home}2, x${home}) ${home.length < 6 ? '~' : home.slice(0, 6)}`,
    )
    expect(hidden('nothing of it')).toBe('nothing of it')
  })
})

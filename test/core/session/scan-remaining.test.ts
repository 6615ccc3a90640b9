import { describe, expect, test } from 'vitest'
import { scanRemaining } from '#core/session/redaction.ts'
import { readEvents, readEventsInPieces, writeSession } from '#core/session/session-text.ts'
import { prompt, sessionOf } from './sample-session.ts'

const TOKEN = ['ghp', 'x7Qm2Lw9Rt4Yb8Nc3Kd6Vz1Ph5Js0Fg2Ha4e'].join('_')
const secret = `use ${TOKEN} for it`
/** More than are looked at together, several times. */
const COUNT = 1_700

function sessionWith(texts: Readonly<Record<number, string>>, ids: Readonly<Record<number, string>> = {}) {
  return sessionOf(
    Array.from({ length: COUNT }, (_, at) => ({ ...prompt(texts[at] ?? 'nothing'), id: ids[at] ?? `e${at}` })),
  )
}

describe('a second look at a long session', () => {
  test('tells the line of each finding, in order', async () => {
    const text = writeSession(sessionWith({ 0: secret, 499: secret, 500: secret, 1699: secret }))
    expect(await scanRemaining(text)).toEqual(
      [0, 499, 500, 1_699].map((at) => ({ rule: 'github-token', line: at + 2, event: `e${at}` })),
    )
  })

  test('tells an id that is a secret once, by the last line that has it', async () => {
    const text = writeSession(sessionWith({ 600: secret }, { 3: TOKEN, 1200: TOKEN }))
    expect(await scanRemaining(text)).toEqual([
      { rule: 'github-token', line: 602, event: 'e600' },
      { rule: 'github-token', line: 1_202, event: null },
    ])
  })

  test('takes no id of the session for a known secret, whether it is told the ids or finds them', async () => {
    const text = writeSession(
      sessionWith({ 5: 'see hT5kW8zQ2vN9xB4r', 7: 'see pK7wQ2zL9xV4mT8r' }, { 1699: 'hT5kW8zQ2vN9xB4r' }),
    )
    const knownSecrets = ['hT5kW8zQ2vN9xB4r', 'pK7wQ2zL9xV4mT8r']
    const found = [{ rule: 'known-secret', line: 9, event: 'e7' }]
    expect(await scanRemaining(text, { knownSecrets })).toEqual(found)
    expect(await scanRemaining(text, { knownSecrets, ids: new Set(['hT5kW8zQ2vN9xB4r']) })).toEqual(found)
  })

  test('refuses what announces another number of events', async () => {
    const text = writeSession(sessionWith({}))
    const short = text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1)
    const ids = new Set<string>()
    await expect(scanRemaining(short, { ids })).rejects.toThrow(`announces ${COUNT} events, but ${COUNT - 1} follow`)
  })
})

test.each([1, 7, 1_699, 1_700, 5_000])('pieces of %i events are all events', (size) => {
  const text = writeSession(sessionWith({ 3: 'three' }))
  const pieces = [...readEventsInPieces(text, size)]
  expect(pieces.flat()).toEqual(readEvents(text))
  expect(pieces.slice(0, -1).every((piece) => piece.length === size)).toBe(true)
  expect(pieces.at(-1)?.length).toBeLessThanOrEqual(size)
})

import { describe, expect, test } from 'vitest'
import { readEvents, readHeader, readSession, writeSession } from '#core/session/session-text.ts'
import { parsed } from '../agents/claude-code/fixtures.ts'
import { prompt, sessionOf } from './sample-session.ts'

const session = parsed('current')
const text = writeSession(session)

describe('a written session', () => {
  test('is one line for the header and one for each event', () => {
    const lines = text.split('\n')
    expect(lines).toHaveLength(session.eventCount + 2)
    expect(lines.at(-1)).toBe('')
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ type: 'session', id: 'claude-code:current' })
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ type: 'event', event: { kind: 'prompt' } })
  })

  test('is read as the same session', () => expect(readSession(text)).toEqual(session))

  test('has the same bytes whatever the order of its keys', () => {
    const turned = Object.fromEntries(Object.entries(session).toReversed()) as unknown as typeof session
    const events = session.events.map((event) => Object.fromEntries(Object.entries(event).toReversed()) as typeof event)
    expect(writeSession({ ...turned, events })).toBe(text)
  })

  test('keeps events whose own field is called type', () => {
    const damaged = parsed('damaged')
    expect(readSession(writeSession(damaged))).toEqual(damaged)
  })
})

describe('reading a part', () => {
  test('the header needs the first line only', () => {
    const { events, ...header } = session
    expect(events.length).toBe(header.eventCount)
    expect(readHeader(`${text.split('\n')[0]}\nnot json`)).toEqual(header)
  })

  test.each([
    [0, 3],
    [5, 2],
    [40, 100],
    [1000, 5],
  ])('events from %i, at most %i', (offset, limit) => {
    expect(readEvents(text, { offset, limit })).toEqual(session.events.slice(offset, offset + limit))
  })

  test('does not read what lies outside of the window', () => {
    const lines = text.split('\n')
    lines[1] = 'not json'
    lines[6] = 'not json'
    expect(readEvents(lines.join('\n'), { offset: 1, limit: 4 })).toEqual(session.events.slice(1, 5))
  })
})

describe('what is no session is refused, with the line', () => {
  const [header = '', first = ''] = writeSession(sessionOf([prompt('one')])).split('\n')
  test.each([
    ['', 1],
    ['not json', 1],
    ['[]', 1],
    ['{"type":"event"}', 1],
    [header.replace('"stemma.session/v1"', '"stemma.session/v9"'), 1],
    [header, 1],
    [`${header}\n${first}\n${first}`, 1],
    [`${header}\nnot json`, 2],
    [`${header}\n{"type":"event","event":{"kind":"dance"}}`, 2],
    [`${header}\n${first.replace('"main"', '""')}`, 2],
    [`${header}\n${first}\n{"type":"session"}`, 3],
  ])('%#', (broken, line) => {
    expect(() => readSession(broken)).toThrowError(
      expect.objectContaining({ code: 'transcript-malformed', message: expect.stringContaining(`Line ${line} `) }),
    )
  })
})

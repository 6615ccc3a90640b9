import { expect, test } from 'vitest'
import { withoutRepeats } from '#core/agents/repeats.ts'
import { prompt } from '../session/sample-session.ts'

test('what another session told is told there, be it a single event', () => {
  const events = [prompt('one'), { ...prompt('two'), id: 'p2' }]
  const context = { roots: [], home: '/', capture: 'both', countedMessages: new Set<string>() } as const
  const knownEvents = new Map([['p2', 'codex:parent']])
  expect(withoutRepeats(events, 'codex:child', { ...context, knownEvents })).toEqual({
    own: events.slice(0, 1),
    forkedFrom: 'codex:parent',
    warnings: ['1 events repeat codex:parent and are told there.'],
  })
  expect(withoutRepeats(events, 'codex:parent', { ...context, knownEvents }).own).toEqual(events)
  expect(withoutRepeats(events, 'codex:child', { ...context, knownEvents: new Map() }).own).toEqual(events)
})

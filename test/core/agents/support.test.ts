import { expect, test } from 'vitest'
import { capabilities } from '#core/agents/agent.ts'
import { agents } from '#core/agents/registry.ts'
import { capabilityTitles, supportOf } from '#core/agents/support.ts'

const cells = agents.flatMap((agent) => supportOf(agent).map((cell) => ({ agent: agent.id, ...cell })))

test.each(cells.filter(({ state }) => state !== 'yes'))('$agent, $capability: $state has its reason', ({ reason }) => {
  // A word or two is no reason: it must say what is missing.
  expect(reason?.split(/\s+/).length ?? 0).toBeGreaterThanOrEqual(4)
})

test('every agent has a cell for every capability, and `yes` needs no reason', () => {
  expect(cells).toHaveLength(agents.length * capabilities.length)
  expect(Object.keys(capabilityTitles)).toEqual([...capabilities])
  for (const { state, reason } of cells) if (state === 'yes') expect(reason).toBeNull()
})

test('a cell is read as it is written', () => {
  const supports = { ...Object.fromEntries(capabilities.map((one) => [one, 'yes'])) } as never
  expect(supportOf({ supports: { ...(supports as object), cost: 'no: a: b' } as never })[3]).toEqual({
    capability: 'cost',
    state: 'no',
    reason: 'a: b',
  })
})

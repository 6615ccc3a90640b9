import { expect, it } from 'vitest'
import { randomFrom } from '../fuzz/random.ts'
import { kinds, makePlan } from './plan.ts'
import { compare, soak } from './soak.ts'

it('ends as without faults: lost, doubled and late deliveries, refused requests, a restart', async () => {
  const plan = makePlan(kinds.length, randomFrom(7))
  const note = () => undefined
  const clean = await soak(plan, { faults: null, goal: null, note })
  const faulty = await soak(plan, { faults: 8, goal: clean, note })
  expect(compare(plan, clean, faulty)).toEqual({ pullRequests: kinds.length, doubled: [], different: [] })
  expect(faulty.requests.failed).toBeGreaterThan(0)
  expect([clean.violations, faulty.violations]).toEqual([0, 0])
}, 1_800_000)

/** JSON documents with the names that the random modules ask for. */
import type { Random } from '../random.ts'

export const inputNames = ['a', 'b', 'c', 'items', 'name', 'kind', 'nested'] as const

const texts = [
  '',
  'a',
  'abc',
  'main',
  'x'.repeat(200),
  'é𝒳‮',
  '1',
  '-0',
  '2026-01-01T00:00:00Z',
  '10.0.0.0/8',
  '{"a":1}',
  'a.b.c',
  '(a+)+$',
]
const numbers = [0, 1, -1, 2, 7, 1.5, 1e21, -1e-9, Number.MAX_SAFE_INTEGER, 4_294_967_296]

export function randomInput(random: Random): unknown {
  return random.chance(0.05) ? undefined : value(random, 4)
}

function value(random: Random, depth: number): unknown {
  const kind = random.below(depth <= 0 ? 4 : 7)
  if (kind === 0) return random.pick(texts)
  if (kind === 1) return random.pick(numbers)
  if (kind === 2) return random.pick([true, false, null])
  if (kind === 3) return random.below(100)
  if (kind === 4) return random.times(random.below(6), () => value(random, depth - 1))
  return Object.fromEntries(random.times(random.below(6), () => [random.pick(inputNames), value(random, depth - 1)]))
}

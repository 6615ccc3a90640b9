/** Randomness that a seed repeats. */

export interface Random {
  /** From 0 up to, and without, `end`. */
  readonly below: (end: number) => number
  readonly pick: <Item>(items: readonly Item[]) => Item
  /** True in `share` of all calls. */
  readonly chance: (share: number) => boolean
  readonly times: <Item>(count: number, make: (index: number) => Item) => Item[]
}

/** Mulberry32: 32 bits of state, and quick. */
export function randomFrom(seed: number): Random {
  let state = (seed * 0x9e3779b1) >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (end: number): number => Math.floor(next() * end)
  return {
    below,
    pick: (items) => {
      const item = items[below(items.length)]
      if (item === undefined) throw new RangeError('there is nothing to pick from')
      return item
    },
    chance: (share) => next() < share,
    times: (count, make) => Array.from({ length: count }, (_, index) => make(index)),
  }
}

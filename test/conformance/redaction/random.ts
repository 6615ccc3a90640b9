/** Numbers that look random and are the same in every run: a failure can be looked at again. */

export const LOWER = 'abcdefghijklmnopqrstuvwxyz'
export const UPPER = LOWER.toUpperCase()
export const DIGITS = '0123456789'
export const HEX = `${DIGITS}abcdef`
export const ALPHANUMERIC = `${LOWER}${UPPER}${DIGITS}`
export const URL_SAFE = `${ALPHANUMERIC}-_`
export const BASE64 = `${ALPHANUMERIC}+/`

export interface Random {
  /** 0 <= n < limit, whole. */
  readonly below: (limit: number) => number
  readonly pick: <Item>(items: readonly Item[]) => Item
  /** Has a digit and a letter wherever the alphabet has them, as issued keys practically always do. */
  readonly text: (length: number, alphabet?: string) => string
  readonly bytes: (length: number) => Uint8Array<ArrayBuffer>
}

/** Mulberry32 (public domain): 32 bits of state, far more than the choice among some templates asks for. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[below(items.length)]
    if (item === undefined) throw new RangeError('there is nothing to pick from')
    return item
  }
  const text = (length: number, alphabet = ALPHANUMERIC): string => {
    const drawn = Array.from({ length }, () => alphabet[below(alphabet.length)] ?? '').join('')
    const isUneven = (/\d/.test(alphabet) && !/\d/.test(drawn)) || (/[a-z]/i.test(alphabet) && !/[a-z]/i.test(drawn))
    return isUneven && length > 6 ? text(length, alphabet) : drawn
  }
  const bytes = (length: number) => Uint8Array.from({ length }, () => below(256))
  return { below, pick, text, bytes }
}

/** IP addresses and CIDR blocks. Nothing is looked up. */
import { allocate, charge } from '../budget.ts'
import { entriesOf, isArray, isObject, RegoSet, type Value } from '../value.ts'
import { type Builtin, define, elements, refuseValue, text, unsupported } from './builtin.ts'

interface Address {
  readonly value: bigint
  readonly bits: 32 | 128
}
interface Block extends Address {
  readonly prefix: number
}

function parseV4(source: string): bigint | null {
  const parts = source.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return null
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n)
}

function parseV6(source: string): bigint | null {
  if (source.length > 64) return null
  let rest = source
  const tail = /:((?:\d{1,3}\.){3}\d{1,3})$/.exec(source)?.[1]
  if (tail !== undefined) {
    const v4 = parseV4(tail)
    if (v4 === null) return null
    rest = `${source.slice(0, -tail.length)}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`
  }
  const halves = rest.split('::')
  if (halves.length > 2) return null
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')))
  const [head = [], end = []] = groups
  const missing = 8 - head.length - end.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null
  const all = [...head, ...Array.from({ length: halves.length === 1 ? 0 : missing }, () => '0'), ...end]
  if (!all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return null
  return all.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n)
}

function parseAddress(source: string): Address | null {
  charge(8)
  const v4 = parseV4(source)
  if (v4 !== null) return { value: v4, bits: 32 }
  const v6 = source.includes(':') ? parseV6(source) : null
  return v6 === null ? null : { value: v6, bits: 128 }
}

function mask(bits: number, prefix: number): bigint {
  return ((1n << BigInt(prefix)) - 1n) << BigInt(bits - prefix)
}

function parseBlock(source: string): Block | null {
  const [address = '', prefix = '', ...more] = source.split('/')
  const parsed = parseAddress(address)
  if (parsed === null || more.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(prefix) || Number(prefix) > parsed.bits)
    return null
  return { bits: parsed.bits, prefix: Number(prefix), value: parsed.value & mask(parsed.bits, Number(prefix)) }
}

/** A block, or an address as a block of one. */
function blockOrAddress(source: string): Block {
  const address = parseAddress(source)
  if (address !== null) return { ...address, prefix: address.bits }
  return parseBlock(source) ?? refuseValue(`invalid CIDR address: ${source}`)
}

function blockAt(value: Value, position: number): Block {
  const source = text(value, position)
  return parseBlock(source) ?? refuseValue(`invalid CIDR address: ${source}`)
}

function contains(outer: Block, inner: Block): boolean {
  return (
    outer.bits === inner.bits &&
    outer.prefix <= inner.prefix &&
    (inner.value & mask(outer.bits, outer.prefix)) === outer.value
  )
}

function formatV6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => Number((value >> BigInt(112 - 16 * index)) & 0xffffn))
  // The longest run of at least two zero groups is written as `::`, the first of equals.
  let [from, length] = [-1, 1]
  for (let start = 0; start < 8; start++) {
    let end = start
    while (end < 8 && groups[end] === 0) end += 1
    if (end - start > length) [from, length] = [start, end - start]
  }
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':')
  return from < 0 ? hex(groups) : `${hex(groups.slice(0, from))}::${hex(groups.slice(from + length))}`
}

function formatAddress({ value, bits }: Address): string {
  if (bits === 128) return formatV6(value)
  return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.')
}

function expand(value: Value): Value {
  const block = blockAt(value, 1)
  const size = 1n << BigInt(block.bits - block.prefix)
  allocate(Number(size))
  const addresses = new RegoSet()
  for (let offset = 0n; offset < size; offset++) {
    charge(1)
    addresses.add(formatAddress({ value: block.value + offset, bits: block.bits }))
  }
  return addresses
}

/** Pairs of key and block text from a string, an array, a set or an object; tuples begin with their block. */
function candidates(value: Value, position: number): readonly (readonly [Value, string])[] {
  const source = (item: Value): string => {
    const first = isArray(item) ? item[0] : item
    if (typeof first === 'string') return first
    return refuseValue(`operand ${position}: element must be string or non-empty array`)
  }
  if (typeof value === 'string') return [[value, value]]
  if (isArray(value)) return value.map((item, index) => [index, source(item)] as const)
  if (isObject(value)) return [...entriesOf(value)].map(([key, item]) => [key, source(item)] as const)
  return elements(value, position).map((item) => [item, source(item)] as const)
}

function containsMatches(outer: Value, inner: Value): Value {
  const blocks = candidates(outer, 1).map(([key, source]) => [key, blockOrAddress(source)] as const)
  const others = candidates(inner, 2).map(([key, source]) => [key, blockOrAddress(source)] as const)
  const found = new RegoSet()
  for (const [key, block] of blocks) {
    for (const [other, candidate] of others) {
      charge(1)
      if (contains(block, candidate)) found.add([key, other])
    }
  }
  return found
}

/** An IPv4 address without a prefix stands for its network by class, as in Go: A, B or C. */
function classPrefix(address: bigint): number {
  const first = address >> 24n
  if (first < 128n) return 8
  return first < 192n ? 16 : 24
}

function merge(value: Value): Value {
  const blocks = elements(value, 1).map((item) => {
    const source = text(item, 1)
    const address = parseAddress(source)
    if (address === null) return blockAt(item, 1)
    if (address.bits === 128) refuseValue('IPv6 invalid: needs prefix length')
    const prefix = classPrefix(address.value)
    return { bits: 32, prefix, value: address.value & mask(32, prefix) } as const
  })
  const merged = new RegoSet()
  for (const bits of [32, 128] as const) {
    for (const range of ranges(blocks.filter((block) => block.bits === bits))) {
      for (const block of cover(range, bits)) merged.add(`${formatAddress(block)}/${block.prefix}`)
    }
  }
  return merged
}

type Range = readonly [from: bigint, to: bigint]

/** Ranges that neither overlap nor touch. */
function ranges(blocks: readonly Block[]): Range[] {
  const sorted = blocks
    .map(({ value, bits, prefix }): Range => [value, value + (1n << BigInt(bits - prefix)) - 1n])
    .sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0))
  const result: Range[] = []
  for (const range of sorted) {
    charge(1)
    const last = result.at(-1)
    if (last !== undefined && range[0] <= last[1] + 1n) result[result.length - 1] = [last[0], larger(range[1], last[1])]
    else result.push(range)
  }
  return result
}

/** Math.max takes no bigints. */
function larger(a: bigint, b: bigint): bigint {
  if (a > b) return a
  return b
}

/** The fewest blocks that make up a range. */
function cover([from, to]: Range, bits: 32 | 128): Block[] {
  const blocks: Block[] = []
  for (let at = from; at <= to; ) {
    charge(1)
    let size = 0
    while (size < bits && (at & ((1n << BigInt(size + 1)) - 1n)) === 0n && at + (1n << BigInt(size + 1)) - 1n <= to)
      size += 1
    blocks.push({ value: at, bits, prefix: bits - size })
    at += 1n << BigInt(size)
  }
  return blocks
}

function intersects(a: Value, b: Value): Value {
  const [x, y] = [blockAt(a, 1), blockAt(b, 2)]
  return contains(x, y) || contains(y, x)
}

export const network: readonly Builtin[] = [
  define('net.cidr_contains', 2, (outer, inner) => contains(blockAt(outer, 1), blockOrAddress(text(inner, 2)))),
  define('net.cidr_contains_matches', 2, containsMatches),
  define('net.cidr_expand', 1, expand),
  define('net.cidr_intersects', 2, intersects),
  define('net.cidr_overlap', 2, (outer, inner) => contains(blockAt(outer, 1), blockOrAddress(text(inner, 2)))),
  define('net.cidr_is_valid', 1, (value) => typeof value === 'string' && parseBlock(value) !== null),
  define('net.cidr_merge', 1, merge),
  define('net.lookup_ip_addr', 1, () => unsupported('net.lookup_ip_addr', 'policies cannot reach a network')),
]

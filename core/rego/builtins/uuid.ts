/** UUIDs and numbers that look random: both follow from the seed and the operands alone. */
import { charge } from '../budget.ts'
import type { Surroundings } from '../machine.ts'
import { normal } from '../number.ts'
import { RegoObject, type Value } from '../value.ts'
import { type Builtin, bigInteger, define, text } from './builtin.ts'
import { fromHex, toBytes, toHex } from './bytes.ts'
import { sha256 } from './hash.ts'

/** 100 ns intervals between the Gregorian calendar of 1582 and 1970. */
const GREGORIAN = 0x01b21dd213814000n

function parseUuid(value: Value): Value | undefined {
  const source = text(value, 1)
    .replace(/^urn:uuid:/i, '')
    .replace(/^\{(.*)\}$/, '$1')
  const hex = /^[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}$/i.test(source)
    ? source.replaceAll('-', '')
    : ''
  const bytes = hex === '' ? null : fromHex(hex)
  if (bytes === null) return undefined
  const byte = (index: number): number => bytes[index] as number
  const version = byte(6) >> 4
  const result = new RegoObject()
  result.set('version', version)
  result.set('variant', variantOf(byte(8)))
  if (version !== 1 && version !== 2) return result
  const low = BigInt(`0x${hex.slice(0, 8)}`)
  const high = (BigInt(`0x${hex.slice(12, 16)}`) & 0x0fffn) << 48n
  const ticks = high | (BigInt(`0x${hex.slice(8, 12)}`) << 32n) | low
  result.set('time', normal((ticks - GREGORIAN) * 100n))
  result.set('nodeid', (hex.slice(20).match(/../g) ?? []).join('-'))
  result.set('macvariables', macVariables(byte(10)))
  result.set('clocksequence', ((byte(8) << 8) | byte(9)) & 0x3fff)
  if (version === 2) {
    result.set('id', Number(low))
    result.set('domain', ['Person', 'Group', 'Org'][byte(9)] ?? `Domain${byte(9)}`)
  }
  return result
}

function variantOf(byte: number): string {
  if ((byte & 0xc0) === 0x80) return 'RFC4122'
  if ((byte & 0xe0) === 0xc0) return 'Microsoft'
  return (byte & 0xe0) === 0xe0 ? 'Future' : 'Reserved'
}

function macVariables(byte: number): string {
  return `${(byte & 2) === 0 ? 'global' : 'local'}:${(byte & 1) === 0 ? 'unicast' : 'multicast'}`
}

/** 32 bytes that depend on the seed, the purpose and the key, and on nothing else. */
function derived(seed: string, purpose: string, key: string): Uint8Array {
  charge(8)
  return sha256(toBytes(JSON.stringify([seed, purpose, key])))
}

function makeUuid([key]: readonly Value[], { seed }: Surroundings): Value {
  const bytes = derived(seed, 'uuid', text(key as Value, 1)).slice(0, 16)
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

function numberBelow([key, limit]: readonly Value[], { seed }: Surroundings): Value {
  const top = bigInteger(limit as Value, 2)
  if (top === 0n) return 0
  const size = top < 0n ? -top : top
  const drawn = BigInt(`0x${toHex(derived(seed, `intn ${size}`, text(key as Value, 1)))}`)
  return normal(drawn % size)
}

export const uuid: readonly Builtin[] = [
  define('uuid.parse', 1, parseUuid),
  { name: 'uuid.rfc4122', arity: 1, run: makeUuid },
  { name: 'rand.intn', arity: 2, run: numberBelow },
]

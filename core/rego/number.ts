/** Rego numbers: JavaScript numbers, and big integers where a number would lose digits. */

import { exceeded } from './budget.ts'

export type Numeric = number | bigint

/** Integers of more digits than this are refused: they are only ever an attack on memory. */
const MAX_DIGITS = 400

/** Larger integers stop the evaluation: repeated squaring would make them as large as memory. */
const MAX_INTEGER = 1n << 4096n

/** A bigint only where a number cannot hold the integer exactly, so that equal values have one form. */
export function normal(value: Numeric): Numeric {
  if (typeof value === 'bigint') {
    if (value > MAX_INTEGER || value < -MAX_INTEGER) throw exceeded('an integer of more than 4096 bits')
    return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
  }
  if (Number.isSafeInteger(value) || !Number.isInteger(value)) return value
  return BigInt(value)
}

/** Reads a JSON number without losing digits of integers; null when it is not one, or larger than we hold. */
export function parseNumber(text: string): Numeric | null {
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text)
  if (parts === null) return null
  const [, sign = '', whole = '', fraction = '', exponentText = '0'] = parts
  if (text.length < 16) {
    const quick = Number(text)
    if (Number.isSafeInteger(quick)) return quick === 0 ? 0 : quick
    if (Number.isFinite(quick) && !Number.isInteger(quick)) return quick
  }
  const digits = (whole + fraction).replace(/^0+/, '') || '0'
  const exponent = Number(exponentText) - fraction.length
  if (digits === '0') return 0
  if (digits.length + Math.max(exponent, 0) > MAX_DIGITS) return exponent < 0 ? finite(Number(text)) : null
  if (exponent >= 0) return normal(BigInt(sign + digits) * 10n ** BigInt(exponent))
  const trailing = /0*$/.exec(digits)?.[0].length ?? 0
  if (trailing >= -exponent) return normal(BigInt(sign + digits.slice(0, digits.length + exponent)))
  return finite(Number(text))
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

export function isInteger(value: Numeric): boolean {
  return typeof value === 'bigint' || Number.isInteger(value)
}

/** The integer as a bigint; null for a fraction. */
export function toBigInt(value: Numeric): bigint | null {
  if (typeof value === 'bigint') return value
  return Number.isInteger(value) ? BigInt(value) : null
}

export function formatNumber(value: Numeric): string {
  return String(typeof value === 'number' ? normal(value) : value)
}

export function compareNumbers(a: Numeric, b: Numeric): number {
  return a < b ? -1 : a > b ? 1 : 0
}

export function add(a: Numeric, b: Numeric): Numeric {
  if (typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(a) && Number.isSafeInteger(b)) {
    const sum = a + b
    if (Number.isSafeInteger(sum)) return sum
  }
  const [x, y] = [toBigInt(a), toBigInt(b)]
  if (x !== null && y !== null) return normal(x + y)
  const [p, q] = [toFloat64(a), toFloat64(b)]
  const exponent = Math.min(p.exponent, q.exponent)
  return fromFloat64(
    round((p.mantissa << BigInt(p.exponent - exponent)) + (q.mantissa << BigInt(q.exponent - exponent)), exponent),
  )
}

export function negate(value: Numeric): Numeric {
  return value === 0 ? 0 : normal(-value)
}

export function subtract(a: Numeric, b: Numeric): Numeric {
  return add(a, negate(b))
}

export function multiply(a: Numeric, b: Numeric): Numeric {
  if (typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(a) && Number.isSafeInteger(b)) {
    const product = a * b
    if (Number.isSafeInteger(product)) return product === 0 ? 0 : product
  }
  const [x, y] = [toBigInt(a), toBigInt(b)]
  if (x !== null && y !== null) return normal(x * y)
  const [p, q] = [toFloat64(a), toFloat64(b)]
  return fromFloat64(round(p.mantissa * q.mantissa, p.exponent + q.exponent))
}

/** `b` must not be zero. */
export function divide(a: Numeric, b: Numeric): Numeric {
  const [x, y] = [toBigInt(a), toBigInt(b)]
  if (x !== null && y !== null && x % y === 0n) return normal(x / y)
  const [p, q] = [toFloat64(a), toFloat64(b)]
  return fromFloat64(quotient(p.mantissa, q.mantissa, p.exponent - q.exponent))
}

/**
 * OPA computes with binary floats of 64 bits of mantissa, eleven more than JavaScript's: 0.1 + 0.2 is 0.3 there. The
 * same precision is kept here during an operation, so that comparisons of sums give the same answer.
 */
interface Float64 {
  readonly mantissa: bigint
  readonly exponent: number
}

function toFloat64(value: Numeric): Float64 {
  if (typeof value === 'bigint') return round(value, 0)
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(String(value))
  const [, sign = '', whole = '0', fraction = '', exponentText = '0'] = parts ?? []
  const digits = BigInt(sign + whole + fraction)
  const scale = Number(exponentText) - fraction.length
  return scale >= 0 ? round(digits * 10n ** BigInt(scale), 0) : quotient(digits, 10n ** BigInt(-scale), 0)
}

/** Rounds mantissa * 2^exponent to 64 bits, half to even. */
function round(mantissa: bigint, exponent: number): Float64 {
  const magnitude = mantissa < 0n ? -mantissa : mantissa
  const excess = bitLength(magnitude) - 64
  if (excess <= 0) return { mantissa, exponent }
  const shift = BigInt(excess)
  let kept = magnitude >> shift
  const rest = magnitude - (kept << shift)
  const half = 1n << (shift - 1n)
  if (rest > half || (rest === half && (kept & 1n) === 1n)) kept += 1n
  return { mantissa: mantissa < 0n ? -kept : kept, exponent: exponent + excess }
}

function quotient(numerator: bigint, denominator: bigint, exponent: number): Float64 {
  const negative = numerator < 0n !== denominator < 0n
  const top = numerator < 0n ? -numerator : numerator
  const bottom = denominator < 0n ? -denominator : denominator
  // 66 bits of quotient at least; the lowest stands for any remainder, so that rounding sees it.
  const shift = Math.max(0, 67 + bitLength(bottom) - bitLength(top))
  const scaled = top << BigInt(shift)
  const sticky = scaled % bottom === 0n ? 0n : 1n
  const magnitude = ((scaled / bottom) << 1n) | sticky
  return round(negative ? -magnitude : magnitude, exponent - shift - 1)
}

function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length
}

function fromFloat64({ mantissa, exponent }: Float64): Numeric {
  if (exponent >= 0) return normal(mantissa << BigInt(exponent))
  const shift = BigInt(-exponent)
  if (mantissa % (1n << shift) === 0n) return normal(mantissa >> shift)
  // In two factors, since 2^exponent alone may be below the smallest double.
  const first = Math.max(exponent, -1000)
  return Number(mantissa) * 2 ** first * 2 ** (exponent - first)
}

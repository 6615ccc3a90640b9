/** Amounts with units: `10Ki`, `500m`, `1.5GB`. */
import { divide, multiply, type Numeric, parseNumber } from '../number.ts'
import type { Value } from '../value.ts'
import { type Builtin, define, refuseValue, text } from './builtin.ts'

const letters = ['k', 'm', 'g', 't', 'p', 'e']

/** Lower-case unit to its factor. */
function factors(suffix: string): ReadonlyMap<string, bigint> {
  const known = new Map<string, bigint>([['', 1n]])
  for (const [index, letter] of letters.entries()) {
    known.set(`${letter}${suffix}`, 1000n ** BigInt(index + 1))
    known.set(`${letter}i${suffix}`, 1024n ** BigInt(index + 1))
  }
  return known
}

const plainFactors = factors('')
const byteFactors = new Map([...factors('b'), ...plainFactors])

interface Amount {
  readonly number: Numeric
  readonly unit: string
}

function parseAmount(value: Value, what: string): Amount {
  const source = text(value, 1).replaceAll('"', '')
  if (source.includes(' ')) refuseValue('spaces not allowed in resource strings')
  const digits = /^[-+]?[0-9.]*(?:[eE][-+]?[0-9]+)?/.exec(source)?.[0] ?? ''
  if (!/[0-9.]/.test(digits)) refuseValue(`no ${what} provided`)
  const complete = digits
    .replace(/^([-+]?)\./, '$10.')
    .replace(/^\+/, '')
    .replace(/\.(?=$|[eE])/, '')
  const number = parseNumber(complete) ?? refuseValue(`could not parse ${what} to a number`)
  return { number, unit: source.slice(digits.length) }
}

function parseUnits(value: Value): Value {
  const { number, unit } = parseAmount(value, 'amount')
  if (unit === 'm') return divide(number, 1000)
  const factor = plainFactors.get(unit.toLowerCase())
  return factor === undefined ? refuseValue(`unit ${unit} not recognized`) : multiply(number, factor)
}

function parseBytes(value: Value): Value {
  const { number, unit } = parseAmount(value, 'byte amount')
  const factor = byteFactors.get(unit.toLowerCase())
  if (factor === undefined) return refuseValue(`byte unit ${unit} not recognized`)
  const bytes = multiply(number, factor)
  return typeof bytes === 'number' ? Math.trunc(bytes) || 0 : bytes
}

export const units: readonly Builtin[] = [
  define('units.parse', 1, parseUnits),
  define('units.parse_bytes', 1, parseBytes),
]

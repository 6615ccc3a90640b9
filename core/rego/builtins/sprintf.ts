/** sprintf with Go's verbs. https://pkg.go.dev/fmt */
import { allocateText } from '../budget.ts'
import { toRego } from '../json.ts'
import { isInteger, type Numeric, toBigInt } from '../number.ts'
import { isNumber, type Value } from '../value.ts'
import { array, type Builtin, define, text } from './builtin.ts'

/** Longest padding of one verb. */
const MAX_WIDTH = 10_000

interface Directive {
  readonly flags: string
  readonly width: number
  readonly precision: number | null
  readonly verb: string
}

/** What Go sees: OPA hands over numbers and strings as they are, all else as the text of the value. */
type Argument = string | Numeric

function argument(value: Value): Argument {
  return typeof value === 'string' || isNumber(value) ? value : toRego(value)
}

function goType(value: Argument): string {
  if (typeof value === 'string') return 'string'
  if (!isInteger(value)) return 'float64'
  const whole = toBigInt(value) ?? 0n
  return whole >= -(2n ** 63n) && whole < 2n ** 63n ? 'int' : '*big.Int'
}

function exponent(shown: string): string {
  return shown.replace(/e([+-])(\d)$/, 'e$10$2')
}

function general(value: number, precision: number | null): string {
  if (precision === null) return exponent(String(value))
  const digits = Math.min(Math.max(precision, 1), 100)
  const shown = value.toPrecision(digits)
  if (shown.includes('e')) return exponent(shown.replace(/\.?0+e/, 'e'))
  const size = Math.floor(Math.log10(Math.abs(value)))
  if (value !== 0 && size < -4) return exponent(value.toExponential(digits - 1).replace(/\.?0+e/, 'e'))
  return shown.includes('.') ? shown.replace(/\.?0+$/, '') : shown
}

function signed(shown: string, flags: string): string {
  if (shown.startsWith('-')) return shown
  return flags.includes('+') ? `+${shown}` : flags.includes(' ') ? ` ${shown}` : shown
}

const radix: Readonly<Record<string, number>> = { d: 10, b: 2, o: 8, x: 16, X: 16 }

/** An integer beyond every double, and round, was written with an exponent; OPA shows it as it was written. */
function showDigits(digits: string, verb: string): string {
  if (verb !== 'v' || digits.length <= 308) return digits
  const zeros = /0*$/.exec(digits)?.[0].length ?? 0
  return zeros < 300 ? digits : `${digits.slice(0, -zeros)}e${zeros}`
}

function formatWhole(value: Numeric, { verb, flags }: Directive): string {
  const whole = toBigInt(value) ?? 0n
  if (verb === 'c') return String.fromCodePoint(Number(whole >= 0n && whole <= 0x10ffffn ? whole : 0xfffdn))
  const digits = showDigits((whole < 0n ? -whole : whole).toString(radix[verb] ?? 10), verb)
  const prefix = flags.includes('#') ? ({ x: '0x', X: '0X', o: '0', b: '0b' }[verb] ?? '') : ''
  const shown = `${whole < 0n ? '-' : ''}${prefix}${digits}`
  return signed(verb === 'X' ? shown.toUpperCase() : shown, flags)
}

function formatFloat(value: number, { verb, flags, precision }: Directive): string {
  const digits = Math.min(precision ?? 6, 100)
  switch (verb) {
    case 'f':
    case 'F':
      return signed(value.toFixed(digits), flags)
    case 'e':
      return signed(exponent(value.toExponential(digits)), flags)
    case 'E':
      return signed(exponent(value.toExponential(digits)).toUpperCase(), flags)
    case 'G':
      return signed(general(value, precision).toUpperCase(), flags)
    default:
      return signed(general(value, precision), flags)
  }
}

function hexOf(value: string): string {
  return [...new TextEncoder().encode(value)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

function formatText(value: string, { verb, precision }: Directive): string | null {
  switch (verb) {
    case 's':
    case 'v':
      return precision === null ? value : [...value].slice(0, precision).join('')
    case 'q':
      return JSON.stringify(value)
    case 'x':
      return hexOf(value)
    case 'X':
      return hexOf(value).toUpperCase()
    default:
      return null
  }
}

function formatArgument(value: Argument, directive: Directive): string {
  const { verb } = directive
  const type = goType(value)
  let shown: string | null = null
  if (typeof value === 'string') shown = formatText(value, directive)
  else if (type === 'float64') shown = 'fFeEgGv'.includes(verb) ? formatFloat(Number(value), directive) : null
  else if ('dboxXcv'.includes(verb) || (type === '*big.Int' && verb === 's')) shown = formatWhole(value, directive)
  if (shown === null) return `%!${verb}(${type}=${String(value)})`
  return pad(shown, directive, typeof value !== 'string')
}

function pad(shown: string, { flags, width }: Directive, isNumeric: boolean): string {
  const missing = width - [...shown].length
  if (missing <= 0) return shown
  if (flags.includes('-')) return shown + ' '.repeat(missing)
  if (!flags.includes('0') || !isNumeric) return ' '.repeat(missing) + shown
  const sign = /^[+-]/.exec(shown)?.[0] ?? ''
  return sign + '0'.repeat(missing) + shown.slice(sign.length)
}

const directive = /%([-+# 0]*)(\d+|\*)?(?:\.(\d+|\*)?)?(.)?/gsu

function sprintf(format: string, values: readonly Value[]): string {
  let used = 0
  const take = (): Value | undefined => {
    used += 1
    return values[used - 1]
  }
  const size = (given: string | undefined): number | null => {
    const value = given === '*' ? Number(take()) : given === undefined ? null : Number(given)
    return value === null || !Number.isInteger(value) ? null : Math.min(Math.abs(value), MAX_WIDTH)
  }
  const result = format.replace(
    directive,
    (whole: string, flags: string, width?: string, precision?: string, verb?: string) => {
      if (verb === undefined) return '%!(NOVERB)'
      if (verb === '%') return '%'
      const parsed = {
        flags,
        width: size(width) ?? 0,
        precision: whole.includes('.') && verb !== '.' ? (size(precision) ?? 0) : null,
        verb,
      }
      const value = take()
      allocateText(parsed.width)
      return value === undefined ? `%!${verb}(MISSING)` : formatArgument(argument(value), parsed)
    },
  )
  if (used >= values.length) return result
  const extra = values.slice(used).map(argument)
  return `${result}%!(EXTRA ${extra.map((value) => `${goType(value)}=${String(value)}`).join(', ')})`
}

export const formatting: readonly Builtin[] = [
  define('sprintf', 2, (format, values) => sprintf(text(format, 1), array(values, 2))),
]

/** Times as nanoseconds since 1970. The only "now" is the evidence's. */
import { charge } from '../budget.ts'
import type { Surroundings } from '../machine.ts'
import { normal, toBigInt } from '../number.ts'
import { isArray, isNumber, type Value } from '../value.ts'
import { type Builtin, define, integer, refuseType, refuseValue, text } from './builtin.ts'
import { type CivilTime, formatTime, namedLayouts, parseTime, weekdayOf, weekdays } from './go-time.ts'

const MIN = -(2n ** 63n)
const MAX = 2n ** 63n - 1n
const SECOND = 1_000_000_000n

function inRange(nanoseconds: bigint): bigint {
  return nanoseconds < MIN || nanoseconds > MAX ? refuseValue('time outside of valid range') : nanoseconds
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b
  return a % b < 0n ? quotient - 1n : quotient
}

interface Moment {
  readonly nanoseconds: bigint
  readonly zone: string
  readonly layout: string | null
}

/** A number of nanoseconds, or an array of it with a time zone and a layout. */
function momentAt(value: Value): Moment {
  const [first, zone = 'UTC', layout = null] = isArray(value) ? value : [value]
  if (first === undefined || !isNumber(first))
    return refuseType('operand 1 must be either number or array of [ns, string]')
  const nanoseconds = toBigInt(first)
  if (nanoseconds === null) return refuseType('operand 1 must be integer number but got floating-point number')
  if (nanoseconds < MIN || nanoseconds > MAX) refuseValue('timestamp too big')
  return { nanoseconds, zone: text(zone, 1) || 'UTC', layout: layout === null ? null : text(layout, 1) }
}

/** Formatters cost far more to make than to use; what they answer never changes. */
const formatters = new Map<string, Intl.DateTimeFormat>()
const MAX_FORMATTERS = 100

function formatterFor(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone)
  if (known !== undefined) return known
  let formatter: Intl.DateTimeFormat
  try {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      era: 'short',
      timeZoneName: 'short',
    })
  } catch {
    return refuseValue(`unknown time zone ${zone}`)
  }
  if (formatters.size >= MAX_FORMATTERS) formatters.clear()
  formatters.set(zone, formatter)
  return formatter
}

/** Seconds east of UTC that a zone keeps at a moment, and what it calls itself. */
function zoneAt(zone: string, seconds: number): { readonly offset: number; readonly name: string } {
  if (zone === 'UTC') return { offset: 0, name: 'UTC' }
  if (zone === 'Local') refuseValue('the zone Local differs from machine to machine; name one such as Europe/Zurich')
  charge(64)
  const parts = formatterFor(zone).formatToParts(new Date(seconds * 1000))
  const field = (type: string): number => Number(parts.find((part) => part.type === type)?.value)
  const local = Date.UTC(
    field('year'),
    field('month') - 1,
    field('day'),
    field('hour'),
    field('minute'),
    field('second'),
  )
  return { offset: local / 1000 - seconds, name: parts.find(({ type }) => type === 'timeZoneName')?.value ?? zone }
}

function civil({ nanoseconds, zone }: Moment): CivilTime {
  const seconds = Number(floorDivide(nanoseconds, SECOND))
  const { offset, name } = zoneAt(zone, seconds)
  const date = new Date((seconds + offset) * 1000)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    nanosecond: Number(nanoseconds - BigInt(seconds) * SECOND),
    offset,
    zone: name,
  }
}

/** Fields beyond their range carry over, as in Go's time.Date. */
function fromCivil(time: Omit<CivilTime, 'zone'>): bigint {
  const date = new Date(0)
  date.setUTCFullYear(time.year, time.month - 1, time.day)
  date.setUTCHours(time.hour, time.minute, time.second)
  return (BigInt(date.getTime() / 1000) - BigInt(time.offset)) * SECOND + BigInt(time.nanosecond)
}

function parseAs(layout: string, value: string): Value {
  const time = parseTime(namedLayouts[layout] ?? layout, value)
  if (time === null)
    return refuseValue(`parsing time ${JSON.stringify(value)} as ${JSON.stringify(layout)}: cannot parse`)
  return normal(inRange(fromCivil(time)))
}

function format(value: Value): Value {
  const moment = momentAt(value)
  const layout = moment.layout === null ? 'RFC3339Nano' : moment.layout
  return formatTime(civil(moment), namedLayouts[layout] ?? layout)
}

/** In the zone of the moment, so that a day stays a day when clocks change. */
function addDate(value: Value, years: Value, months: Value, days: Value): Value {
  const moment = momentAt(value)
  const time = civil(moment)
  const moved = {
    ...time,
    year: time.year + integer(years, 2),
    month: time.month + integer(months, 3),
    day: time.day + integer(days, 4),
  }
  if (Math.abs(moved.year) > 10_000 || Math.abs(moved.month) > 100_000 || Math.abs(moved.day) > 4_000_000) {
    refuseValue('time outside of valid range')
  }
  const guess = fromCivil(moved)
  const { offset } = zoneAt(moment.zone, Number(floorDivide(guess, SECOND)))
  return normal(inRange(fromCivil({ ...moved, offset })))
}

/** Years, months, days, hours, minutes and seconds between two moments, without a sign. */
function difference(a: Value, b: Value): Value {
  const [first, second] = [momentAt(a), momentAt(b)]
  const isLater = first.nanoseconds > second.nanoseconds
  const from = civil(isLater ? second : first)
  const to = civil(isLater ? { ...first, zone: second.zone } : { ...second, zone: first.zone })
  let [year, month, day] = [to.year - from.year, to.month - from.month, to.day - from.day]
  let [hour, minute, seconds] = [to.hour - from.hour, to.minute - from.minute, to.second - from.second]
  if (to.nanosecond < from.nanosecond) seconds -= 1
  if (seconds < 0) [seconds, minute] = [seconds + 60, minute - 1]
  if (minute < 0) [minute, hour] = [minute + 60, hour - 1]
  if (hour < 0) [hour, day] = [hour + 24, day - 1]
  if (day < 0) {
    const inMonth = new Date(Date.UTC(from.year, from.month, 0)).getUTCDate()
    ;[day, month] = [day + inMonth, month - 1]
  }
  if (month < 0) [month, year] = [month + 12, year - 1]
  return [year, month, day, hour, minute, seconds]
}

const durationUnits: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: SECOND,
  m: 60n * SECOND,
  h: 3600n * SECOND,
}

function parseDuration(value: string): Value {
  const invalid = (): never => refuseValue(`time: invalid duration ${JSON.stringify(value.slice(0, 100))}`)
  const [, sign = '', body = ''] = /^([+-]?)(.*)$/s.exec(value) ?? []
  if (body === '0') return 0
  if (body.length > 200 || !/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(body)) return invalid()
  let total = 0n
  for (const [, whole = '', fraction = '', unit = ''] of body.matchAll(/(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g)) {
    const size = durationUnits[unit] ?? 0n
    total += BigInt(whole || '0') * size + (BigInt(fraction || '0') * size) / 10n ** BigInt(fraction.length)
  }
  return normal(inRange(sign === '-' ? -total : total))
}

export const time: readonly Builtin[] = [
  { name: 'time.now_ns', arity: 0, run: (_args, { now }: Surroundings) => normal(now) },
  define('time.parse_ns', 2, (layout, value) => parseAs(text(layout, 1), text(value, 2))),
  define('time.parse_rfc3339_ns', 1, (value) => parseAs('RFC3339', text(value, 1))),
  define('time.parse_duration_ns', 1, (value) => parseDuration(text(value, 1))),
  define('time.format', 1, format),
  define('time.date', 1, (value) => {
    const { year, month, day } = civil(momentAt(value))
    return [year, month, day]
  }),
  define('time.clock', 1, (value) => {
    const { hour, minute, second } = civil(momentAt(value))
    return [hour, minute, second]
  }),
  define('time.weekday', 1, (value) => weekdays[weekdayOf(civil(momentAt(value)))] as string),
  define('time.add_date', 4, addDate),
  define('time.diff', 2, difference),
]

/** Times in Go's layouts: https://pkg.go.dev/time#pkg-constants */

/** A moment as Go's time package breaks it up, in one zone. */
export interface CivilTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly nanosecond: number
  /** Seconds east of UTC. */
  readonly offset: number
  readonly zone: string
}

const months = 'January February March April May June July August September October November December'.split(' ')
export const weekdays = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')

export const namedLayouts: Readonly<Record<string, string>> = {
  ANSIC: 'Mon Jan _2 15:04:05 2006',
  UnixDate: 'Mon Jan _2 15:04:05 MST 2006',
  RubyDate: 'Mon Jan 02 15:04:05 -0700 2006',
  RFC822: '02 Jan 06 15:04 MST',
  RFC822Z: '02 Jan 06 15:04 -0700',
  RFC850: 'Monday, 02-Jan-06 15:04:05 MST',
  RFC1123: 'Mon, 02 Jan 2006 15:04:05 MST',
  RFC1123Z: 'Mon, 02 Jan 2006 15:04:05 -0700',
  RFC3339: '2006-01-02T15:04:05Z07:00',
  RFC3339Nano: '2006-01-02T15:04:05.999999999Z07:00',
}

/** The pieces of a layout, longest first where one begins with another. */
const pieces =
  /January|Jan|Monday|Mon|MST|2006|Z07:00:00|Z070000|Z07:00|Z0700|Z07|-07:00:00|-070000|-07:00|-0700|-07|002|_2|01|02|03|04|05|06|15|[.,]0+(?!\d)|[.,]9+(?!\d)|PM|pm|1|2|3|4|5/g

function two(value: number): string {
  return String(value).padStart(2, '0')
}

function formatOffset(offset: number, piece: string): string {
  if (piece.startsWith('Z') && offset === 0) return 'Z'
  const size = Math.abs(offset)
  const sign = offset < 0 ? '-' : '+'
  const separator = piece.includes(':') ? ':' : ''
  const hours = two(Math.floor(size / 3600))
  return /07$/.test(piece) && !/07.*07/.test(piece)
    ? sign + hours
    : `${sign}${hours}${separator}${two(Math.floor(size / 60) % 60)}`
}

function formatFraction(nanosecond: number, piece: string): string {
  const digits = String(nanosecond)
    .padStart(9, '0')
    .slice(0, piece.length - 1)
  if (piece[1] === '0') return piece[0] + digits
  const trimmed = digits.replace(/0+$/, '')
  return trimmed === '' ? '' : piece[0] + trimmed
}

export function weekdayOf({ year, month, day }: CivilTime): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay()
}

export function formatTime(time: CivilTime, layout: string): string {
  const hour12 = time.hour % 12 === 0 ? 12 : time.hour % 12
  return layout.replace(pieces, (piece) => {
    switch (piece) {
      case 'January':
        return months[time.month - 1] ?? ''
      case 'Jan':
        return (months[time.month - 1] ?? '').slice(0, 3)
      case 'Monday':
        return weekdays[weekdayOf(time)] ?? ''
      case 'Mon':
        return (weekdays[weekdayOf(time)] ?? '').slice(0, 3)
      case 'MST':
        return time.zone
      case '2006':
        return String(time.year).padStart(4, '0')
      case '06':
        return two(time.year % 100)
      case '002':
        return String(dayOfYear(time)).padStart(3, '0')
      case '01':
        return two(time.month)
      case '1':
        return String(time.month)
      case '02':
        return two(time.day)
      case '_2':
        return String(time.day).padStart(2, ' ')
      case '2':
        return String(time.day)
      case '15':
        return two(time.hour)
      case '03':
        return two(hour12)
      case '3':
        return String(hour12)
      case '04':
        return two(time.minute)
      case '4':
        return String(time.minute)
      case '05':
        return two(time.second)
      case '5':
        return String(time.second)
      case 'PM':
        return time.hour < 12 ? 'AM' : 'PM'
      case 'pm':
        return time.hour < 12 ? 'am' : 'pm'
      default:
        return /^[.,]/.test(piece) ? formatFraction(time.nanosecond, piece) : formatOffset(time.offset, piece)
    }
  })
}

function dayOfYear({ year, month, day }: CivilTime): number {
  return (Date.UTC(year, month - 1, day) - Date.UTC(year, 0, 1)) / 86_400_000 + 1
}

const fixedForms: Readonly<Record<string, string>> = {
  January: `(${months.join('|')})`,
  Jan: `(${months.map((name) => name.slice(0, 3)).join('|')})`,
  Monday: `(${weekdays.join('|')})`,
  Mon: `(${weekdays.map((name) => name.slice(0, 3)).join('|')})`,
  MST: '([A-Z]{3,5}|[+-]\\d{2})',
  '2006': '(\\d{4})',
  '002': '(\\d{3})',
  _2: '( ?\\d{1,2})',
  PM: '(AM|PM)',
  pm: '(am|pm)',
}

function formOf(piece: string): string {
  const fixed = fixedForms[piece]
  if (fixed !== undefined) return fixed
  if (piece.startsWith('Z')) return piece.includes(':') ? '(Z|[+-]\\d{2}:\\d{2})' : '(Z|[+-]\\d{2}(?:\\d{2})?)'
  if (piece.startsWith('-'))
    return piece === '-07' ? '([+-]\\d{2})' : piece.includes(':') ? '([+-]\\d{2}:\\d{2})' : '([+-]\\d{4})'
  if (/^[.,]0/.test(piece)) return `([.,]\\d{${piece.length - 1}})`
  if (/^[.,]9/.test(piece)) return '((?:[.,]\\d{1,9})?)'
  // After seconds Go accepts a fraction that the layout does not name.
  if (piece === '05' || piece === '5')
    return piece === '05' ? '(\\d{2}(?:[.,]\\d{1,9})?)' : '(\\d{1,2}(?:[.,]\\d{1,9})?)'
  return piece.length === 2 ? '(\\d{2})' : '(\\d{1,2})'
}

function readOffset(shown: string): number {
  if (shown === 'Z') return 0
  const digits = shown.slice(1).replace(':', '')
  const seconds = Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2, 4) || '0') * 60
  return shown.startsWith('-') ? -seconds : seconds
}

/** Reads `value` in a layout; null when it has another form or a field is out of range. */
export function parseTime(layout: string, value: string): CivilTime | null {
  if (layout.length > 200 || value.length > 200) return null
  const used: string[] = []
  let pattern = ''
  let from = 0
  for (const found of layout.matchAll(pieces)) {
    pattern += quote(layout.slice(from, found.index)) + formOf(found[0])
    used.push(found[0])
    from = found.index + found[0].length
  }
  // Each piece has a fixed or nearly fixed width, so this pattern cannot backtrack far.
  const match = new RegExp(`^${pattern}${quote(layout.slice(from))}$`).exec(value)
  if (match === null) return null
  const time = { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0, nanosecond: 0, offset: 0, zone: 'UTC' }
  let isAfternoon: boolean | null = null
  for (const [index, piece] of used.entries()) {
    const shown = match[index + 1] ?? ''
    if (piece === 'PM' || piece === 'pm') isAfternoon = shown.toUpperCase() === 'PM'
    else readPiece(time, piece, shown)
  }
  if (isAfternoon !== null) time.hour = (time.hour % 12) + (isAfternoon ? 12 : 0)
  return isInRange(time) ? time : null
}

function quote(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

type Draft = { -readonly [Field in keyof CivilTime]: CivilTime[Field] }

function readPiece(time: Draft, piece: string, shown: string): void {
  const number = Number(shown)
  switch (piece) {
    case 'January':
      time.month = months.indexOf(shown) + 1
      return
    case 'Jan':
      time.month = months.findIndex((name) => name.startsWith(shown)) + 1
      return
    case '2006':
      time.year = number
      return
    case '06':
      time.year = number >= 69 ? 1900 + number : 2000 + number
      return
    case '01':
    case '1':
      time.month = number
      return
    case '02':
    case '_2':
    case '2':
      time.day = number
      return
    case '002': {
      const date = new Date(Date.UTC(time.year, 0, number))
      time.month = date.getUTCMonth() + 1
      time.day = date.getUTCDate()
      return
    }
    case '15':
    case '03':
    case '3':
      time.hour = number
      return
    case '04':
    case '4':
      time.minute = number
      return
    case '05':
    case '5': {
      const [seconds = '0', fraction] = shown.split(/[.,]/)
      time.second = Number(seconds)
      if (fraction !== undefined) time.nanosecond = Number(fraction.padEnd(9, '0'))
      return
    }
    case 'Monday':
    case 'Mon':
      return
    case 'MST':
      time.zone = shown
      return
    default:
      if (/^[.,]/.test(piece)) time.nanosecond = shown === '' ? time.nanosecond : Number(shown.slice(1).padEnd(9, '0'))
      else time.offset = readOffset(shown)
  }
}

function isInRange({ year, month, day, hour, minute, second }: CivilTime): boolean {
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return false
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate()
}

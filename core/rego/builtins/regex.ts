/** Regular expressions with Go's meaning. */
import type { RE2JS } from 're2js'
import { allocate, allocateText } from '../budget.ts'
import type { Surroundings } from '../machine.ts'
import type { Value } from '../value.ts'
import { type Builtin, integer, refuseValue, text } from './builtin.ts'
import { globsIntersect } from './globs-match.ts'
import { chargeSearch, compilePattern } from './pattern.ts'

interface Found {
  readonly start: number
  readonly end: number
  readonly groups: readonly string[]
}

/** Matches from left to right as Go finds them: an empty match right after a match does not count. */
function findAll(compiled: RE2JS, subject: string, limit: number): Found[] {
  chargeSearch(compiled, subject)
  const found: Found[] = []
  const matcher = compiled.matcher(subject)
  let last = -1
  while (found.length !== limit && matcher.find()) {
    const [start, end] = [matcher.start(), matcher.end()]
    if (start === end && start === last) continue
    last = end
    const groups: string[] = []
    for (let group = 0; group <= matcher.groupCount(); group++) groups.push(matcher.group(group) ?? '')
    allocate(groups.length + ((end - start) >> 4))
    found.push({ start, end, groups })
  }
  return found
}

type Operands = readonly Value[]

function operand(args: Operands, position: number): Value {
  return args[position - 1] as Value
}

function patternAt(args: Operands, position: number, surroundings: Surroundings): RE2JS {
  return compilePattern(text(operand(args, position), position), surroundings)
}

/** Go's `$1`, `${name}` and `$$` in a replacement. */
function expand(template: string, found: Found, names: Readonly<Record<string, number>>): string {
  return template.replace(/\$(?:\$|\{(\w+)\}|(\w+))/g, (whole: string, braced?: string, bare?: string) => {
    const name = braced ?? bare
    if (name === undefined) return whole === '$$' ? '$' : whole
    const index = /^\d+$/.test(name) ? Number(name) : names[name]
    return index === undefined ? '' : (found.groups[index] ?? '')
  })
}

function replace(args: Operands, surroundings: Surroundings): Value {
  const subject = text(operand(args, 1), 1)
  const compiled = patternAt(args, 2, surroundings)
  const template = text(operand(args, 3), 3)
  let result = ''
  let from = 0
  for (const found of findAll(compiled, subject, -1)) {
    const by = expand(template, found, compiled.namedGroups())
    allocateText(by.length)
    result += subject.slice(from, found.start) + by
    from = found.end
  }
  return result + subject.slice(from)
}

function split(args: Operands, surroundings: Surroundings): Value {
  const compiled = patternAt(args, 1, surroundings)
  const subject = text(operand(args, 2), 2)
  if (subject === '') return ['']
  const parts: string[] = []
  let from = 0
  for (const found of findAll(compiled, subject, -1)) {
    // Go does not split at an empty match at either end.
    if (found.end === 0 || (found.start === found.end && found.start >= subject.length)) continue
    parts.push(subject.slice(from, found.start))
    from = found.end
  }
  parts.push(subject.slice(from))
  return parts
}

/** Text around delimiters, as is; between them a pattern: `urn:<.+>:x`. */
function templateMatch(args: Operands, surroundings: Surroundings): Value {
  const [template, subject, open, close] = [1, 2, 3, 4].map((position) => text(operand(args, position), position)) as [
    string,
    string,
    string,
    string,
  ]
  if ([...open].length !== 1 || [...close].length !== 1) refuseValue('delimiters must be one character each')
  let pattern = ''
  let depth = 0
  for (const character of template) {
    if (character === open) {
      depth += 1
      pattern += depth === 1 ? '(' : character
    } else if (character === close) {
      depth -= 1
      if (depth < 0) refuseValue('the template has unbalanced delimiters')
      pattern += depth === 0 ? ')' : character
    } else {
      pattern += depth > 0 ? character : character.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    }
  }
  if (depth !== 0) refuseValue('the template has unbalanced delimiters')
  const compiled = compilePattern(`^${pattern}$`, surroundings)
  chargeSearch(compiled, subject)
  return compiled.matcher(subject).find()
}

function isValid(args: Operands, surroundings: Surroundings): Value {
  const pattern = operand(args, 1)
  if (typeof pattern !== 'string') return false
  try {
    compilePattern(pattern, surroundings)
    return true
  } catch (error) {
    if (error instanceof Error && error.name === 'BuiltinRefusal') return false
    throw error
  }
}

function limitAt(args: Operands, position: number): number {
  return integer(operand(args, position), position)
}

function match(args: Operands, surroundings: Surroundings): Value {
  const compiled = patternAt(args, 1, surroundings)
  const subject = text(operand(args, 2), 2)
  chargeSearch(compiled, subject)
  return compiled.test(subject)
}

export const regex: readonly Builtin[] = [
  { name: 'regex.match', arity: 2, run: match },
  { name: 're_match', arity: 2, run: match },
  { name: 'regex.is_valid', arity: 1, run: isValid },
  { name: 'regex.replace', arity: 3, run: replace },
  { name: 'regex.split', arity: 2, run: split },
  { name: 'regex.template_match', arity: 4, run: templateMatch },
  {
    name: 'regex.find_n',
    arity: 3,
    run: (args, surroundings) =>
      findAll(patternAt(args, 1, surroundings), text(operand(args, 2), 2), limitAt(args, 3)).map(
        ({ groups }) => groups[0] ?? '',
      ),
  },
  {
    name: 'regex.find_all_string_submatch_n',
    arity: 3,
    run: (args, surroundings) =>
      findAll(patternAt(args, 1, surroundings), text(operand(args, 2), 2), limitAt(args, 3)).map(
        ({ groups }) => groups,
      ),
  },
  {
    name: 'regex.globs_match',
    arity: 2,
    run: (args) => globsIntersect(text(operand(args, 1), 1), text(operand(args, 2), 2)),
  },
]

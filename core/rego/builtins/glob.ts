/** Globs: `*` within a segment, `**` across them, `?`, `[a-z]`, `[!a-z]` and `{this,that}`. Matched as RE2, in linear time. */
import type { Surroundings } from '../machine.ts'
import type { Value } from '../value.ts'
import { array, type Builtin, define, refuseValue, text } from './builtin.ts'
import { chargeSearch, compilePattern } from './pattern.ts'

const special = /[\\^$.*+?()[\]{}|]/g

function quote(character: string): string {
  return character.replace(special, '\\$&')
}

/** One character that is no separator, as a pattern. */
function withinSegment(separators: readonly string[]): string {
  return separators.length === 0 ? '(?s:.)' : `[^${separators.map(inClass).join('')}]`
}

function inClass(character: string): string {
  return /[\\\]^-]/.test(character) ? `\\${character}` : character
}

function translateGlob(glob: string, separators: readonly string[]): string {
  const characters = [...glob]
  const one = withinSegment(separators)
  let pattern = ''
  let alternatives = 0
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] as string
    if (character === '*') {
      const isSuper = characters[at + 1] === '*'
      while (characters[at + 1] === '*') at += 1
      pattern += isSuper ? '(?s:.)*' : `${one}*`
    } else if (character === '?') {
      pattern += one
    } else if (character === '[') {
      const end = characters.indexOf(']', at + 2)
      if (end < 0) refuseValue('unexpected end of input in a character list')
      pattern += translateList(characters.slice(at + 1, end))
      at = end
    } else if (character === '{') {
      alternatives += 1
      pattern += '(?:'
    } else if (character === '}' && alternatives > 0) {
      alternatives -= 1
      pattern += ')'
    } else if (character === ',' && alternatives > 0) {
      pattern += '|'
    } else {
      if (character === '\\') at += 1
      pattern += quote(characters[at] ?? '\\')
    }
  }
  if (alternatives > 0) refuseValue('unexpected end of input in a list of alternatives')
  return `^(?:${pattern})$`
}

function translateList(characters: readonly string[]): string {
  const isNegated = characters[0] === '!'
  const listed = isNegated ? characters.slice(1) : characters
  const [from, dash, to] = listed
  const isRange = listed.length === 3 && dash === '-'
  const inner = isRange ? `${inClass(from ?? '')}-${inClass(to ?? '')}` : listed.map(inClass).join('')
  return `[${isNegated ? '^' : ''}${inner}]`
}

function match(args: readonly Value[], surroundings: Surroundings): Value {
  const [glob, delimiters, subject] = args as [Value, Value, Value]
  const wanted = text(subject, 3)
  const given = delimiters === null ? [] : array(delimiters, 2).map((item) => text(item, 2))
  // No delimiters at all mean the dot; null means that there are none.
  const separators = delimiters !== null && given.length === 0 ? ['.'] : given
  if (separators.some((separator) => [...separator].length !== 1)) refuseValue('delimiters must be one character each')
  const compiled = compilePattern(translateGlob(text(glob, 1), separators), surroundings)
  chargeSearch(compiled, wanted)
  return compiled.test(wanted)
}

export const glob: readonly Builtin[] = [
  { name: 'glob.match', arity: 3, run: match },
  define('glob.quote_meta', 1, (value) => text(value, 1).replace(/[*?\\[\]{}]/g, '\\$&')),
]

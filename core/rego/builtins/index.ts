/** The registry of built-in functions. */
import { aggregates } from './aggregates.ts'
import { arrays } from './arrays.ts'
import type { Builtin } from './builtin.ts'
import { comparison } from './comparison.ts'
import { numbers } from './numbers.ts'
import { objects } from './objects.ts'
import { sets } from './sets.ts'
import { formatting } from './sprintf.ts'
import { strings } from './strings.ts'
import { types } from './types.ts'

const groups: readonly (readonly Builtin[])[] = [
  aggregates,
  arrays,
  comparison,
  formatting,
  numbers,
  objects,
  sets,
  strings,
  types,
]

export const builtins: ReadonlyMap<string, Builtin> = new Map(groups.flat().map((one) => [one.name, one]))

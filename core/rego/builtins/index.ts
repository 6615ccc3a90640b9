/** The registry of built-in functions. */
import { aggregates } from './aggregates.ts'
import { arrays } from './arrays.ts'
import type { Builtin } from './builtin.ts'
import { comparison } from './comparison.ts'
import { crypto } from './crypto.ts'
import { encoding } from './encoding.ts'
import { glob } from './glob.ts'
import { graph } from './graph.ts'
import { jsonPaths } from './json-paths.ts'
import { network } from './network.ts'
import { numbers } from './numbers.ts'
import { objects } from './objects.ts'
import { outside } from './outside.ts'
import { regex } from './regex.ts'
import { schema } from './schema.ts'
import { semver } from './semver.ts'
import { sets } from './sets.ts'
import { formatting } from './sprintf.ts'
import { strings } from './strings.ts'
import { time } from './time.ts'
import { types } from './types.ts'
import { units } from './units.ts'
import { uuid } from './uuid.ts'

const groups: readonly (readonly Builtin[])[] = [
  aggregates,
  arrays,
  comparison,
  crypto,
  encoding,
  formatting,
  glob,
  graph,
  jsonPaths,
  network,
  numbers,
  objects,
  outside,
  regex,
  schema,
  semver,
  sets,
  strings,
  time,
  types,
  units,
  uuid,
]

export const builtins: ReadonlyMap<string, Builtin> = new Map(groups.flat().map((one) => [one.name, one]))

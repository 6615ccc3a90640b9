/** METADATA comment blocks: YAML behind `#`, attached to a rule, a document or a package. */
import { parse } from 'yaml'
import type { Annotation } from './ast.ts'
import type { Comment } from './lexer.ts'
import { type Location, ProblemSignal } from './problem.ts'
import { isArray, isObject, type Value } from './value.ts'

const scopes = ['rule', 'document', 'package', 'subpackages'] as const

/** Reads every block that begins with the line `# METADATA`. Throws ProblemSignal where its YAML is malformed. */
export function readAnnotations(comments: readonly Comment[]): Annotation[] {
  const found: Annotation[] = []
  for (let index = 0; index < comments.length; index++) {
    const first = comments[index]
    if (first === undefined || first.text.trim() !== 'METADATA') continue
    const lines: string[] = []
    for (let line = first.at.line; comments[index + 1]?.at.line === line + 1; line++) {
      index += 1
      lines.push((comments[index]?.text ?? '').replace(/^ /, ''))
    }
    found.push(readBlock(lines.join('\n'), first.at))
  }
  return found
}

function readBlock(text: string, at: Location): Annotation {
  let value: Value
  try {
    value = parse(text, { maxAliasCount: 0, logLevel: 'error' }) ?? {}
  } catch (error) {
    throw new ProblemSignal('rego_parse_error', `malformed METADATA: ${String(error).split('\n')[0]}`, at)
  }
  if (!isObject(value)) throw new ProblemSignal('rego_parse_error', 'METADATA must be a YAML mapping', at)
  const { scope: wanted, ...rest } = value as { readonly [key: string]: Value }
  const scope = scopes.find((known) => known === (wanted ?? 'rule'))
  if (scope === undefined) throw new ProblemSignal('rego_parse_error', 'METADATA has an unknown scope', at)
  const resources = rest['related_resources']
  if (resources === undefined || !isArray(resources)) return { scope, value: rest, at }
  // A resource may be written as its address alone.
  const related = resources.map((item) => (typeof item === 'string' ? { ref: item } : item))
  return { scope, value: { ...rest, related_resources: related }, at }
}

/** Sound modules with characters, lines and words put where they do not belong. */
import type { Random } from '../random.ts'
import { grammarModule } from './grammar.ts'

const written = `package fuzz

import rego.v1

# METADATA
# title: Commands
# custom: {level: 3}
deny contains message if {
	some command in input.items
	command.kind == "run"
	not command.name in allowed
	message := sprintf("%s was run", [command.name])
}

allowed := {"ls", "cat"} | {name | some name in object.get(input, "nested", [])}

default level := 0

level := n if {
	n := count(deny)
	every m in deny { contains(m, "run") }
} else := 1

f(x, y) := x + y if is_number(x)

total := n if {
	n := sum([f(x, 1) | some x in input.a]) with input.a as [1, 2, 3]
}

shown := $"{level} of {total}"
`

const words = [
  'if',
  'contains',
  'some',
  'in',
  'every',
  'not',
  'with',
  'as',
  'else',
  'default',
  'import',
  'package',
  ':=',
  '==',
  '=',
  '|',
  '{',
  '}',
  '[',
  ']',
  '(',
  ')',
  ',',
  ';',
  '"',
  '`',
  '$"',
  '#',
  '\\',
  '\u0000',
  '\u2028',
  '𝒳',
  '_',
  '.',
  '1e999',
  '0x1',
  'data',
  'input',
  '\n',
  '\t',
]

export function mutatedModule(random: Random): string {
  let text = random.chance(0.5) ? written : grammarModule(random)
  for (let count = 1 + random.below(3); count > 0; count--) {
    const at = random.below(text.length + 1)
    const end = Math.min(text.length, at + random.below(20))
    switch (random.below(4)) {
      case 0:
        text = text.slice(0, at) + text.slice(end)
        break
      case 1:
        text = text.slice(0, at) + random.pick(words) + text.slice(at)
        break
      case 2:
        text = text.slice(0, end) + text.slice(at)
        break
      default:
        text = text.slice(0, at) + random.pick(words) + text.slice(end)
    }
  }
  return text
}

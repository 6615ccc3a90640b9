/** Markdown files that tell an agent what to do: their front matter grants tools and pins models. */
import { listIn, textIn } from '../agents/json-value.ts'
import { readFrontmatter } from './document.ts'
import { type Facts, factsOf } from './facts.ts'
import { readImports, readRules, word } from './read-settings.ts'

/** Instructions that may pull in further files by `@path`. */
export function readInstructions(text: string): Facts {
  return factsOf({ imports: readImports(text) })
}

/** Skills, subagents and commands: `allowed-tools` are run without a question while it is at work. */
export function readDefinition(text: string): Facts {
  const document = readFrontmatter(text)
  if (document === null) return factsOf({})
  const key = ['allowed-tools', 'allowedTools'].find((name) => Object.hasOwn(document.value, name)) ?? 'allowed-tools'
  const given = textIn(document.value, key)
  const list = given === null ? listIn(document.value, key) : splitTools(given)
  const line = document.lineOf([key])
  return factsOf({
    permissions: readRules(document, [key], { list, effect: 'allow' }).map((rule) => ({
      ...rule,
      line: rule.line ?? line,
    })),
    settings: [...word(document, 'model', ['model']), ...word(document, 'permission-mode', ['permissionMode'])],
  })
}

/** `Read, Bash(git add:*, git commit:*)`: commas within brackets belong to the rule. */
function splitTools(text: string): readonly string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let at = 0; at <= text.length; at++) {
    const letter = text[at]
    if (letter === '(') depth++
    else if (letter === ')') depth--
    if (letter !== undefined && (letter !== ',' || depth > 0)) continue
    const part = text.slice(start, at).trim()
    if (part !== '') parts.push(part)
    start = at + 1
  }
  return parts
}

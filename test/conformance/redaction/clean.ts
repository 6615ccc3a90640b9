/** Events as real sessions have them, without any secret: excerpts of real files, code, and what tools print. */
import type { Event } from '#core/session/event.ts'
import { excerpt } from './clean-files.ts'
import { records } from './clean-records.ts'
import { capitalised, identifier, type Write, words } from './clean-words.ts'
import { HEX, type Random } from './random.ts'

const code: readonly Write[] = [
  ({ pick, below }) =>
    `export function ${pick(words)}${capitalised(pick(words))}(${pick(words)}: string, limit = ${below(500)}): Promise<${capitalised(pick(words))}> {\n  const ${pick(words)} = await ${pick(words)}.read(${pick(words)})\n  return ${pick(words)}.slice(0, limit)\n}`,
  ({ pick, below }) =>
    `const ${pick(words)}Token = parser.next()\nif (token.kind === '${pick(words)}' && token.length > ${below(90)}) throw new ${capitalised(pick(words))}Error('the ${pick(words)} is not a ${pick(words)}')`,
  ({ pick }) =>
    `const secret = process.env.${pick(words).toUpperCase()}_SECRET\nconst password = config.get('${pick(words)}.password')\nawait login({ user, password, token: this.#token })`,
  ({ pick, below }) =>
    `class ${capitalised(pick(words))}Credential:\n    password: str = Field(min_length=${below(20)})\n    api_key: Optional[str] = None\n\n    def token_count(self) -> int:\n        return len(self.tokens)`,
  ({ pick }) =>
    `type ${capitalised(pick(words))} struct {\n\tAccessKey string \`json:"access_key,omitempty"\`\n\tPrivateKey *rsa.PrivateKey\n\tToken  ${pick(words)}.Token\n}`,
  ({ pick, below }) =>
    `.sk-${pick(words)}-container { grid-template: ${below(9)}fr auto; } .key-${pick(words)} > li { margin: 0 }`,
  ({ pick, below }) =>
    `env:\n  API_TOKEN: \${{ secrets.${pick(words).toUpperCase()}_TOKEN }}\n  PASSWORD: \${PASSWORD}\n  PORT: ${below(65_000)}`,
  ({ pick, below }) =>
    `SELECT ${pick(words)}_id, password_hash FROM ${pick(words)} WHERE token IS NOT NULL AND id > ${below(9_999)} LIMIT 20;`,
  ({ pick, below }) =>
    `<input type="password" name="${pick(words)}" autocomplete="current-password" maxlength="${below(99)}" />`,
  ({ pick }) =>
    `max_tokens: 4096, input_tokens=123456, tokenizer: cl100k_base, "token_type": "bearer", key: "${pick(words)}"`,
]

/** As agents see files: as they are, with numbers before the lines, as a patch, or as a string in JSON. */
const forms: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text.replace(/^/gm, '  '),
  (text) => numbered(text),
  (text) => `@@ -1,4 +1,6 @@\n${text.replace(/^/gm, '+')}`,
  (text) => JSON.stringify({ type: 'text', text }),
]

function numbered(text: string): string {
  return text
    .split('\n')
    .map((line, index) => `${String(index + 1).padStart(6)}→${line}`)
    .join('\n')
}

/** Half of what agents see is files. */
function textOf(random: Random): string {
  if (random.below(2) === 0) return random.pick(forms)(excerpt(random).text)
  return Array.from({ length: 1 + random.below(4) }, () => random.pick(random.pick([code, records]))(random)).join('\n')
}

/** As many events as asked for; every fourth is a prompt, a message, a call, a result. */
export function cleanEvents(random: Random, count: number): readonly Event[] {
  return Array.from({ length: count }, (_, index): Event => {
    const text = textOf(random)
    const common = { id: `e${index}`, at: '2026-11-02T09:00:00.000Z', thread: 'main' }
    switch (index % 4) {
      case 0:
        return { ...common, kind: 'prompt', text }
      case 1:
        return { ...common, kind: 'message', text }
      case 2: {
        const input = {
          file_path: `src/${random.pick(words)}.ts`,
          content: text,
          id: identifier(random),
          key: random.pick(words),
          sha256: random.text(64, HEX),
          options: [{ name: `${random.pick(words)}Field`, value: random.pick(words) }],
        }
        return {
          ...common,
          kind: 'toolCall',
          callId: `c${index}`,
          tool: 'Write',
          category: 'edit',
          input,
          command: null,
          paths: [],
        }
      }
      default: {
        const lines = text.split('\n').map((line) => `+${line}`)
        const hunk = { oldStart: 0, oldLines: 0, newStart: 1, newLines: lines.length, lines }
        const edits = [{ path: 'src/shop.ts', kind: 'create' as const, hunks: [hunk], userModified: null }]
        return { ...common, kind: 'toolResult', callId: `c${index}`, outcome: 'ok', exitCode: 0, output: text, edits }
      }
    }
  })
}

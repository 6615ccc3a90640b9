/** Events as real sessions have them, without any secret: code, hashes, ids, lock files, images, certificates, logs. */
import type { Event } from '#core/session/event.ts'
import { BASE64, DIGITS, HEX, LOWER, type Random, UPPER } from './random.ts'

const words =
  'order basket token session secret password key user index cache parser stream handler commit branch policy report price field input value config request response worker queue signature account credential author count page'.split(
    ' ',
  )

const capitalised = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

const uuid = ({ text }: Random): string =>
  `${text(8, HEX)}-${text(4, HEX)}-4${text(3, HEX)}-a${text(3, HEX)}-${text(12, HEX)}`

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

/** Lines of a certificate or of a key that is public. */
const block = (random: Random, label: string, lines: number): string =>
  [
    `-----BEGIN ${label}-----`,
    ...Array.from({ length: lines }, () => random.text(64, BASE64)),
    `-----END ${label}-----`,
  ].join('\n')

type Write = (random: Random) => string

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

const records: readonly Write[] = [
  (random) =>
    `commit ${random.text(40, HEX)}\nAuthor: Ada <ada@example.org>\n\n    Move the ${random.pick(words)} out of the ${random.pick(words)}`,
  (random) =>
    `index ${random.text(10, HEX)}..${random.text(10, HEX)} 100644\n--- a/${random.pick(words)}.ts\n+++ b/${random.pick(words)}.ts`,
  (random) => `request ${uuid(random)} session=${uuid(random)} took ${random.below(900)} ms`,
  (random) =>
    `    "node_modules/${random.pick(words)}-${random.pick(words)}": {\n      "version": "${random.below(20)}.${random.below(40)}.${random.below(9)}",\n      "resolved": "https://registry.npmjs.org/${random.pick(words)}/-/${random.pick(words)}-1.2.3.tgz",\n      "integrity": "sha512-${random.text(86, BASE64)}=="\n    },`,
  (random) =>
    `[[package]]\nname = "${random.pick(words)}"\nversion = "0.${random.below(90)}.1"\nchecksum = "${random.text(64, HEX)}"`,
  (random) =>
    `github.com/${random.pick(words)}/${random.pick(words)} v1.${random.below(90)}.0 h1:${random.text(43, BASE64)}=`,
  (random) => `Digest: sha256:${random.text(64, HEX)}\nStatus: Downloaded newer image for node:24`,
  (random) => `data:image/png;base64,iVBORw0KGgo${base64(random.bytes(300 + random.below(3_000)))}`,
  (random) => {
    const json = JSON.stringify({
      version: 3,
      names: words,
      mappings: `AAAA;${random.text(90)}`,
      sourcesContent: [random.pick(code)(random)],
    })
    return `//# sourceMappingURL=data:application/json;base64,${Buffer.from(json).toString('base64')}`
  },
  (random) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${random.text(43, BASE64)} ada@laptop`,
  (random) => block(random, 'CERTIFICATE', 14),
  (random) => block(random, 'PUBLIC KEY', 4),
  (random) => `msg_01${random.text(22)} toolu_01${random.text(22)} req_011C${random.text(20)}`,
  (random) =>
    ` ✓ test/${random.pick(words)}.test.ts (${random.below(90)} tests) ${random.below(900)}ms\n   Duration  ${random.below(20)}.${random.below(99)}s`,
  (random) =>
    `import{a as ${random.text(2, LOWER)},b as t}from"./chunk-${random.text(8, UPPER + DIGITS)}.js";var e=Object.defineProperty;`,
  (random) =>
    `drwxr-xr-x  2 ada ada  4096 Nov ${random.below(28)} 10:${random.below(5)}0 ${random.pick(words)}-${random.text(8, HEX)}`,
  (random) =>
    `https://example.org/${random.pick(words)}/${random.text(24, HEX)}?page=${random.below(9)}&sort=${random.pick(words)}%20up&utm_source=mail`,
  (random) =>
    `git@github.com:ada/${random.pick(words)}.git (fetch) at ${random.text(7, HEX)}, tree ${random.text(40, HEX)}`,
  (random) =>
    `rid=${random.text(32, HEX)} etag="${random.text(32, HEX)}" x-amz-request-id: ${random.text(16, UPPER + DIGITS)}`,
  (random) =>
    `The ${random.pick(words)} of the ${random.pick(words)} is asked for; keep the ${random.pick(words)}\nwhere the ${random.pick(words)} was. A token of thanks.`,
]

/** As many events as asked for; every fourth is a prompt, a message, a call, a result. */
export function cleanEvents(random: Random, count: number): readonly Event[] {
  return Array.from({ length: count }, (_, index): Event => {
    const text = Array.from({ length: 1 + random.below(4) }, () =>
      random.pick(random.pick([code, records]))(random),
    ).join('\n')
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
          id: uuid(random),
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

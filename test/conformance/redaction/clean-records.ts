/** What tools print and keep: version control, lock files, builds, tests, networks, pictures, certificates. */
import { capitalised, identifier, type Write, words } from './clean-words.ts'
import { ALPHANUMERIC, BASE64, DIGITS, HEX, LOWER, type Random, UPPER, URL_SAFE } from './random.ts'

const uuid = identifier

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

/** Lines of a certificate or of a key that is public. */
const block = (random: Random, label: string, lines: number): string =>
  [
    `-----BEGIN ${label}-----`,
    ...Array.from({ length: lines }, () => random.text(64, BASE64)),
    `-----END ${label}-----`,
  ].join('\n')

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n')

export const records: readonly Write[] = [
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
    const json = JSON.stringify({ version: 3, names: words, mappings: `AAAA;${random.text(90)}`, sources: ['shop.ts'] })
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
  (random) =>
    `diff --git a/src/${random.pick(words)}.ts b/src/${random.pick(words)}.ts\nindex ${random.text(7, HEX)}..${random.text(7, HEX)} 100644\n@@ -${random.below(400)},7 +${random.below(400)},8 @@ export class ${capitalised(random.pick(words))} {\n-  #token: Token\n+  readonly #token: Token | null = null\n+  // ${random.pick(words)} ${random.pick(words)}`,
  (random) =>
    lines(
      6,
      () =>
        `^${random.text(8, HEX)} (Ada Okafor 2026-11-${10 + random.below(20)} 09:1${random.below(10)}:00 +0000 ${random.below(300)}) const ${random.pick(words)} = ${random.pick(words)}`,
    ),
  (random) =>
    lines(
      8,
      () => `${random.text(40, HEX)} refs/heads/${random.pick(words)}/${random.pick(words)}-${random.below(900)}`,
    ),
  (random) =>
    `remote: Resolving deltas: 100% (${random.below(90)}/${random.below(90)}), completed.\nTo github.com:ada/shop.git\n   ${random.text(9, HEX)}..${random.text(9, HEX)}  ${random.pick(words)} -> ${random.pick(words)}`,
  (random) =>
    `"@types/${random.pick(words)}@^${random.below(20)}.0.0":\n  version "${random.below(20)}.1.${random.below(9)}"\n  resolved "https://registry.yarnpkg.com/@types/${random.pick(words)}/-/${random.pick(words)}-1.0.0.tgz#${random.text(40, HEX)}"\n  integrity sha512-${random.text(86, BASE64)}==`,
  (random) =>
    `  /${random.pick(words)}-token@${random.below(9)}.2.0(typescript@5.9.2):\n    resolution: {integrity: sha512-${random.text(86, BASE64)}==}\n    engines: {node: '>=18'}\n    dev: true`,
  (random) =>
    lines(
      4,
      () =>
        `    {file = "${random.pick(words)}-1.${random.below(9)}-py3-none-any.whl", hash = "sha256:${random.text(64, HEX)}"},`,
    ),
  (random) =>
    lines(
      3,
      () =>
        `github.com/${random.pick(words)}/${random.pick(words)} v0.0.0-2026${random.text(10, DIGITS)}-${random.text(12, HEX)}/go.mod h1:${random.text(43, BASE64)}=`,
    ),
  (random) =>
    `"dist":{"shasum":"${random.text(40, HEX)}","integrity":"sha512-${random.text(86, BASE64)}==","signatures":[{"keyid":"SHA256:${random.text(43, BASE64)}","sig":"MEUCIQ${random.text(88, BASE64)}=="}],"unpackedSize":${random.below(900_000)}}`,
  (random) =>
    lines(
      6,
      (row) =>
        `${(row * 16).toString(16).padStart(8, '0')}  ${lines(16, () => random.text(2, HEX)).replaceAll('\n', ' ')}  |${random.text(16)}|`,
    ),
  (random) =>
    `traceparent: 00-${random.text(32, HEX)}-${random.text(16, HEX)}-01\netag: W/"${random.text(27, BASE64)}"\ncf-ray: ${random.text(16, HEX)}-FRA\nx-request-id: ${uuid(random)}`,
  (random) =>
    `content-security-policy: script-src 'self' 'sha256-${random.text(43, BASE64)}=' 'nonce-${random.text(22, BASE64)}=='; img-src data:`,
  (random) =>
    `<script src="/assets/index-${random.text(8)}.js" integrity="sha384-${random.text(64, BASE64)}" crossorigin></script>`,
  (random) =>
    `https://cdn.example.org/${random.text(2, HEX)}/${random.text(2, HEX)}/${random.text(64, HEX)}/${random.pick(words)}.min.js?v=${random.text(10, HEX)}#line-${random.below(90)}`,
  (random) =>
    `https://example.org/search?q=${encodeURIComponent(`${random.pick(words)} "${random.pick(words)}" & more`)}&cursor=${encodeURIComponent(base64(random.bytes(24)))}&sort=-created_at`,
  (random) =>
    `/home/ada/work/shop/node_modules/.pnpm/${random.pick(words)}-${random.pick(words)}@1.${random.below(9)}.0_${random.text(26, LOWER + DIGITS)}/node_modules/@${random.pick(words)}/${random.pick(words)}/dist/esm/internal/${random.pick(words)}.js`,
  (random) =>
    `TypeError: Cannot read properties of undefined (reading '${random.pick(words)}')\n    at ${capitalised(random.pick(words))}.${random.pick(words)} (/home/ada/shop/src/${random.pick(words)}/${random.pick(words)}.ts:${random.below(900)}:${random.below(80)})\n    at processTicksAndRejections (node:internal/process/task_queues:105:5)`,
  (random) =>
    lines(
      4,
      () =>
        `${random.text(12, HEX)}   registry.example.org/${random.pick(words)}:${random.text(7, HEX)}   "/bin/sh -c '${random.pick(words)}'"   ${random.below(50)} hours ago   Up`,
    ),
  (random) =>
    `env:\n  - name: DATABASE_PASSWORD\n    valueFrom:\n      secretKeyRef:\n        name: ${random.pick(words)}-secret\n        key: password\n  - name: LOG_LEVEL\n    value: debug`,
  (random) =>
    `# copy to .env and fill in\nAPI_KEY=your-api-key-here\nSESSION_SECRET=changeme\nDB_PASSWORD=\nTOKEN_TTL=${random.below(9_000)}\nPORT=3000`,
  (random) =>
    `variable "${random.pick(words)}_token" {\n  type      = string\n  sensitive = true\n}\nresource "x" "y" {\n  password = var.${random.pick(words)}_password\n  key_id   = data.x.${random.pick(words)}.id\n}`,
  (random) =>
    `const user = { id: '${uuid(random)}', email: 'ada@example.org', password: 'password123', token: 'test-token', createdAt: '2026-11-02T09:00:00.000Z' }\nexpect(await login(user)).toMatchObject({ status: 200, token: expect.any(String) })`,
  (random) =>
    `DATABASE_URL=postgres://postgres:postgres@localhost:5432/${random.pick(words)}_test REDIS_URL=redis://localhost:6379/${random.below(9)} pnpm test -- --seed=${random.below(90_000)}`,
  (random) =>
    `!function(e,t){"object"==typeof exports?t(exports):t(e.${random.text(3, LOWER)}={})}(this,(function(e){"use strict";const t=e=>e.token,n=(e,t)=>e.key===t.key?e.password:void 0;var r=/^[A-Za-z0-9+/]+={0,2}$/;e.${random.text(2, LOWER)}=t}));`,
  (random) => `data:font/woff2;base64,d09GMgABAAAAA${base64(random.bytes(600 + random.below(2_000)))}`,
  (random) =>
    `"image": "/9j/4AAQSkZJRgABAQ${base64(random.bytes(900 + random.below(3_000)))}", "width": ${random.below(900)}`,
  (random) => lines(30, () => base64(random.bytes(57))),
  (random) =>
    `cursor=${random.text(40, URL_SAFE)} nextPageCursor: ${random.text(28, ALPHANUMERIC)}== build ${random.text(21, URL_SAFE)}`,
  (random) =>
    `key fingerprint is SHA256:${random.text(43, BASE64)} ada@laptop\ngpg: Signature made using EDDSA key ${random.text(40, `${DIGITS}ABCDEF`)}\ngpg: Good signature from "Ada"`,
]

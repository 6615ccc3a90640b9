import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redactSession, scanRemaining } from '#core/session/redaction.ts'
import type { Session } from '#core/session/session.ts'
import { writeSession } from '#core/session/session-text.ts'
import { parsed } from '../agents/claude-code/fixtures.ts'
import { prompt, sessionOf, toolCall, toolResult, usage } from './sample-session.ts'

/** Made up, and put together here, so that no scanner of this repository takes them for real. */
const random = (length: number, alphabet = 'aB3dE5fG7hJ9kL2mN4pQ6rS8tU0vW1xYz'): string =>
  Array.from({ length }, (_, index) => alphabet[(index * 7 + length) % alphabet.length]).join('')

const jwt = `eyJ${random(20)}.eyJ${random(30)}.${random(43)}`
const pemBody = Array.from({ length: 5 }, (_, line) => random(64).slice(line) + random(line)).join('\n')
const pem = `-----BEGIN RSA PRIVATE KEY-----\n${pemBody}\n-----END RSA PRIVATE KEY-----`
const upper = 'ABCDEFGHJKLMNPQRSTUVWXYZ234567'

/** Rule, text around the secret, and the secret. */
const secrets: readonly (readonly [rule: string, around: (secret: string) => string, secret: string])[] = [
  ['aws-access-key-id', (s) => `key ${s} here`, `AKIA${random(16, upper)}`],
  ['aws-access-key-id', (s) => `"${s}"`, `ASIA${random(16, upper)}`],
  ['secret-assignment', (s) => `aws_secret_access_key = ${s}\nregion = x`, `${random(20)}/${random(19)}`],
  ['secret-assignment', (s) => `export AWS_SECRET_ACCESS_KEY=${s}`, `/${random(20)}/${random(18)}`],
  ['json-web-token', (s) => `cookie: session=${s}; path`, jwt],
  ['private-key', (s) => `cat key.pem\n${s}\ndone`, pem],
  ['private-key', (s) => `{"private_key": "${s}"}`, pem.replaceAll('\n', '\\n')],
  ['secret-assignment', (s) => `password=${s}`, 'hunter2hunter'],
  ['secret-assignment', (s) => `DB_PASSWORD="${s}"`, 'correct-horse'],
  ['secret-assignment', (s) => `password: ${s}`, 'supersecure'],
  ['secret-assignment', (s) => `"api_key": "${s}",`, random(24)],
  ['secret-assignment', (s) => `{\\"apiKey\\": \\"${s}\\"}`, random(24)],
  ['secret-assignment', (s) => `https://example.org/?page=1&token=${s}&x=1`, random(24)],
  ['secret-assignment', (s) => `client_secret => '${s}'`, random(24)],
  ['secret-assignment', (s) => `secret: login(password=${s})`, 'hunter2hunter'],
  ['secret-assignment', (s) => `mysql --password=${s} -u root`, 'tiger-77'],
  ['authorization', (s) => `curl -H "Authorization: Bearer ${s}" x`, random(32)],
  ['authorization', (s) => `authorization: Basic ${s}`, 'dXNlcjpwYXNzd29yZDE='],
  ['npm-token', (s) => `//registry/:_authToken=${s}`, `npm_${random(36)}`],
  ['gitlab-token', (s) => `git clone https://oauth2:${s}`, `glpat-${random(20)}`],
  ['google-api-key', (s) => `key=${s}`, `AIza${random(35)}`],
  ['hugging-face-token', (s) => `login ${s}`, `hf_${random(34)}`],
  ['model-api-key', (s) => `echo ${s}`, `sk-${random(48)}`],
  ['model-api-key', (s) => `echo ${s}`, `sk-ant-api03-${random(93)}AA`],
  ['slack-token', (s) => `slack ${s}`, `xoxb-${random(12, '1234567890')}-${random(24)}`],
  ['github-token', (s) => `remote ${s}`, `ghp_${random(36)}`],
  ['github-token', (s) => `remote ${s}`, `github_pat_${random(22)}_${random(59)}`],
  ['stripe-key', (s) => `stripe ${s}`, `sk_live_${random(24)}`],
  ['url-password', (s) => `postgres://ada:${s}@db.example.org/shop`, 'p4ss.w0rd!'],
  ['json-web-key', (s) => `{"kty":"EC","crv":"P-256","d":"${s}"}`, random(43)],
  ['azure-account-key', (s) => `AccountName=x;AccountKey=${s};`, `${random(86)}==`],
  ['known-secret', (s) => `the value is ${s}.`, 'blue-Tractor-42'],
]

const known = { knownSecrets: ['blue-Tractor-42'] }

describe('every kind of secret is taken out, wherever it stands', () => {
  test.each(secrets)('%s', async (rule, around, secret) => {
    const text = around(secret)
    const session = sessionOf([
      prompt(text),
      toolCall({ command: text, nested: { list: [{ deep: text }] } }),
      toolCall({ body: JSON.stringify({ inner: text }) }, 'c2'),
      toolResult(['before', ...text.split('\n'), 'after']),
    ])
    const result = await redactSession(session, known)
    expectGone(result.session, secret)
    expect(result.redacted[rule] ?? 0).toBeGreaterThan(0)
    expect(JSON.stringify(result.session)).toContain(`[REDACTED:${rule}]`)
    expect(result.withheld).toBe(0)
    expect(await scanRemaining(writeSession(result.session), known)).toEqual([])
    expect((await scanRemaining(writeSession(session), known)).map((found) => found.line)).toEqual([2, 3, 4, 5])
  })
})

describe('keys are looked at', () => {
  test.each(['password', 'aws_secret_access_key', 'apiKey', 'clientSecret', 'token', 'DB_PASSWORD', 'auth_token'])(
    'a value under %s goes whole',
    async (key) => {
      const { session } = await redactSession(sessionOf([toolCall({ config: { [key]: 'tr0ubador&3' } })]))
      expect(session.events[0]).toMatchObject({ input: { config: { [key]: '[REDACTED:secret-assignment]' } } })
    },
  )

  test('a random value under a weaker name goes too, a plain one stays', async () => {
    const input = { signing_key: random(40), cache_key: 'user:basket:total', sortKey: 'name' }
    const { session } = await redactSession(sessionOf([toolCall(input)]))
    expect(session.events[0]).toMatchObject({ input: { ...input, signing_key: '[REDACTED:secret-value]' } })
  })

  test('a key that is a secret itself is taken out, and no value is lost', async () => {
    const names = [`ghp_${random(36)}`, `ghp_${random(37)}`]
    const { session } = await redactSession(sessionOf([toolCall({ [names[0] ?? '']: 'one', [names[1] ?? '']: 'two' })]))
    expect(session.events[0]).toMatchObject({
      input: { '[REDACTED:github-token]': 'one', '[REDACTED:github-token] 2': 'two' },
    })
  })
})

test('what is no secret stays', async () => {
  const harmless = [
    'commit 4374173aa0b6c1d2e3f405162738495a6b7c8d9e and sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'uuid 0719df64-8bfc-44a2-bfed-30f3a36f5a99, message msg_01yl7me70czpjo5gyqar7sjr, call toolu_01nt1w1ne4pdtoxxiay4jnp',
    'function login(password: string, token: Token | null): Promise<Secret> { return token }',
    'const token = parser.next(); const secret = process.env.SECRET; password: z.string().min(8)',
    'max_tokens: 4096, input_tokens=123456, tokenizer: cl100k_base, "token_type": "bearer"',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: shell text looks the same
    'token=$TOKEN password=${PASSWORD} api_key=YOUR_API_KEY secret: <your secret> password: "********"',
    'docs at https://example.org/a:b/c@2 and git@github.com:ada/shop.git',
    'integrity sha512-Zk0mYVhCVlhTR0pKSHpWZ0x3Y0xQb2V2bG9hRkZ4cnQ9PQ==',
    'class="sk-folding-cube-container-large" PWD=/home/ada/shop',
    'the password is asked for; the secret of good tea; a token of thanks',
    // Code of many languages, whose names say secret and whose values are other names, calls, patterns and templates.
    'const { token: token2, createdAt } = await getAppAuthentication(state); type Visitor = (token: Token) => TokenReturnValue',
    'export type NewPasswordChallengeV2TriggerEvent = BasePreTokenGenerationV2TriggerEvent<"TokenGeneration">',
    'if (token === (expectWord ? Token.Word : Token.Any)) currentToken = [controlChar, controlChar, pos]',
    "const token = /^Bearer (.+)$/.exec(header)?.[1]; const secret = match.groups?.['secret'] ?? ''",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: code as transcripts have it
    'enrolmentToken: `enrol-${randomUUID()}`, deviceToken = `ghu_${random(18)}`',
    'print(f"password={password!r}"); credentials = \'{0}:{1}\'.format(user, passwd)',
    't.credentials=e.crossOrigin===`use-credentials`?`include`:`omit`,tokenStartI=i+1}}return result}}',
    'constructor({passwordVerification:t}){super({start(){Object.assign(this,t)}})}',
    '"@octokit/auth-token": "^6.0.0", "json-token": "workspace:*", styles = { Token: "#dcdccc" }',
    'my $pwd  = CPAN::anycwd(); cred.CredentialBlob = (LPVOID)password; SEC_ERROR_BAD_PASSWORD = SEC_ERROR_BASE + 15,',
    'index_url_user_password = index_info\nself._passphrase_userdata = userdata\ntoken_number = self.tokens_taken+len(self.tokens)',
    'errWeakDHKey = -9850\n    errServerAuthCompleted = -9841\n    SubjectPublicKeyInfo = "X.509 subject with PKCS#1"\n    PKCS1 = "Raw"',
    'raise TypeError("pwd: expected bytes, got %s" % type(pwd)); .codicon-gist-secret:before{content:"\\ea60"}',
    'deleteAuthorization: DeleteAuthorizationInterface; endpoint.headers.authorization = withAuthorizationPrefix(token)',
    '{"keyid":"SHA256:jl3bwswu80PjjokCgh0o2w5c2U4LhQAE57gj9cz1kzA","signature":"MEUCIQC5xYbM8hAeQ3Tg1kZ0fJ9c2w7D4vXn6PqLrB=="}',
    // Marks of keys without a key, and words in the place of one.
    'if (!pem.startsWith("-----BEGIN PRIVATE KEY-----")) throw new Error("no key"); END = "-----END PRIVATE KEY-----"',
    "login('ada', { password: 'password123', apiKey: 'your-api-key-here', token: 'test-token', secret: 'changeme' })",
    'postgres://postgres:postgres@localhost:5432/test and https://user:pass@example.org, http://username:password@host:80',
    'SESSION_SECRET=changeme\nDB_PASSWORD=\nTOKEN_TTL=9000\nPORT=3000',
    '^9c639a74 (Ada 2026-11-27 42) const password = policy\n0a1b2c3d4e5f6a7b registry.example.org/secret:1fd4341 Up',
    'pnpm test -- --seed=90210\n7E/GdG7SUzL9G8GY652DdC5TWl8wv9IXdHGt2nXVOV0wtBnFmPNUbG',
    'Authorization: token 0000000000000000000000000000000000000001',
  ]
  const session = sessionOf(harmless.map((text, index) => prompt(text, `p${index}`)))
  const result = await redactSession(session)
  expect(result).toEqual({ session, redacted: {}, withheld: 0, manifest: [] })
})

test('a name at the end of one text does not name what the next text begins with', async () => {
  const session = sessionOf([prompt('the password:', 'p1'), prompt('Hunter2Hunter9 is a rabbit', 'p2')])
  expect((await redactSession(session)).session).toEqual(session)
})

test.each([
  'DB_PASSWORD=CorrectHorseBattery',
  'adminPassword: correcthorse',
  'password = MyDog2Barks',
  'password = hunter22',
  'password: "My secret phrase 9"',
  'const apiKey = "9f8a7d6c5b4a39281706f5e4";',
  'token: trk_9f8a7d6c5b4a39281706f5e4,',
  'login(user, password=hunter2hunter)',
  'secret = "enrol-9f8a7d6c5b4a3928"',
])('%s still counts as one', async (text) => {
  expect((await redactSession(sessionOf([prompt(text)]))).redacted).not.toEqual({})
})

test('ids, times, hashes, models, paths and figures survive', async () => {
  const session = parsed('current')
  const result = await redactSession(session, { knownSecrets: [session.id, 'toolu_1', '2026-11-02T09:00:26.000Z'] })
  expect(result.session).toEqual(session)
})

test('a session id in the environment is no secret', async () => {
  const id = '0719df64-8bfc-44a2-bfed-30f3a36f5a99'
  const session = sessionOf([prompt(`session ${id}`)])
  expect((await redactSession(session, { knownSecrets: [id] })).session).toEqual(session)
})

test('names of files and branches are looked at, by the rules that go by form', async () => {
  const secret = `ghp_${random(36)}`
  const session = sessionOf([toolResult(['x'])], { branches: [secret, 'token=abc123'], warnings: [`saw ${secret}`] })
  const result = await redactSession(session)
  expect(result.session.branches).toEqual(['[REDACTED:github-token]', 'token=abc123'])
  expect(result.session.warnings).toEqual(['saw [REDACTED:github-token]'])
})

describe('private keys', () => {
  test('are found when they are cut off at the end or at the beginning', async () => {
    const head = pem.slice(0, 200)
    const tail = pem.slice(-200)
    const { session } = await redactSession(sessionOf([prompt(`a\n${head}\n… 900 characters left out …\n${tail}\nb`)]))
    expect(session.events[0]).toMatchObject({
      text: 'a\n[REDACTED:private-key]\n… 900 characters left out …\n[REDACTED:private-key]\nb',
    })
  })

  test('are found line by line in an edit, and the lines remain lines', async () => {
    const lines = ['const key = `', ...pem.split('\n'), '`']
    const result = await redactSession(sessionOf([toolResult(lines)]))
    const [event] = result.session.events
    const after = event?.kind === 'toolResult' ? event.edits[0]?.hunks[0]?.lines : []
    expect(after).toEqual(['+const key = `', ...lines.slice(1, -1).map(() => '+[REDACTED:private-key]'), '+`'])
    expect(result.redacted).toEqual({ 'private-key': 1 })
  })
})

describe('somebody who wants to keep a secret in', () => {
  const secret = `ghp_${random(36)}`

  test('cannot switch rules off by a comment', async () => {
    const markers = '/* secretlint-disable */ # gitleaks:allow pragma: allowlist secret nosec'
    const linter = `xoxp-${random(11, '1234567890')}-${random(11, '1234567890')}-${random(11, '1234567890')}-${random(32)}`
    const foreign = `lin_api_${random(40)}`
    const text = `${markers}\n${secret}\n${linter} ${markers}\n${foreign}`
    const { session, redacted } = await redactSession(sessionOf([prompt(text)]))
    expectGone(session, secret)
    expectGone(session, linter)
    expectGone(session, foreign)
    expect(redacted).toMatchObject({ 'linear-key': 1 })
  })

  test('cannot hide it behind a placeholder', async () => {
    const { session } = await redactSession(
      sessionOf([prompt('password=[REDACTED:x]tail1234 token: "[WITHHELD:y]abc12345"')]),
    )
    expectGone(session, 'tail1234')
    expectGone(session, 'abc12345')
  })

  test('gets the whole text withheld where a second look still finds something', async () => {
    // Stands for a rule that our own replacement brings about.
    const rule = (text: string) =>
      [...text.matchAll(/first|REDACTED:test\] second/g)].map((match) => ({
        start: match.index,
        end: match.index + match[0].length,
        rule: 'test',
      }))
    const result = await redactSession(sessionOf([prompt('first second third')]), { furtherRules: [rule] })
    expect(result.session.events[0]).toMatchObject({ text: '[WITHHELD:test]' })
    expect(result.withheld).toBe(1)
  })

  test('is found at the end where an id carries it', async () => {
    const session = sessionOf([prompt('x', secret)])
    const result = await redactSession(session)
    expect(await scanRemaining(writeSession(result.session))).toEqual([{ rule: 'github-token', line: 2, event: null }])
  })
})

describe('known values', () => {
  test.each([
    'development',
    '/usr/local/bin',
    'en_US.UTF-8',
    'xterm-256color',
    'https://example.org/api',
    '12345678',
    'short1',
    'REDACTED',
    'three plain words',
  ])('%s is too common to be a secret', async (value) => {
    const session = sessionOf([prompt(`it says ${value} here`)])
    expect((await redactSession(session, { knownSecrets: [value] })).session).toEqual(session)
  })

  test('are found as JSON, URLs and base64 write them', async () => {
    const value = 'blue "Tractor" & 42/x'
    const forms = [value, JSON.stringify(value), encodeURIComponent(value), btoa(value)]
    const { session } = await redactSession(sessionOf([prompt(forms.join('\n'))]), { knownSecrets: [value] })
    expect(JSON.stringify(session)).not.toMatch(/Tractor|Ymx1ZSAi/)
  })
})

test('a second redaction changes nothing', async () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(...secrets.map(([, around, secret]) => around(secret))),
    fc.constantFrom(
      'password=',
      'token: "',
      '"',
      '\n',
      '[REDACTED:x]',
      'Bearer ',
      'eyJ',
      'secret',
      '://a:',
      '@b',
      '-----BEGIN PRIVATE KEY-----',
    ),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
      const text = pieces.join('').toWellFormed()
      const once = await redactSession(sessionOf([prompt(text), toolCall({ password: text, other: [text] })]), known)
      const twice = await redactSession(once.session, known)
      expect(twice.session).toEqual(once.session)
      expect(twice.redacted).toEqual({})
      expect(await scanRemaining(writeSession(once.session), known)).toEqual([])
    }),
    { numRuns: 150 },
  )
})

test('usage and figures are none of its business', async () => {
  const session = sessionOf([usage('msg_1', 'claude-opus-5-5', 10)])
  expect((await redactSession(session)).session).toEqual(session)
})

function expectGone(session: Session, secret: string): void {
  const text = writeSession(session)
  for (const part of secret.split('\n').filter((line) => line.length > 8 && !line.startsWith('-----'))) {
    expect(text).not.toContain(part)
    expect(text).not.toContain(JSON.stringify(part).slice(1, -1))
  }
}

/** Kinds of secrets, in the forms in which their issuers write them. All are generated: none was ever valid anywhere. */
import { ALPHANUMERIC, BASE64, DIGITS, HEX, LOWER, type Random, UPPER, URL_SAFE } from './random.ts'

export interface Planted {
  readonly secret: string
  /** As it naturally stands in a text: alone where its form gives it away, else with what names it. */
  readonly written: string
  /** The name under which a program would be given it, and what stands there. */
  readonly key: string
  readonly value: string
}

export interface Kind {
  readonly id: string
  readonly make: (random: Random) => Planted
}

type Make = (random: Random) => string

/** Known by its own form, under whatever name and in whatever text. */
const token = (id: string, make: Make, key = 'name'): Kind => ({
  id,
  make: (random) => {
    const secret = make(random)
    return { secret, written: secret, key, value: secret }
  },
})

/** Known by what stands around it. */
const named = (id: string, key: string, make: Make, around: (secret: string) => string): Kind => ({
  id,
  make: (random) => {
    const secret = make(random)
    const written = around(secret)
    // A webhook is given as a whole address.
    return { secret, written, key, value: key === 'webhook' ? written : secret }
  },
})

const prefixed = (id: string, prefix: string, length: number, alphabet = ALPHANUMERIC): Kind =>
  token(id, ({ text }) => prefix + text(length, alphabet))

const pem = (id: string, label: string, lines: number): Kind => ({
  id,
  make: ({ text }) => {
    const body = Array.from({ length: lines }, () => text(64, BASE64)).join('\n')
    const written = `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----`
    return { secret: body, written, key: 'name', value: written }
  },
})

export const kinds: readonly Kind[] = [
  token('aws access key', ({ text }) => `AKIA${text(16, `${UPPER}234567`)}`, 'aws_access_key_id'),
  token('aws temporary key', ({ text }) => `ASIA${text(16, `${UPPER}234567`)}`, 'aws_access_key_id'),
  named(
    'aws secret key',
    'aws_secret_access_key',
    ({ text }) => text(40, BASE64),
    (s) => `aws_secret_access_key = ${s}`,
  ),
  named(
    'aws session token',
    'AWS_SESSION_TOKEN',
    ({ text }) => text(200, BASE64),
    (s) => `AWS_SESSION_TOKEN=${s}`,
  ),
  prefixed('github classic', 'ghp_', 36),
  prefixed('github oauth', 'gho_', 36),
  prefixed('github app', 'ghs_', 36),
  token('github fine-grained', ({ text }) => `github_pat_${text(22)}_${text(59)}`),
  prefixed('gitlab personal', 'glpat-', 20, URL_SAFE),
  prefixed('gitlab runner', 'glrt-', 20, URL_SAFE),
  prefixed('npm', 'npm_', 36),
  prefixed('pypi', 'pypi-AgEIcHlwaS5vcmc', 70, URL_SAFE),
  prefixed('rubygems', 'rubygems_', 48, HEX),
  prefixed('crates.io', 'cio', 32),
  prefixed('docker hub', 'dckr_pat_', 27, URL_SAFE),
  prefixed('google api', 'AIza', 35, URL_SAFE),
  prefixed('google oauth access', 'ya29.a0', 60, URL_SAFE),
  prefixed('google client secret', 'GOCSPX-', 28, URL_SAFE),
  prefixed('hugging face', 'hf_', 34),
  prefixed('openai project', 'sk-proj-', 74, URL_SAFE),
  token('anthropic', ({ text }) => `sk-ant-api03-${text(93, URL_SAFE)}AA`),
  prefixed('openrouter', 'sk-or-v1-', 64, HEX),
  prefixed('groq', 'gsk_', 52),
  prefixed('xai', 'xai-', 80),
  prefixed('replicate', 'r8_', 37),
  prefixed('perplexity', 'pplx-', 48),
  token('slack bot', ({ text }) => `xoxb-${text(12, DIGITS)}-${text(13, DIGITS)}-${text(24)}`),
  token(
    'slack user',
    ({ text }) => `xoxp-${text(12, DIGITS)}-${text(12, DIGITS)}-${text(12, DIGITS)}-${text(32, HEX)}`,
  ),
  token('slack app', ({ text }) => `xapp-1-A${text(10, `${UPPER}${DIGITS}`)}-${text(13, DIGITS)}-${text(64, HEX)}`),
  named(
    'slack webhook',
    'webhook',
    ({ text }) => `T${text(8, `${UPPER}${DIGITS}`)}/B${text(8, `${UPPER}${DIGITS}`)}/${text(24)}`,
    (s) => `https://hooks.slack.com/services/${s}`,
  ),
  token('discord bot', ({ text }) => `M${text(25)}.${text(6)}.${text(38, URL_SAFE)}`),
  named(
    'discord webhook',
    'webhook',
    ({ text }) => text(68, URL_SAFE),
    (s) => `https://discord.com/api/webhooks/123456789012345678/${s}`,
  ),
  token('telegram bot', ({ text }) => `${text(10, '123456789')}:AA${text(33, URL_SAFE)}`),
  prefixed('stripe live', 'sk_live_', 24),
  prefixed('stripe restricted', 'rk_live_', 24),
  prefixed('stripe webhook', 'whsec_', 32),
  prefixed('square', 'sq0csp-', 43, URL_SAFE),
  token('sendgrid', ({ text }) => `SG.${text(22, URL_SAFE)}.${text(43, URL_SAFE)}`),
  token('mailchimp', ({ text }) => `${text(32, HEX)}-us${text(2, '12')}`),
  prefixed('mailgun', 'key-', 32, HEX),
  prefixed('twilio', 'SK', 32, HEX),
  prefixed('shopify', 'shpat_', 32, HEX),
  prefixed('digitalocean', 'dop_v1_', 64, HEX),
  prefixed('databricks', 'dapi', 32, HEX),
  prefixed('doppler', 'dp.pt.', 43),
  prefixed('vault', 'hvs.CAES', 86, URL_SAFE),
  token('terraform cloud', ({ text }) => `${text(14)}.atlasv1.${text(67)}`),
  prefixed('notion', 'ntn_', 46),
  prefixed('grafana service account', 'glsa_', 41),
  prefixed('figma', 'figd_', 40, URL_SAFE),
  token('postman', ({ text }) => `PMAK-${text(24, HEX)}-${text(34, HEX)}`),
  prefixed('new relic', 'NRAK-', 27, `${UPPER}${DIGITS}`),
  prefixed('sentry', 'sntryu_', 64, HEX),
  prefixed('planetscale', 'pscale_tkn_', 43, URL_SAFE),
  prefixed('atlassian', 'ATATT3xFfGF0', 172, URL_SAFE),
  token('airtable', ({ text }) => `pat${text(14)}.${text(64, HEX)}`),
  token('fly.io', ({ text }) => `fm2_${text(120, BASE64)}`),
  token('tailscale', ({ text }) => `tskey-auth-k${text(11)}CNTRL-${text(32)}`),
  prefixed('supabase', 'sbp_', 40, HEX),
  prefixed('linear', 'lin_api_', 40),
  prefixed('pulumi', 'pul-', 40, HEX),
  prefixed('contentful', 'CFPAT-', 43, URL_SAFE),
  prefixed('buildkite', 'bkua_', 40, HEX),
  token('dynatrace', ({ text }) => `dt0c01.${text(24, `${UPPER}${DIGITS}`)}.${text(64, `${UPPER}${DIGITS}`)}`),
  token('alibaba', ({ text }) => `LTAI5t${text(18)}`),
  token('azure application secret', ({ text }) => `${text(3)}8Q~${text(34, URL_SAFE)}`),
  named(
    'azure storage',
    'AccountKey',
    ({ text }) => `${text(86, BASE64)}==`,
    (s) => `AccountName=shop;AccountKey=${s};`,
  ),
  token('age', ({ text }) => `AGE-SECRET-KEY-1${text(58, `${UPPER}${DIGITS}`)}`),
  token('json web token', ({ text }) => `eyJ${text(33, URL_SAFE)}.eyJ${text(60, URL_SAFE)}.${text(43, URL_SAFE)}`),
  named(
    'json web key',
    'k',
    ({ text }) => text(43, URL_SAFE),
    (s) => `{"kty":"EC","crv":"P-256","x":"8kJ","d":"${s}"}`,
  ),
  named(
    'bearer header',
    'Authorization',
    ({ text }) => text(40),
    (s) => `Authorization: Bearer ${s}`,
  ),
  named(
    'basic header',
    'Authorization',
    ({ text }) => `${text(30)}=`,
    (s) => `Authorization: Basic ${s}`,
  ),
  named(
    'database password',
    'password',
    ({ text }) => text(18),
    (s) => `postgres://shop:${s}@db.example.org:5432/shop`,
  ),
  named(
    'password',
    'password',
    ({ text }) => text(14),
    (s) => `DB_PASSWORD=${s}`,
  ),
  named(
    'quoted password',
    'password',
    ({ text }) => text(16),
    (s) => `password: "${s}"`,
  ),
  named(
    'api key of nobody in particular',
    'api_key',
    ({ text }) => text(32),
    (s) => `"api_key": "${s}"`,
  ),
  named(
    'cloud token',
    'CLOUDFLARE_API_TOKEN',
    ({ text }) => text(40, URL_SAFE),
    (s) => `CLOUDFLARE_API_TOKEN=${s}`,
  ),
  named(
    'signing key',
    'signing_key',
    ({ text }) => text(44, LOWER + UPPER + DIGITS),
    (s) => `signing_key = "${s}"`,
  ),
  pem('rsa private key', 'RSA PRIVATE KEY', 12),
  pem('openssh private key', 'OPENSSH PRIVATE KEY', 6),
  pem('pgp private key', 'PGP PRIVATE KEY BLOCK', 10),
]

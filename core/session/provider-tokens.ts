/** Tokens that their issuers made recognisable: a fixed beginning, and a body of known letters and length. */
import type { RedactionRule } from './redaction-rules.ts'

/**
 * No letter or digit right before, but the end of an escape (`\n`, `%3D`, `\u003d`, a terminal's colour) is no letter:
 * tool output is full of text that was written as JSON or in a URL first.
 */
export const BOUNDARY = '(?<=^|[^A-Za-z0-9]|\\\\[nrtbf]|%[0-9A-Fa-f]{2}|\\\\u[0-9A-Fa-f]{4}|\\[[0-9;]{1,8}m)'

interface Token {
  readonly prefixes: readonly string[]
  /** What follows the prefix, as a pattern. */
  readonly body: string
  /** Where the prefix is short enough to end a word by chance. */
  readonly atBoundary?: boolean
}

const HEX_END = '(?![A-Za-z0-9])'

const tokens: Readonly<Record<string, Token>> = {
  'github-token': {
    prefixes: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'],
    body: '[A-Za-z0-9_]{20,}',
  },
  'gitlab-token': {
    prefixes: ['glpat-', 'gldt-', 'glrt-', 'glcbt-', 'glptt-', 'glft-', 'glimt-', 'glagent-', 'glsoat-'],
    body: '[A-Za-z0-9_.-]{20,}',
  },
  'npm-token': { prefixes: ['npm_'], body: '[A-Za-z0-9]{30,}' },
  'pypi-token': { prefixes: ['pypi-'], body: '[A-Za-z0-9_-]{40,}' },
  'rubygems-token': { prefixes: ['rubygems_'], body: '[a-f0-9]{32,}' },
  'crates-token': { prefixes: ['cio'], body: `[A-Za-z0-9]{32}${HEX_END}`, atBoundary: true },
  'docker-token': { prefixes: ['dckr_pat_', 'dckr_oat_'], body: '[A-Za-z0-9_-]{20,}' },
  'google-api-key': { prefixes: ['AIza'], body: '[A-Za-z0-9_-]{35,}', atBoundary: true },
  'google-oauth': { prefixes: ['ya29.', 'GOCSPX-'], body: '[A-Za-z0-9_-]{20,}' },
  'hugging-face-token': { prefixes: ['hf_'], body: '[A-Za-z0-9]{30,}', atBoundary: true },
  'groq-key': { prefixes: ['gsk_'], body: '[A-Za-z0-9]{40,}', atBoundary: true },
  'xai-key': { prefixes: ['xai-'], body: '[A-Za-z0-9]{60,}', atBoundary: true },
  'replicate-token': { prefixes: ['r8_'], body: '[A-Za-z0-9]{30,}', atBoundary: true },
  'perplexity-key': { prefixes: ['pplx-'], body: '[A-Za-z0-9]{40,}', atBoundary: true },
  'stripe-key': {
    prefixes: ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_', 'whsec_'],
    body: '[A-Za-z0-9+/=]{16,}',
  },
  'square-token': { prefixes: ['sq0csp-', 'sq0atp-', 'sq0idp-'], body: '[A-Za-z0-9_-]{20,}' },
  'mailgun-key': { prefixes: ['key-'], body: `[a-f0-9]{32}${HEX_END}`, atBoundary: true },
  'twilio-key': { prefixes: ['SK'], body: `[a-f0-9]{32}${HEX_END}`, atBoundary: true },
  'shopify-token': { prefixes: ['shpat_', 'shpca_', 'shppa_', 'shpss_'], body: '[A-Fa-f0-9]{32,}' },
  'digitalocean-token': { prefixes: ['dop_v1_', 'doo_v1_', 'dor_v1_'], body: '[a-f0-9]{40,}' },
  'databricks-token': { prefixes: ['dapi'], body: `[a-f0-9]{32}(?:-\\d)?${HEX_END}`, atBoundary: true },
  'doppler-token': {
    prefixes: ['dp.pt.', 'dp.st.', 'dp.ct.', 'dp.sa.', 'dp.scim.', 'dp.audit.'],
    body: '[A-Za-z0-9_.-]{40,}',
  },
  'vault-token': { prefixes: ['hvs.', 'hvb.', 'hvr.'], body: '[A-Za-z0-9_-]{20,}', atBoundary: true },
  'notion-token': { prefixes: ['ntn_'], body: '[A-Za-z0-9]{40,}', atBoundary: true },
  'grafana-token': { prefixes: ['glsa_', 'glc_'], body: '[A-Za-z0-9_+/=-]{32,}', atBoundary: true },
  'figma-token': { prefixes: ['figd_'], body: '[A-Za-z0-9_-]{32,}' },
  'postman-key': { prefixes: ['PMAK-'], body: '[a-f0-9]{24}-[a-f0-9]{34}' },
  'new-relic-key': { prefixes: ['NRAK-', 'NRII-', 'NRJS-'], body: '[A-Za-z0-9_-]{19,}' },
  'sentry-token': { prefixes: ['sntryu_', 'sntrys_'], body: '[A-Za-z0-9_+/=-]{40,}' },
  'planetscale-token': { prefixes: ['pscale_tkn_', 'pscale_pw_', 'pscale_oauth_'], body: '[A-Za-z0-9_.=-]{30,}' },
  'atlassian-token': { prefixes: ['ATATT3', 'ATCTT3', 'ATBB'], body: '[A-Za-z0-9_=-]{28,}', atBoundary: true },
  'airtable-token': { prefixes: ['pat'], body: '[A-Za-z0-9]{14}\\.[a-f0-9]{64}', atBoundary: true },
  'fly-token': { prefixes: ['fm1_', 'fm1r_', 'fm1a_', 'fm2_'], body: '[A-Za-z0-9+/=_-]{60,}', atBoundary: true },
  'tailscale-key': { prefixes: ['tskey-'], body: '[a-z]{2,10}-[A-Za-z0-9-]{20,}' },
  'supabase-token': { prefixes: ['sbp_', 'sb_secret_'], body: '[A-Za-z0-9_]{30,}', atBoundary: true },
  'linear-key': { prefixes: ['lin_api_', 'lin_oauth_'], body: '[A-Za-z0-9]{32,}' },
  'pulumi-token': { prefixes: ['pul-'], body: `[a-f0-9]{40}${HEX_END}`, atBoundary: true },
  'contentful-token': { prefixes: ['CFPAT-'], body: '[A-Za-z0-9_-]{40,}' },
  'buildkite-token': { prefixes: ['bkua_'], body: '[a-f0-9]{40}' },
  'dynatrace-token': { prefixes: ['dt0c01.', 'dt0s01.', 'dt0s02.', 'dt0s16.'], body: '[A-Z0-9]{8,24}\\.[A-Z0-9]{64}' },
  'alibaba-key': { prefixes: ['LTAI'], body: `[A-Za-z0-9]{12,24}${HEX_END}`, atBoundary: true },
  'sendgrid-key': { prefixes: ['SG.'], body: '[A-Za-z0-9_-]{16,64}\\.[A-Za-z0-9_-]{16,}', atBoundary: true },
  'age-secret-key': { prefixes: ['AGE-SECRET-KEY-'], body: '(?:PQ-)?1[A-Z0-9]{20,}' },
}

export const tokenRules: readonly RedactionRule[] = Object.entries(tokens).map(
  ([id, { prefixes, body, atBoundary }]) => ({
    id,
    hints: prefixes,
    pattern: new RegExp(`${atBoundary ? BOUNDARY : ''}(?:${prefixes.map(escaped).join('|')})${body}`, 'g'),
    // A name of many words has neither digits nor both cases.
    accept: (secret: string) => /\d/.test(secret.slice(4)) || /[a-z][A-Z]|[A-Z][a-z]/.test(secret.slice(4)),
  }),
)

function escaped(text: string): string {
  return text.replace(/[.-]/g, '\\$&')
}

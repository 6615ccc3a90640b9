/** Secrets that their own form gives away: a fixed beginning, and a body of known characters and length. */
import { looksRandom } from '../entropy.ts'
import type { FormRule } from './form-rule.ts'

interface Token {
  readonly prefixes: readonly string[]
  /** What follows the prefix, as a pattern. */
  readonly body: string
  /** Where the prefix is short enough to end a word by chance. */
  readonly atBoundary?: boolean
  /** Whether secretlint knows the kind: a window around it is shown to its rules as well. */
  readonly isLinted?: boolean
}

const HEX_END = '(?![A-Za-z0-9])'

const tokens: Readonly<Record<string, Token>> = {
  'aws-access-key-id': {
    prefixes: ['AKIA', 'ASIA', 'ABIA', 'ACCA'],
    body: '[A-Z0-9]{16}(?![A-Za-z0-9])',
    atBoundary: true,
  },
  'github-token': {
    prefixes: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'],
    body: '[A-Za-z0-9_]{20,}',
    isLinted: true,
  },
  'gitlab-token': {
    prefixes: ['glpat-', 'gldt-', 'glrt-', 'glcbt-', 'glptt-', 'glft-', 'glimt-', 'glagent-', 'glsoat-'],
    body: '[A-Za-z0-9_.-]{20,}',
    isLinted: true,
  },
  'npm-token': { prefixes: ['npm_'], body: '[A-Za-z0-9]{30,}', isLinted: true },
  'pypi-token': { prefixes: ['pypi-'], body: '[A-Za-z0-9_-]{40,}' },
  'rubygems-token': { prefixes: ['rubygems_'], body: '[a-f0-9]{32,}' },
  'crates-token': { prefixes: ['cio'], body: `[A-Za-z0-9]{32}${HEX_END}`, atBoundary: true },
  'docker-token': { prefixes: ['dckr_pat_', 'dckr_oat_'], body: '[A-Za-z0-9_-]{20,}', isLinted: true },
  'google-api-key': { prefixes: ['AIza'], body: '[A-Za-z0-9_-]{35,}', atBoundary: true },
  'google-oauth': { prefixes: ['ya29.', 'GOCSPX-'], body: '[A-Za-z0-9_-]{20,}' },
  'hugging-face-token': { prefixes: ['hf_'], body: '[A-Za-z0-9]{30,}', atBoundary: true, isLinted: true },
  'groq-key': { prefixes: ['gsk_'], body: '[A-Za-z0-9]{40,}', atBoundary: true, isLinted: true },
  'xai-key': { prefixes: ['xai-'], body: '[A-Za-z0-9]{60,}', atBoundary: true },
  'replicate-token': { prefixes: ['r8_'], body: '[A-Za-z0-9]{30,}', atBoundary: true },
  'perplexity-key': { prefixes: ['pplx-'], body: '[A-Za-z0-9]{40,}', atBoundary: true },
  'stripe-key': {
    prefixes: ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_', 'whsec_'],
    body: '[A-Za-z0-9+/=]{16,}',
    isLinted: true,
  },
  'square-token': { prefixes: ['sq0csp-', 'sq0atp-', 'sq0idp-'], body: '[A-Za-z0-9_-]{20,}' },
  'mailgun-key': { prefixes: ['key-'], body: `[a-f0-9]{32}${HEX_END}`, atBoundary: true },
  'twilio-key': { prefixes: ['SK'], body: `[a-f0-9]{32}${HEX_END}`, atBoundary: true },
  'shopify-token': { prefixes: ['shpat_', 'shpca_', 'shppa_', 'shpss_'], body: '[A-Za-z0-9]{32,}', isLinted: true },
  'digitalocean-token': { prefixes: ['dop_v1_', 'doo_v1_', 'dor_v1_'], body: '[a-f0-9]{40,}' },
  'databricks-token': {
    prefixes: ['dapi'],
    body: `[A-Fa-f0-9]{32}(?:-\\d)?${HEX_END}`,
    atBoundary: true,
    isLinted: true,
  },
  'doppler-token': {
    prefixes: ['dp.pt.', 'dp.st.', 'dp.ct.', 'dp.sa.', 'dp.scim.', 'dp.audit.'],
    body: '[A-Za-z0-9_.-]{40,}',
  },
  'vault-token': { prefixes: ['hvs.', 'hvb.', 'hvr.'], body: '[A-Za-z0-9_-]{20,}', atBoundary: true, isLinted: true },
  'notion-token': { prefixes: ['ntn_'], body: '[A-Za-z0-9]{40,}', atBoundary: true, isLinted: true },
  'grafana-token': { prefixes: ['glsa_', 'glc_'], body: '[A-Za-z0-9_+/=-]{32,}', atBoundary: true, isLinted: true },
  'figma-token': { prefixes: ['figd_'], body: '[A-Za-z0-9_-]{32,}', isLinted: true },
  'postman-key': { prefixes: ['PMAK-'], body: '[a-f0-9]{24}-[a-f0-9]{34}' },
  'new-relic-key': { prefixes: ['NRAK-', 'NRII-', 'NRJS-'], body: '[A-Za-z0-9_-]{19,}' },
  'sentry-token': { prefixes: ['sntryu_', 'sntrys_'], body: '[A-Za-z0-9_+/=-]{40,}' },
  'planetscale-token': { prefixes: ['pscale_tkn_', 'pscale_pw_', 'pscale_oauth_'], body: '[A-Za-z0-9_.=-]{30,}' },
  'atlassian-token': { prefixes: ['ATATT3', 'ATCTT3', 'ATBB'], body: '[A-Za-z0-9_=-]{28,}', atBoundary: true },
  'airtable-token': { prefixes: ['pat'], body: '[A-Za-z0-9]{14}\\.[a-f0-9]{64}', atBoundary: true },
  'fly-token': { prefixes: ['fm1_', 'fm1r_', 'fm1a_', 'fm2_'], body: '[A-Za-z0-9+/=_-]{60,}', atBoundary: true },
  'tailscale-key': { prefixes: ['tskey-'], body: '[a-z]{2,10}-[A-Za-z0-9-]{20,}' },
  'supabase-token': { prefixes: ['sbp_', 'sb_secret_'], body: '[A-Za-z0-9_]{30,}', atBoundary: true },
  'linear-key': { prefixes: ['lin_api_', 'lin_oauth_'], body: '[A-Za-z0-9_]{32,}', isLinted: true },
  'pulumi-token': { prefixes: ['pul-'], body: `[a-f0-9]{40}${HEX_END}`, atBoundary: true },
  'contentful-token': { prefixes: ['CFPAT-'], body: '[A-Za-z0-9_-]{40,}' },
  'buildkite-token': { prefixes: ['bkua_'], body: '[a-f0-9]{40}' },
  'dynatrace-token': { prefixes: ['dt0c01.', 'dt0s01.', 'dt0s02.', 'dt0s16.'], body: '[A-Z0-9]{8,24}\\.[A-Z0-9]{64}' },
  'alibaba-key': { prefixes: ['LTAI'], body: `[A-Za-z0-9]{12,24}${HEX_END}`, atBoundary: true },
  'vercel-token': {
    prefixes: ['vcp_', 'vci_', 'vca_', 'vcr_', 'vck_'],
    body: '[A-Za-z0-9]{20,60}(?![A-Za-z0-9])',
    atBoundary: true,
    isLinted: true,
  },
  '1password-token': { prefixes: ['ops_ey'], body: '[A-Za-z0-9+/=_-]{60,}', atBoundary: true, isLinted: true },
  'sendgrid-key': {
    prefixes: ['SG.'],
    body: '[A-Za-z0-9_-]{16,64}\\.[A-Za-z0-9_-]{16,}',
    atBoundary: true,
    isLinted: true,
  },
  'age-secret-key': { prefixes: ['AGE-SECRET-KEY-'], body: '(?:PQ-)?1[A-Z0-9]{20,}' },
  'slack-token': {
    prefixes: ['xoxa-', 'xoxb-', 'xoxe-', 'xoxo-', 'xoxp-', 'xoxr-', 'xoxs-', 'xapp-'],
    body: '[A-Za-z0-9-]{10,}',
    isLinted: true,
  },
}

/** A name of many words has neither digits nor both cases. */
const isMixed = (secret: string): boolean => {
  const body = secret.slice(4)
  return /\d/.test(body) || /[a-z][A-Z]|[A-Z][a-z]/.test(body)
}

const hasDigit = (secret: string): boolean => /\d/.test(secret)

export const tokenRules: readonly FormRule[] = [
  ...Object.entries(tokens).map(
    ([id, { prefixes, body, atBoundary, isLinted }]): FormRule => ({
      id,
      literals: prefixes,
      pattern: new RegExp(`(?:${prefixes.map(escaped).join('|')})${body}`, 'y'),
      boundary: atBoundary === true ? 'word' : 'none',
      breaks: 'in-token',
      isLinted: isLinted === true,
      accept: id === 'slack-token' ? hasDigit : isMixed,
    }),
  ),
  {
    id: 'model-api-key',
    literals: ['sk-'],
    pattern: /sk-[A-Za-z0-9_-]{20,}/y,
    boundary: 'token',
    breaks: 'in-token',
    isLinted: true,
    // Names of style classes begin with sk- too.
    accept: (secret) => hasDigit(secret) && (/[A-Z]/.test(secret) || looksRandom(secret)),
  },
  {
    id: 'json-web-token',
    literals: ['eyJ'],
    pattern: /eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*)?/y,
    boundary: 'token',
    breaks: 'in-key',
  },
  {
    id: 'telegram-token',
    literals: [':AA'],
    pattern: /:AA(?<=(?<![0-9])(?<head>[0-9]{8,10}):AA)[A-Za-z0-9_-]{30,}/y,
    boundary: 'none',
    breaks: 'in-token',
    back: 11,
  },
  {
    id: 'mailchimp-key',
    literals: ['-us'],
    pattern: /-us\d{1,2}(?<=(?<head>[0-9a-f]{32})-us\d{1,2})(?![A-Za-z0-9])/y,
    boundary: 'none',
    breaks: 'in-token',
    back: 32,
  },
  {
    id: 'terraform-token',
    literals: ['.atlasv1.'],
    pattern: /\.atlasv1\.(?<=(?<head>[A-Za-z0-9]{14})\.atlasv1\.)[A-Za-z0-9_=-]{50,}/y,
    boundary: 'none',
    breaks: 'in-token',
    back: 14,
  },
  {
    id: 'azure-client-secret',
    literals: ['Q~'],
    pattern: /Q~(?<=(?<head>[A-Za-z0-9_~.]{3}\d)Q~)[A-Za-z0-9_~.-]{31,34}/y,
    boundary: 'none',
    breaks: 'in-token',
    back: 4,
  },
]

function escaped(text: string): string {
  return text.replace(/[.-]/g, '\\$&')
}

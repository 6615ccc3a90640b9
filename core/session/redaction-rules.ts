/**
 * Secrets that their own form gives away. Every pattern reads each character a bounded number of times: runs are
 * anchored at their beginning by a lookbehind, and repetitions of different classes never overlap.
 */
import { looksRandom } from './entropy.ts'

export interface RedactionRule {
  readonly id: string
  /** The pattern is tried only where one of these stands in the text; compared with case. */
  readonly hints: readonly string[]
  /** Global; the group `secret`, or else the whole match, is taken out. */
  readonly pattern: RegExp
  /** Whether what was found is meant; without it, always. */
  readonly accept?: (secret: string) => boolean
}

const hasDigit = (secret: string): boolean => /\d/.test(secret)

export const redactionRules: readonly RedactionRule[] = [
  {
    id: 'aws-access-key-id',
    hints: ['AKIA', 'ASIA', 'ABIA', 'ACCA'],
    pattern: /(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])/g,
  },
  { id: 'github-token', hints: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], pattern: /gh[pousr]_[A-Za-z0-9_]{20,}/g },
  { id: 'github-token', hints: ['github_pat_'], pattern: /github_pat_[A-Za-z0-9_]{20,}/g },
  {
    id: 'gitlab-token',
    hints: ['glpat-', 'gldt-', 'glrt-', 'glcbt-', 'glptt-', 'glft-', 'glimt-', 'glagent-', 'glsoat-'],
    pattern: /gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat)-[A-Za-z0-9_.-]{20,}/g,
  },
  { id: 'npm-token', hints: ['npm_'], pattern: /npm_[A-Za-z0-9]{30,}/g },
  { id: 'pypi-token', hints: ['pypi-'], pattern: /pypi-[A-Za-z0-9_-]{40,}/g },
  { id: 'google-api-key', hints: ['AIza'], pattern: /AIza[A-Za-z0-9_-]{35,}/g },
  { id: 'google-oauth', hints: ['ya29.', 'GOCSPX-'], pattern: /(?:ya29\.|GOCSPX-)[A-Za-z0-9_-]{20,}/g },
  { id: 'hugging-face-token', hints: ['hf_'], pattern: /(?<![A-Za-z0-9])hf_[A-Za-z0-9]{30,}/g },
  {
    id: 'model-api-key',
    hints: ['sk-'],
    pattern: /(?<![A-Za-z0-9_-])sk-[A-Za-z0-9_-]{20,}/g,
    // Names of style classes begin with sk- too.
    accept: (secret) => hasDigit(secret) && (/[A-Z]/.test(secret) || looksRandom(secret)),
  },
  { id: 'slack-token', hints: ['xox', 'xapp-'], pattern: /(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,}/g, accept: hasDigit },
  {
    id: 'slack-webhook',
    hints: ['hooks.slack.com/'],
    pattern: /hooks\.slack\.com\/(?:services|workflows|triggers)\/(?<secret>[A-Za-z0-9/_-]{20,})/g,
  },
  {
    id: 'stripe-key',
    hints: ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_', 'whsec_'],
    pattern: /(?:(?:sk|rk)_(?:live|test)|whsec)_[A-Za-z0-9+/=]{16,}/g,
  },
  { id: 'sendgrid-key', hints: ['SG.'], pattern: /(?<![A-Za-z0-9])SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,}/g },
  {
    id: 'shopify-token',
    hints: ['shpat_', 'shpca_', 'shppa_', 'shpss_'],
    pattern: /shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32,}/g,
  },
  { id: 'digitalocean-token', hints: ['dop_v1_', 'doo_v1_', 'dor_v1_'], pattern: /do[opr]_v1_[a-f0-9]{40,}/g },
  { id: 'age-secret-key', hints: ['AGE-SECRET-KEY-'], pattern: /AGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]{20,}/g },
  {
    id: 'json-web-token',
    hints: ['eyJ'],
    pattern: /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*)?/g,
  },
  {
    id: 'authorization',
    hints: ['uthorization', 'UTHORIZATION'],
    pattern:
      /authorization[\\"']{0,4}\s{0,4}[:=]\s{0,4}[\\"'`]{0,4}(?:(?:bearer|basic|token|digest|negotiate|apikey)\s{1,4})?(?<secret>[A-Za-z0-9._~+/=:-]{8,})/gi,
    accept: (secret) => hasDigit(secret) || secret.length >= 16,
  },
  {
    id: 'authorization',
    hints: ['earer ', 'EARER '],
    pattern: /(?<![A-Za-z])bearer\s{1,4}(?<secret>[A-Za-z0-9._~+/=-]{16,})/gi,
    accept: hasDigit,
  },
  {
    id: 'url-password',
    hints: ['://'],
    pattern: /:\/\/[^\s/:@"'`<>\\]{0,100}:(?<secret>[^\s/@"'`<>\\]{3,200})@(?=[A-Za-z0-9[.-])/g,
    accept: (secret) => !isPlaceholder(secret) && !/^(\$\{?[A-Za-z_]|\{\{?|%\w|<|\*+$|x+$)/i.test(secret),
  },
  {
    id: 'azure-account-key',
    hints: ['AccountKey=', 'SharedAccessKey='],
    pattern: /(?:AccountKey|SharedAccessKey)=(?<secret>[A-Za-z0-9+/]{20,}={0,2})/g,
  },
  {
    id: 'json-web-key',
    hints: ['"kty', '\\"kty'],
    pattern: /(?<![A-Za-z0-9_])(?:d|p|q|dp|dq|qi|k)\\{0,3}"\s{0,4}:\s{0,4}\\{0,3}"(?<secret>[A-Za-z0-9_-]{20,})/g,
  },
]

/** Exactly one placeholder and nothing else: one with a tail would be a way to hide the tail. */
export function isPlaceholder(text: string): boolean {
  return /^\[(?:REDACTED|WITHHELD):[a-z0-9-]{1,60}\]$/.test(text)
}

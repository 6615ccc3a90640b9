/**
 * Secrets that their own form gives away. Every pattern reads each character a bounded number of times: runs are
 * anchored at their beginning by a lookbehind, and repetitions of different classes never overlap.
 */
import { looksRandom } from './entropy.ts'
import { BOUNDARY, tokenRules } from './provider-tokens.ts'

export interface RedactionRule {
  readonly id: string
  /** The pattern is tried only where one of these stands in the text; compared with case. */
  readonly hints: readonly string[]
  /** Global; the group `secret`, or else the whole match, is taken out, with the group `head` that stands before it. */
  readonly pattern: RegExp
  /** Whether what was found is meant; without it, always. */
  readonly accept?: (secret: string) => boolean
}

const hasDigit = (secret: string): boolean => /\d/.test(secret)

export const redactionRules: readonly RedactionRule[] = [
  ...tokenRules,
  {
    id: 'aws-access-key-id',
    hints: ['AKIA', 'ASIA', 'ABIA', 'ACCA'],
    pattern: new RegExp(`${BOUNDARY}(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])`, 'g'),
  },
  {
    id: 'model-api-key',
    hints: ['sk-'],
    pattern: new RegExp(`${BOUNDARY}(?<![_-])sk-[A-Za-z0-9_-]{20,}`, 'g'),
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
    id: 'discord-webhook',
    hints: ['/api/webhooks/'],
    pattern: /\/api\/webhooks\/\d{15,22}\/(?<secret>[A-Za-z0-9_-]{50,})/g,
  },
  {
    id: 'discord-token',
    hints: ['M', 'N', 'O'],
    pattern: new RegExp(
      `[MNO](?<=${BOUNDARY}[MNO])[A-Za-z0-9_-]{23,27}\\.[A-Za-z0-9_-]{6,7}\\.[A-Za-z0-9_-]{27,45}`,
      'g',
    ),
    accept: (secret) => hasDigit(secret) && looksRandom(secret),
  },
  {
    id: 'telegram-token',
    hints: [':AA'],
    pattern: /:AA(?<=(?<![0-9])(?<head>[0-9]{8,10}):AA)[A-Za-z0-9_-]{30,}/g,
  },
  {
    id: 'mailchimp-key',
    hints: ['-us'],
    pattern: /-us\d{1,2}(?<=(?<head>[0-9a-f]{32})-us\d{1,2})(?![A-Za-z0-9])/g,
  },
  {
    id: 'terraform-token',
    hints: ['.atlasv1.'],
    pattern: /\.atlasv1\.(?<=(?<head>[A-Za-z0-9]{14})\.atlasv1\.)[A-Za-z0-9_=-]{50,}/g,
  },
  {
    id: 'azure-client-secret',
    hints: ['Q~'],
    pattern: /Q~(?<=(?<head>[A-Za-z0-9_~.]{3}\d)Q~)[A-Za-z0-9_~.-]{31,34}/g,
  },
  {
    id: 'json-web-token',
    hints: ['eyJ'],
    pattern: new RegExp(`${BOUNDARY}(?<![_-])eyJ[A-Za-z0-9_-]{6,}\\.[A-Za-z0-9_-]{6,}(?:\\.[A-Za-z0-9_-]*)?`, 'g'),
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

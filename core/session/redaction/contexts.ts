/** Secrets that what stands around them gives away, whatever they look like: headers, addresses, connection strings. */
import { isOfWords, isStandIn } from '../code-value.ts'
import { type FormRule, isPlaceholder } from './form-rule.ts'

const hasDigit = (secret: string): boolean => /\d/.test(secret)

export const contextRules: readonly FormRule[] = [
  {
    id: 'slack-webhook',
    literals: ['hooks.slack.com/'],
    pattern: /hooks\.slack\.com\/(?:services|workflows|triggers)\/(?<secret>[A-Za-z0-9/_-]{20,})/y,
    boundary: 'none',
    breaks: 'in-line',
    isLinted: true,
  },
  {
    id: 'discord-webhook',
    literals: ['/api/webhooks/'],
    pattern: /\/api\/webhooks\/\d{15,22}\/(?<secret>[A-Za-z0-9_-]{50,})/y,
    boundary: 'none',
    breaks: 'in-line',
  },
  {
    id: 'authorization',
    literals: ['authorization'],
    pattern:
      /authorization[\\"']{0,4}\s{0,4}[:=]\s{0,4}[\\"'`]{0,4}(?:(?:bearer|basic|token|digest|negotiate|apikey)\s{1,4})?(?<secret>[A-Za-z0-9._~+/=:-]{8,})/iy,
    boundary: 'none',
    breaks: 'in-line',
    accept: (secret) =>
      (hasDigit(secret) || (secret.length >= 16 && /[a-z][A-Z]|[=+/~]/.test(secret) && !isOfWords(secret))) &&
      !isStandIn(secret) &&
      !/^0{16}/.test(secret) &&
      !/^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)+$/.test(secret),
  },
  {
    id: 'authorization',
    literals: ['bearer'],
    pattern: /bearer\s{1,4}(?<secret>[A-Za-z0-9._~+/=-]{16,})/iy,
    boundary: 'word',
    breaks: 'in-line',
    accept: (secret) => hasDigit(secret) && !/^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)+$/.test(secret),
  },
  {
    id: 'url-password',
    literals: ['://'],
    // Databases of tests have one word for both, such as `postgres`.
    pattern:
      /:\/\/(?!(?<word>[a-z]{2,20}):\k<word>@)[^\s/:@"'`<>\\]{0,256}:(?<secret>[^\s/@"'`<>\\]{3,256})@(?=[A-Za-z0-9[.-])/y,
    boundary: 'none',
    breaks: 'in-line',
    isLinted: true,
    accept: (secret) =>
      !isPlaceholder(secret) && !isStandIn(secret) && !/^(\$\{?[A-Za-z_]|\{\{?|%\w|<|\*+$|x+$)/i.test(secret),
  },
  {
    id: 'azure-account-key',
    literals: ['AccountKey=', 'SharedAccessKey='],
    pattern: /(?:AccountKey|SharedAccessKey)=(?<secret>[A-Za-z0-9+/]{20,}={0,2})/y,
    boundary: 'none',
    breaks: 'in-line',
  },
]

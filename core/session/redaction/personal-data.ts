/** Personal data, each kind by a form that can be checked; all are off unless somebody asks for them. */
import type { Span } from '../secret-span.ts'

export const personalDataKinds = ['email', 'phone', 'iban', 'card', 'ip-address'] as const
export type PersonalDataKind = (typeof personalDataKinds)[number]

interface PersonalDataRule {
  /** Every repetition is bounded and begins where no other can. */
  readonly pattern: RegExp
  readonly accept: (found: string) => boolean
}

const rules: Readonly<Record<PersonalDataKind, PersonalDataRule>> = {
  email: {
    pattern: /(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9])/g,
    // Addresses that nobody reads: those of documentation (RFC 2606), of forges, and the user of SSH.
    accept: (found) =>
      !/^git@|@(?:[A-Za-z0-9-]{1,63}\.){0,8}(?:example\.(?:com|org|net)|users\.noreply\.github\.com)$|\.(?:example|test|invalid|localhost)$/i.test(
        found,
      ),
  },
  phone: {
    // With its country, as E.164 writes it, with or without separators: shorter ones are not told from other figures.
    pattern: /(?<![A-Za-z0-9+.-])\+[1-9]\d{0,2}(?:[ ./-]?\(?\d{1,4}\)?){2,6}(?![A-Za-z0-9])/g,
    accept: (found) => {
      const digits = found.replace(/\D/g, '').length
      return digits >= 9 && digits <= 15
    },
  },
  iban: {
    pattern: /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])/g,
    accept: (found) => isIban(found.replaceAll(' ', '')),
  },
  card: {
    pattern: /(?<![A-Za-z0-9.-])[3-6]\d{3}(?:[ -]?\d{4}){2}[ -]?\d{1,7}(?![A-Za-z0-9]|\.\d)/g,
    accept: (found) => isCard(found.replace(/\D/g, '')),
  },
  'ip-address': {
    pattern:
      /(?<![A-Za-z0-9.:-])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}|(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4})(?![A-Za-z0-9:-]|\.\d)/g,
    // This machine, every machine, documentation (RFC 5737): they tell nothing of anybody.
    accept: (found) => !/^(?:127\.|0\.0\.0\.0$|255\.255\.|192\.0\.2\.|198\.51\.100\.|203\.0\.113\.)/.test(found),
  },
}

/** One search for the kinds that are asked for, to be given as a further rule. */
export function personalDataSearch(kinds: readonly PersonalDataKind[]): (text: string) => readonly Span[] {
  const asked = kinds.map((kind) => ({ rule: `personal-${kind}`, ...rules[kind] }))
  return (text) =>
    asked.flatMap(({ rule, pattern, accept }) =>
      [...text.matchAll(pattern)]
        .filter(([found]) => accept(found))
        .map(({ 0: found, index }) => ({ start: index, end: index + found.length, rule })),
    )
}

/** ISO 13616: the number, its first four characters last and letters as figures, is 1 modulo 97. */
function isIban(text: string): boolean {
  if (text.length < 15 || text.length > 34) return false
  let rest = 0
  for (const mark of text.slice(4) + text.slice(0, 4)) {
    const value = Number.parseInt(mark, 36)
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97
  }
  return rest === 1
}

/** ISO/IEC 7812-1, annex B: Luhn's sum is a multiple of ten. */
function isCard(digits: string): boolean {
  if (digits.length < 13 || digits.length > 19 || /^(\d)\1*$/.test(digits)) return false
  let sum = 0
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at])
    const doubled = at % 2 === 0 ? digit : digit * 2
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

/** Values that are known to be secret on this machine: the most exact rule there is. */

/** Shorter values stand in every text by chance. */
const MIN_LENGTH = 8

/** Environments hold far more names, paths and settings than secrets; redacting those would blacken every transcript. */
export function usableSecrets(values: readonly string[]): readonly string[] {
  return [...new Set(values.map((value) => value.trim()))].filter(
    (value) =>
      value.length >= MIN_LENGTH &&
      !/^[A-Za-z _.-]{1,19}$/.test(value) &&
      !/^[A-Za-z ,.]+ [A-Za-z ,.]+$/.test(value) &&
      !/^[\d.,:-]{1,15}$/.test(value) &&
      !/^[~.]?\/|^[A-Za-z]:[\\/]|^[^@]*:\//.test(value) &&
      !/^[a-z]{2}_[A-Z]{2}\b/.test(value) &&
      !/^(xterm|screen|tmux|rxvt|linux)-/.test(value) &&
      !/\[(REDACTED|WITHHELD):/.test(value),
  )
}

export interface KnownForm {
  /** The value as a text may hold it. */
  readonly form: string
  /** ASCII characters of it, by which it is proposed; null where it has too few in a row. */
  readonly literal: string | null
  /** Where in the form they begin. */
  readonly offset: number
}

/** More than these are hardly ever equal in two values. */
const MAX_LITERAL = 16

/** Every value as it is and as JSON and URLs would write it; base64 is decoded before values are looked for. */
export function knownForms(secrets: readonly string[]): readonly KnownForm[] {
  const forms = secrets.flatMap((secret) => {
    const once = JSON.stringify(secret).slice(1, -1)
    return [secret, once, JSON.stringify(once).slice(1, -1), encodeURIComponent(secret.toWellFormed())]
  })
  return [...new Set(forms)].map((form) => {
    const [longest] = [...form.matchAll(/[\u0020-\u007e]{4,}/g)].sort((left, right) => right[0].length - left[0].length)
    return { form, literal: longest?.[0].slice(0, MAX_LITERAL) ?? null, offset: longest?.index ?? 0 }
  })
}

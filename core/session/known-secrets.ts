/** Values that are known to be secret on this machine: the most exact rule there is. */
import type { Span } from './secret-span.ts'

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

/** Every place of every value, also as JSON, URLs and base64 would write it. */
export function knownSpans(text: string, secrets: readonly string[]): Span[] {
  const spans: Span[] = []
  for (const secret of secrets) {
    for (const form of formsOf(secret)) {
      for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + form.length)) {
        spans.push({ start: at, end: at + form.length, rule: 'known-secret' })
      }
    }
  }
  return spans
}

function formsOf(secret: string): readonly string[] {
  const wellFormed = secret.toWellFormed()
  const base64 = btoa(String.fromCharCode(...new TextEncoder().encode(wellFormed.slice(0, 4096)))).replace(/=+$/, '')
  return [...new Set([secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(wellFormed), base64])]
}

/** Numbers, times and money in words. What is not recorded is said so and never shown as zero. */
import type { Cost } from '#core/session/usage.ts'

export const NOT_RECORDED = 'not recorded'

export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? singular : plural}`
}

/** 950, 12.3k, 4.5M */
export function shortNumber(number: number): string {
  if (number < 1_000) return String(number)
  if (number < 999_950) return `${(number / 1_000).toFixed(1)}k`
  return number < 999_950_000 ? `${(number / 1_000_000).toFixed(1)}M` : `${(number / 1_000_000_000).toFixed(1)}G`
}

/** `$1.23`; with a `+` where some of it could not be priced; `unpriced` where nothing could. */
export function money({ microUsd, unpricedModels }: Pick<Cost, 'microUsd' | 'unpricedModels'>): string {
  if (microUsd === null) return unpricedModels.length > 0 ? 'unpriced' : NOT_RECORDED
  const dollars = microUsd / 1_000_000
  const text = dollars !== 0 && dollars < 0.01 ? '<$0.01' : `$${dollars.toFixed(2)}`
  return unpricedModels.length > 0 ? `${text}+` : text
}

export function duration(startedAt: string | null, endedAt: string | null): string {
  if (startedAt === null || endedAt === null) return NOT_RECORDED
  const seconds = Math.max(0, Math.round((Date.parse(endedAt) - Date.parse(startedAt)) / 1_000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}

/** `2026-11-22 14:02`, UTC as everywhere. */
export function minute(at: string | null): string {
  return at === null ? NOT_RECORDED : new Date(at).toISOString().slice(0, 16).replace('T', ' ')
}

export function percent(part: number, whole: number): string {
  return whole === 0 ? '0%' : `${Math.round((part / whole) * 100)}%`
}

export function shortId(id: string): string {
  return id.slice(0, 12)
}

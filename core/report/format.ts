/** Numbers as people read them; the same words in comment, terminal and dashboard. Imports nothing at run time. */
import type { LineCounts } from '../attribution/attribution.ts'
import type { Cost } from '../session/usage.ts'

/** What is shown where nothing was observed. Never zero instead. */
export const NOT_RECORDED = 'not recorded'

/** 999, 1,234, 12.3k, 4.6M */
export function formatCount(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return NOT_RECORDED
  const rounded = Math.round(value)
  if (Math.abs(rounded) < 10_000) return grouped(rounded)
  // 999,950 is 1M and not 1000k.
  const [size, letter] = scales.find(([least]) => Math.abs(rounded) >= least * 0.99995) ?? [1_000, 'k']
  return `${(rounded / size).toFixed(1).replace(/\.0$/, '')}${letter}`
}
const scales = [
  [1_000_000_000, 'G'],
  [1_000_000, 'M'],
  [1_000, 'k'],
] as const

/** Millionths of a US dollar: $0.06, $1,234.50; below a cent `<$0.01`. */
export function formatMoney(microUsd: number | null): string {
  if (microUsd === null || !Number.isFinite(microUsd)) return NOT_RECORDED
  const cents = Math.round(microUsd / 10_000)
  if (cents === 0 && microUsd > 0) return '<$0.01'
  const sign = cents < 0 ? '-' : ''
  const dollars = Math.trunc(Math.abs(cents) / 100)
  return `${sign}$${grouped(dollars)}.${String(Math.abs(cents) % 100).padStart(2, '0')}`
}

/** A cost of which some models have no price is a lower bound. */
export function formatCost({ microUsd, unpricedModels }: Cost): string {
  if (microUsd === null) return unpricedModels.length > 0 ? 'unpriced' : NOT_RECORDED
  return unpricedModels.length > 0 ? `≥ ${formatMoney(microUsd)}` : formatMoney(microUsd)
}

/** 45 s, 3 min, 2 h 5 min, 3 d 4 h */
export function formatDuration(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds) || seconds < 0) return NOT_RECORDED
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const minutes = Math.round(whole / 60)
  if (minutes < 60) return `${minutes} min`
  if (minutes < 48 * 60) return pair(Math.trunc(minutes / 60), 'h', minutes % 60, 'min')
  const hours = Math.round(minutes / 60)
  return pair(Math.trunc(hours / 24), 'd', hours % 24, 'h')
}

/** A fraction of 1 as a percentage; what is not nothing is not shown as nothing, and what is not all not as all. */
export function formatShare(fraction: number | null): string {
  if (fraction === null || !Number.isFinite(fraction)) return NOT_RECORDED
  const percent = fraction * 100
  if (percent > 0 && percent < 1) return '<1%'
  if (percent > 99 && percent < 100) return '>99%'
  return `${Math.round(percent)}%`
}

/**
 * `ai` of all added lines, those of unknown origin included: what was not observed is in the denominator, so that it
 * makes the share smaller and is never counted as a person's. null without any added line.
 */
export function aiShare({ ai, human, mixed, unknown }: LineCounts): number | null {
  const all = ai + human + mixed + unknown
  return all === 0 ? null : ai / all
}

/** "1 session", "2 sessions" */
export function formatNumberOf(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`
}

/** The agent's own id, shortened: enough to tell sessions apart. */
export function shortSession(id: string): string {
  return id.slice(id.indexOf(':') + 1).slice(0, 8)
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`
}

function grouped(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',')
}

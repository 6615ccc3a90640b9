/** An erasure in words. In a file of its own, so that the dashboard gets no schemas with it. */
import type { Erasure } from '../api/retention.ts'

/** `erased on 2026-11-22 by an administrator` */
export function erasureWords({ at, by }: Erasure): string {
  const who = {
    administrator: 'by an administrator',
    person: 'by the person whose session it is',
    retention: 'by retention',
  }[by]
  return `erased on ${at.slice(0, 10)} ${who}`
}

/** Keeps what this process holds close to what it uses. */
import { setFlagsFromString } from 'node:v8'

/** Of transcripts: one that is as long, or as many bytes of several. */
const LONG = 8_000_000
const MANY = 32_000_000

let bytesRead = 0

/**
 * Before so many bytes of a session are read. By default the engine lets a small heap grow to four times of what is alive before it
 * looks for what is not: beside long transcripts that is more than all that is needed. To look more often costs a tenth of
 * the time, so that it is not done for short ones.
 */
export function boundHeapGrowth(bytes: number): void {
  bytesRead += bytes
  if (bytes > LONG || bytesRead > MANY) setFlagsFromString('--heap-growing-percent=40')
}

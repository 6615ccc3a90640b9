/** Keeps what this process holds close to what it uses. */
import { setFlagsFromString } from 'node:v8'

/**
 * Before transcripts are read. By default the engine lets a small heap grow to four times of what is alive before it looks
 * for what is not: beside a long transcript that is more than all that is needed. Where an engine does not know the
 * flag, nothing changes.
 */
export function boundHeapGrowth(): void {
  setFlagsFromString('--heap-growing-percent=40')
}

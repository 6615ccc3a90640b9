/** Checkpoint (C2SP tlog-checkpoint): which log, how many leaves, which root. */
import { type Bytes, fromBase64, toBase64 } from './bytes.ts'
import { HASH_BYTES, isCount } from './merkle.ts'

export interface Checkpoint {
  /** Name of the log; also the name of its key. */
  readonly origin: string
  readonly size: number
  readonly root: Bytes
}

/** The text that is signed, last line feed included. */
export function writeCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`
}

/** Extension lines are allowed and ignored. null for anything that is not a checkpoint. */
export function readCheckpoint(text: string): Checkpoint | null {
  if (!text.endsWith('\n')) return null
  const [origin, size, root, ...extensions] = text.slice(0, -1).split('\n')
  if (!origin || size === undefined || root === undefined || extensions.includes('')) return null
  if (!/^(0|[1-9][0-9]*)$/.test(size) || !isCount(Number(size))) return null
  if (!/^[A-Za-z0-9+/]{43}=$/.test(root)) return null
  const hash = fromBase64(root)
  return hash === null || hash.length !== HASH_BYTES || toBase64(hash) !== root
    ? null
    : { origin, size: Number(size), root: hash }
}

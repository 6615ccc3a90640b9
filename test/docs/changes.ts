/** Ways to spoil a bundle, each in one place. */
import type { Bundle } from '#core/evidence/bundle.ts'
import { type Bytes, fromBase64, toBase64 } from '#core/evidence/bytes.ts'
import { readEnvelope, writeEnvelope } from '#core/evidence/envelope.ts'

export const flip = (bytes: Bytes, at: number): Bytes => {
  const copy = bytes.slice()
  copy[at % copy.length] = (copy[at % copy.length] ?? 0) ^ (1 << (at % 8))
  return copy
}
export const flipText = (text: string, at: number) => toBase64(flip(fromBase64(text) ?? new Uint8Array(), at))

export type Change = (bundle: Bundle) => Bundle
export const inLog =
  (change: Partial<Bundle['log']> | ((log: Bundle['log']) => Partial<Bundle['log']>)): Change =>
  (bundle) => ({ ...bundle, log: { ...bundle.log, ...(typeof change === 'function' ? change(bundle.log) : change) } })
export const inFirst =
  (change: (one: Bundle['evidence'][number]) => Partial<Bundle['evidence'][number]>): Change =>
  (bundle) => ({ ...bundle, evidence: bundle.evidence.map((one, at) => (at === 0 ? { ...one, ...change(one) } : one)) })
export const inEnvelope = (change: (json: Record<string, unknown>) => Record<string, unknown>) =>
  inFirst(({ envelope }) => ({ envelope: JSON.stringify(change(JSON.parse(envelope))) }))
export const inReceipt = (change: (receipt: string) => string) =>
  inFirst(({ receipt }) => ({ receipt: change(receipt) }))

export const bundleOf = (entries: readonly Bytes[]): Bytes => {
  const parts = entries.flatMap((entry) => [entry.length >> 8, entry.length & 255, ...entry])
  return new Uint8Array(parts)
}
export const urlSafe = (text: string) => text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
export const twice = (signatures: unknown) => (Array.isArray(signatures) ? [...signatures, ...signatures] : [])
export const withHint = (signatures: unknown, keyid: string | undefined) =>
  (Array.isArray(signatures) ? signatures : []).map((one: object) => ({ ...one, keyid }))
export const weakKey = () => toBase64(new Uint8Array([...hexBytes('302a300506032b6570032100'), ...new Uint8Array(32)]))
export const hexBytes = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
export const flipSignature = (text: string, bit: number) => {
  const envelope = readEnvelope(text)
  const signatures = envelope.signatures.map((one) => ({ ...one, bytes: flip(one.bytes, bit * 13) }))
  return writeEnvelope({ ...envelope, signatures })
}
export const flipLine = (text: string, line: number, bit: number) =>
  text
    .split('\n')
    .map((one, at) => (at === line ? flipText(one, bit * 7) : one))
    .join('\n')
export const swapEnvelopes = (bundle: Bundle): Bundle => {
  const [first, second, ...rest] = bundle.evidence
  if (first === undefined || second === undefined) return bundle
  const swapped = [
    { ...first, envelope: second.envelope },
    { ...second, envelope: first.envelope },
  ]
  return { ...bundle, evidence: [...swapped, ...rest] }
}

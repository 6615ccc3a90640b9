/** Evidence bundle: everything by which somebody who trusts only a log's key can check evidence offline. One JSON text. */
import { z } from 'zod'
import { Fault, isFault } from '../fault.ts'
import { fromBase64 } from './bytes.ts'
import { parseStrictJson } from './strict-json.ts'

/** The form is described at docs/guides/verify.md; unknown members are ignored. */
export const BUNDLE_FORMAT = 'https://stemma.dev/evidence-bundle/v1'

const base64 = z.string().refine((text) => fromBase64(text) !== null, 'is not base64')

const BundledEvidence = z.object({
  /** DSSE JSON, verbatim. */
  envelope: z.string(),
  /** Leaf index in the log. */
  index: z.int().nonnegative(),
  /** The log's time, part of the leaf. */
  receivedAt: z.string(),
  /** `c2sp.org/tlog-proof@v1` */
  receipt: z.string(),
  /** base64 of the redacted transcript, decompressed; null where it is left out. */
  transcript: base64.nullable(),
})
export type BundledEvidence = Readonly<z.infer<typeof BundledEvidence>>

const BundledConclusion = z.object({
  /** DSSE JSON of what the platform signed: test result, summary, decision about a waiver, end of a key. */
  envelope: z.string(),
  /** base64 SPKI of the platform's key for the organisation. Believed because the leaf in the log names it. */
  publicKey: z.string().max(1_500),
  index: z.int().nonnegative(),
  receivedAt: z.string(),
  /** `c2sp.org/tlog-proof@v1` */
  receipt: z.string(),
})
export type BundledConclusion = Readonly<z.infer<typeof BundledConclusion>>

const BundledLog = z.object({
  /** Verifier key (C2SP signed-note vkey). Believed only where it is the one that the verifier was given. */
  key: z.string(),
  /** The checkpoint over `entries`, or the latest that was seen; null where none was. */
  checkpoint: z.string().nullable(),
  /** base64 of the entry bundles (C2SP tlog-tiles) of the whole log, 256 entries each; null where they are left out. */
  entries: z.array(base64).nullable(),
  /** Signed notes that the exporting machine had seen before, cosignatures and all, in any order. */
  checkpoints: z.array(z.string()),
})

const Bundle = z.object({
  format: z.literal(BUNDLE_FORMAT),
  exportedAt: z.iso.datetime(),
  log: BundledLog,
  /** base64 SPKI, or SSH line, of whoever signed. Believed because the leaf in the log names the key by its digest. */
  keys: z.array(z.object({ publicKey: z.string().max(1_500) })),
  evidence: z.array(BundledEvidence),
  /** Absent in bundles of before: then nothing is known of keys that ended. */
  conclusions: z.array(BundledConclusion).optional(),
})
export type Bundle = Readonly<z.infer<typeof Bundle>>

/** Throws envelope-malformed. Checks form only; `verifyBundle` judges. */
export function readBundle(text: string): Bundle {
  let json: unknown
  try {
    json = parseStrictJson(text)
  } catch (fault) {
    if (!isFault(fault)) throw fault
    throw malformed(fault.message)
  }
  const parsed = Bundle.safeParse(json)
  if (parsed.success) return parsed.data
  throw malformed(z.prettifyError(parsed.error))
}

export function writeBundle(bundle: Bundle): string {
  return `${JSON.stringify(bundle, null, 2)}\n`
}

/** Whether a text says of itself that it is a bundle; it may still be malformed. */
export function isBundle(text: string): boolean {
  return text.slice(0, 1_000).includes(`"${BUNDLE_FORMAT}"`)
}

function malformed(problem: string): Fault {
  return new Fault('envelope-malformed', {
    message: `This is not an evidence bundle: ${problem}`.slice(0, 2_000),
    hint: 'Write it again with `stemma export --evidence --out FILE`.',
  })
}

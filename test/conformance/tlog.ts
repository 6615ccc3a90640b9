/** The published test vectors of transparency logs (transparency-dev/merkle, folders inclusion, consistency and subtree*). */
import { readdir, readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { z } from 'zod'
import { type Bytes, fromBase64 } from '#core/evidence/bytes.ts'
import {
  verifyConsistency,
  verifyInclusion,
  verifySubtreeConsistency,
  verifySubtreeInclusion,
} from '#core/evidence/merkle-verify.ts'
import type { ConformanceFailure, ConformanceResult } from './suite.ts'

const hash = z
  .string()
  .nullable()
  .transform((text, context): Bytes => {
    const bytes = fromBase64(text ?? '')
    if (bytes !== null) return bytes
    context.addIssue('not base64')
    return z.NEVER
  })
const proof = z
  .array(hash)
  .nullable()
  .transform((hashes) => hashes ?? [])
const expectation = { desc: z.string(), wantErr: z.boolean() }

const InclusionCase = z.object({
  ...expectation,
  leafIdx: z.number(),
  treeSize: z.number(),
  root: hash,
  leafHash: hash,
  proof,
})
const ConsistencyCase = z.object({
  ...expectation,
  size1: z.number(),
  size2: z.number(),
  root1: hash,
  root2: hash,
  proof,
})
const range = { start: z.number(), end: z.number() }
const SubtreeInclusionCase = z.object({
  ...expectation,
  ...range,
  leafIdx: z.number(),
  root: hash,
  leafHash: hash,
  proof,
})
const SubtreeConsistencyCase = z.object({ ...expectation, ...range, size: z.number(), root1: hash, root2: hash, proof })

interface Judgement {
  readonly accepted: boolean
  readonly wantErr: boolean
}

const judges: Readonly<Record<string, (json: unknown) => Promise<Judgement>>> = {
  inclusion: async (json) => {
    const { leafIdx, treeSize, leafHash, wantErr, ...rest } = InclusionCase.parse(json)
    return { accepted: await verifyInclusion({ index: leafIdx, size: treeSize, leaf: leafHash, ...rest }), wantErr }
  },
  consistency: async (json) => {
    const { size1, size2, root1, root2, wantErr, ...rest } = ConsistencyCase.parse(json)
    const claim = { older: { size: size1, root: root1 }, newer: { size: size2, root: root2 }, proof: rest.proof }
    return { accepted: await verifyConsistency(claim), wantErr }
  },
  subtreeinclusion: async (json) => {
    const { leafIdx, leafHash, wantErr, ...rest } = SubtreeInclusionCase.parse(json)
    return { accepted: await verifySubtreeInclusion({ index: leafIdx, leaf: leafHash, ...rest }), wantErr }
  },
  subtreeconsistency: async (json) => {
    const { root1, root2, wantErr, ...rest } = SubtreeConsistencyCase.parse(json)
    return { accepted: await verifySubtreeConsistency({ subtreeRoot: root1, root: root2, ...rest }), wantErr }
  },
}

/** `casesDirectory` holds one folder a kind of proof; a file outside of the four known folders is skipped. */
export async function runTlog(casesDirectory: string): Promise<ConformanceResult> {
  const files = (await readdir(casesDirectory, { recursive: true })).filter((file) => file.endsWith('.json')).sort()
  const failures: ConformanceFailure[] = []
  let passed = 0
  let skipped = 0
  let wrong = 0
  for (const file of files) {
    const judge = judges[file.split(sep)[0] ?? '']
    if (judge === undefined) {
      skipped++
      continue
    }
    try {
      const { accepted, wantErr } = await judge(JSON.parse(await readFile(join(casesDirectory, file), 'utf8')))
      if (accepted === !wantErr) passed++
      else {
        wrong++
        failures.push({ note: file, reason: accepted ? 'accepted, must be refused' : 'refused, must be accepted' })
      }
    } catch (error) {
      failures.push({ note: file, reason: error instanceof Error ? error.message : String(error) })
    }
  }
  return { suite: 'tlog', passed, failed: failures.length, skipped, wrong, failures }
}

/** The refusal of a transcript that was erased: to those who send it again, and to those who want to read it. */
import type { Erasure } from '#core/api/retention.ts'
import { Fault } from '#core/fault.ts'
import { erasureWords } from '#core/report/erasure-words.ts'

export function transcriptErased(erasure: Erasure): Fault {
  return new Fault('transcript-erased', {
    message: `The transcript was ${erasureWords(erasure)}; the signature over its digest still holds.`,
    hint: 'Figures and verdicts stay readable with `GET /v1/sessions/{id}`; check the evidence with `stemma verify ID`.',
  })
}

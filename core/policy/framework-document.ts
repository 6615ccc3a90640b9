/** `kind: Framework`: an organisation's own requirements, each with the policies that speak for it. */
import { z } from 'zod'
import { apiVersion, documentName, words } from './document-head.ts'

const Control = z.strictObject({
  id: z
    .string()
    .max(60)
    .regex(/^[A-Za-z][\w.-]*$/, 'must be letters, digits, `.`, `-` and `_`, a letter first'),
  group: words(120).default('Controls'),
  title: words(200),
  about: z.string().max(1_000).default(''),
  /** Of the catalogue, or custom ones of the same set. Empty = only an attestation can show it. */
  policies: z.array(z.string().min(1).max(100)).max(50).default([]),
  /** What a person may attest to; absent = nothing can replace the policies. */
  attestation: words(500).optional(),
})

export const FrameworkDocument = z.strictObject({
  apiVersion,
  kind: z.literal('Framework'),
  metadata: z.strictObject({
    name: documentName,
    title: words(120),
    version: words(60).default('1'),
    publisher: words(120).optional(),
    url: z
      .url({ protocol: /^https$/ })
      .max(500)
      .optional(),
    about: z.string().max(1_000).default(''),
  }),
  spec: z.strictObject({ controls: z.array(Control).min(1).max(200) }),
})
export type FrameworkDocument = Readonly<z.infer<typeof FrameworkDocument>>

/** Queue messages: ids only, so that a message stays small and redelivery reads the present state. */
import { z } from 'zod'

const organisation = z.string().min(1)

export const Message = z.discriminatedUnion('type', [
  /** Derive rows, rollups and verdicts from the evidence's session. */
  z.object({ type: z.literal('index'), organisation, evidenceId: z.string() }),
  /** Reach the verdicts again, because the contract changed. */
  z.object({ type: z.literal('evaluate'), organisation, evidenceId: z.string() }),
  /** Process a stored webhook delivery. */
  z.object({ type: z.literal('webhook'), deliveryId: z.string() }),
  /** The forge said that what this name led to bears another one: `id` is the forge's own. */
  z.object({
    type: z.literal('repository-moved'),
    organisation,
    installation: z.int(),
    repository: z.string(),
    id: z.int().positive(),
  }),
])
export type Message = Readonly<z.infer<typeof Message>>

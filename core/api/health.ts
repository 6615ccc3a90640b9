/** `GET /healthz`: 200 when all parts answer, 503 otherwise. */
import { z } from 'zod'

const part = z.enum(['ok', 'unreachable'])

export const Health = z.object({ status: part, database: part, bucket: part, log: part })
export type Health = Readonly<z.infer<typeof Health>>

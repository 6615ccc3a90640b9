/** Query parameters that several routes take. */
import { z } from '@hono/zod-openapi'

export const pageQuery = {
  cursor: z.string().max(1_000).optional().openapi({ description: '`next` of the page before.' }),
  limit: z.coerce.number().int().min(1).max(100).default(50),
}

export const day = z.iso.date().openapi({ description: 'A UTC day, YYYY-MM-DD.' })

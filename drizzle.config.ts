import { defineConfig } from 'drizzle-kit'

// `npm run migrations` writes the SQL that turns the last migration's tables into those of worker/store/schema.ts.
export default defineConfig({ dialect: 'sqlite', schema: './worker/store/schema.ts', out: './migrations' })

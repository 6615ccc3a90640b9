/** `npm run build`: the command line program and the dashboard, into dist/. */
import { join } from 'node:path'
import { buildCli } from '#cli/build.ts'
import { buildDashboard } from '#dashboard/build.ts'

export async function buildAll(): Promise<void> {
  const distribution = join(import.meta.dirname, '..', '..', 'dist')
  await Promise.all([buildCli(join(distribution, 'cli')), buildDashboard(join(distribution, 'dashboard'))])
}

if (import.meta.main) await buildAll()

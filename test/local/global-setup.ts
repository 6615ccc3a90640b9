/** What the tests drive is built from what stands in the tree, once, before the first of them. */
import { buildAll } from './build.ts'

export async function setup(): Promise<void> {
  await buildAll()
}

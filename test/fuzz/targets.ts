/** Every target of `npm run fuzz`. */
import { rego } from './rego.ts'
import type { Target } from './target.ts'

export const targets: Readonly<Record<string, Target>> = { rego }

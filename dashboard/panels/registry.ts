/** Every panel of the overview, in order. To add one: a file beside this one, and a line here. */
import { agents } from './agents.ts'
import { lines } from './lines.ts'
import { models } from './models.ts'
import type { Panel } from './panel.ts'
import { policies } from './policies.ts'
import { topUsers } from './top-users.ts'

export const panels: readonly Panel[] = [lines, models, topUsers, policies, agents]

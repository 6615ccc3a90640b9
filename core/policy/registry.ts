/** Every policy. Evaluation, forms, docs pages and tests follow from this list. */
import type { Policy } from './policy.ts'
import { approvedAgents } from './rules/approved-agents.ts'
import { approvedModels } from './rules/approved-models.ts'
import { noDangerousCommands } from './rules/no-dangerous-commands.ts'
import { noHookBypass } from './rules/no-hook-bypass.ts'
import { testsAfterLastEdit } from './rules/tests-after-last-edit.ts'

const catalogue = [approvedAgents, approvedModels, noHookBypass, noDangerousCommands, testsAfterLastEdit] as const

export type PolicyId = (typeof catalogue)[number]['id']

export const policies: readonly Policy<PolicyId>[] = catalogue

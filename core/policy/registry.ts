/** Every policy. Evaluation, forms, docs pages and tests follow from this list. */
import type { Policy } from './policy.ts'
import { agentVersion } from './rules/agent-version.ts'
import { approvedAgents } from './rules/approved-agents.ts'
import { approvedMcpServers } from './rules/approved-mcp-servers.ts'
import { approvedModels } from './rules/approved-models.ts'
import { approvedSkills } from './rules/approved-skills.ts'
import { configDrift } from './rules/config-drift.ts'
import { costBudget } from './rules/cost-budget.ts'
import { evidenceComplete } from './rules/evidence-complete.ts'
import { humanReview } from './rules/human-review.ts'
import { instructionsPresent } from './rules/instructions-present.ts'
import { lethalTrifecta } from './rules/lethal-trifecta.ts'
import { maxAiShare } from './rules/max-ai-share.ts'
import { networkEgress } from './rules/network-egress.ts'
import { noDangerousCommands } from './rules/no-dangerous-commands.ts'
import { noForcePush } from './rules/no-force-push.ts'
import { noHookBypass } from './rules/no-hook-bypass.ts'
import { noPackageInstallOutsideAllowlist } from './rules/no-package-install-outside-allowlist.ts'
import { noSecretAccess } from './rules/no-secret-access.ts'
import { noSecretsInTranscript } from './rules/no-secrets-in-transcript.ts'
import { noTestTampering } from './rules/no-test-tampering.ts'
import { permissionMode } from './rules/permission-mode.ts'
import { planBeforeCode } from './rules/plan-before-code.ts'
import { protectedPaths } from './rules/protected-paths.ts'
import { riskyConfig } from './rules/risky-config.ts'
import { sandboxed } from './rules/sandboxed.ts'
import { scopeLimit } from './rules/scope-limit.ts'
import { sessionDuration } from './rules/session-duration.ts'
import { sessionPresent } from './rules/session-present.ts'
import { signedCommits } from './rules/signed-commits.ts'
import { testsAfterLastEdit } from './rules/tests-after-last-edit.ts'
import { tokenBudget } from './rules/token-budget.ts'

/** By what they are about: agents and models, behaviour, verification and delivery, budgets. */
const catalogue = [
  approvedAgents,
  approvedModels,
  approvedMcpServers,
  approvedSkills,
  agentVersion,
  permissionMode,
  sandboxed,
  configDrift,
  riskyConfig,
  instructionsPresent,
  noDangerousCommands,
  noHookBypass,
  noSecretAccess,
  noSecretsInTranscript,
  lethalTrifecta,
  networkEgress,
  protectedPaths,
  noTestTampering,
  noForcePush,
  noPackageInstallOutsideAllowlist,
  testsAfterLastEdit,
  planBeforeCode,
  signedCommits,
  sessionPresent,
  evidenceComplete,
  maxAiShare,
  humanReview,
  scopeLimit,
  costBudget,
  tokenBudget,
  sessionDuration,
] as const

export type PolicyId = (typeof catalogue)[number]['id']

export const policies: readonly Policy<PolicyId>[] = catalogue

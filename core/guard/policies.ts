/** The policies that judge one call alone (`guards`), apart from the registry: a guard must start without the others. */
import type { Policy } from '../policy/policy.ts'
import { approvedMcpServers } from '../policy/rules/approved-mcp-servers.ts'
import { networkEgress } from '../policy/rules/network-egress.ts'
import { noDangerousCommands } from '../policy/rules/no-dangerous-commands.ts'
import { noForcePush } from '../policy/rules/no-force-push.ts'
import { noHookBypass } from '../policy/rules/no-hook-bypass.ts'
import { noPackageInstallOutsideAllowlist } from '../policy/rules/no-package-install-outside-allowlist.ts'
import { noSecretAccess } from '../policy/rules/no-secret-access.ts'
import { protectedPaths } from '../policy/rules/protected-paths.ts'

export const guardPolicies: readonly Policy[] = [
  noHookBypass,
  noSecretAccess,
  noDangerousCommands,
  protectedPaths,
  approvedMcpServers,
  networkEgress,
  noForcePush,
  noPackageInstallOutsideAllowlist,
]

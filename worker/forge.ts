/** The forge of an installation, opened. */
import { Fault } from '#core/fault.ts'
import { forgeOf } from '#core/installation.ts'
import type { Forge } from '#core/ports.ts'
import type { Env } from './env.ts'
import { openForge } from './github/forge.ts'
import { gitHubSettings } from './github/settings.ts'
import { openGitLab } from './gitlab/forge.ts'
import { gitLabSettings } from './gitlab/settings.ts'

/** Throws unavailable where this deployment is not connected to the installation's forge. */
export function openForgeOf(env: Env, installation: number): Forge {
  if (forgeOf(installation) === 'gitlab') {
    const settings = gitLabSettings(env)
    if (settings !== null) return openGitLab(settings)
    throw new Fault('unavailable', {
      message: 'This deployment is not connected to GitLab.',
      hint: 'Set the access token of its account: `npx wrangler secret put GITLAB_TOKEN`.',
    })
  }
  const settings = gitHubSettings(env)
  if (settings !== null) return openForge(settings, installation)
  throw new Fault('unavailable', {
    message: 'This deployment is not connected to GitHub.',
    hint: 'Set GITHUB_APP_ID and GITHUB_PRIVATE_KEY with `npx wrangler secret put NAME`.',
  })
}

/** `stemma git-hooks`: what the launcher runs at the start of a session in a clone whose Git hooks are not set up. */
import { z } from 'zod'
import { installGitHooks } from '../git-hooks.ts'
import { openWorkspace } from '../workspace.ts'
import { defineCommand } from './command.ts'

export const gitHooks = defineCommand({
  name: 'git-hooks',
  summary: 'install or renew the Git hooks of a repository that has a .stemma.yml',
  hidden: true,
  arguments: [],
  options: [],
  examples: [],
  parameters: z.object({}),
  run: async (_, context) => {
    const { repository, configuration } = await openWorkspace(context)
    if (configuration === null) return 0
    const hooks = await installGitHooks(repository)
    if (context.json) context.terminal.print(JSON.stringify({ hooks }, null, 2))
    return hooks.every(({ state }) => state === 'installed') ? 0 : 1
  },
})

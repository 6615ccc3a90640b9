/** `stemma export`: what is known here, in the formats of other tools. */
import { z } from 'zod'
import { Fault } from '#core/fault.ts'
import { attributionFormats, exportAttribution } from '../interop/export.ts'
import { defineCommand } from './command.ts'

export const exportCommand = defineCommand({
  name: 'export',
  summary: 'write what is known of commits in the formats of other tools',
  arguments: [
    { name: 'range', description: 'commits, such as origin/main..HEAD (default: those on no remote)', required: false },
  ],
  options: [
    { flags: '--agent-trace', description: 'Agent Trace records, one a commit' },
    { flags: '--git-ai', description: 'authorship logs of git-ai, one a commit' },
    { flags: '--out <folder>', description: 'one file a commit instead of standard output' },
  ],
  examples: [
    { command: 'stemma export --agent-trace origin/main..HEAD', effect: 'one JSON line for each commit' },
    {
      command: 'stemma export --git-ai HEAD | git notes --ref=ai add -F - HEAD',
      effect: 'attaches the attribution of a commit as a note that git-ai reads',
    },
  ],
  parameters: z.object({
    range: z.string().min(1).optional(),
    agentTrace: z.boolean().default(false),
    gitAi: z.boolean().default(false),
    out: z.string().min(1).optional(),
  }),
  run: async ({ range, agentTrace, gitAi, out }, context) => {
    if (agentTrace === gitAi) throw whichOne()
    const format = agentTrace ? attributionFormats.agentTrace : attributionFormats.gitAi
    await exportAttribution({ format, range, out }, context)
    return 0
  },
})

function whichOne(): Fault {
  return new Fault('request-malformed', {
    message: 'Name one format.',
    hint: 'Such as `stemma export --agent-trace`, or `stemma help export`.',
  })
}

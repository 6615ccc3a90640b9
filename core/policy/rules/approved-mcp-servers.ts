import { z } from 'zod'
import { globMatcher } from '../../session/globs.ts'
import { type McpUse, mcpUses } from '../../session/mcp-use.ts'
import { citeEvents, citeFile, citeSome, deniedNote } from '../evaluation.ts'
import { definePolicy, type Finding } from '../policy.ts'
import { exampleConfiguration, exampleServer, toolEvents } from '../subject.ts'

const words = {
  policy: 'approved-mcp-servers',
  severity: 'high',
  fix: 'Use an approved server, or ask an administrator to approve this one.',
} as const

export const approvedMcpServers = definePolicy({
  id: 'approved-mcp-servers',
  version: 2,
  title: 'Only approved MCP servers are used',
  why: 'An MCP server reads what the agent sends it and puts words into its context, so it is a party to the work.',
  fix: words.fix,
  severity: words.severity,
  evidence: ['transcript', 'configuration'],
  guards: true,
  parameters: z.object({
    allow: z
      .array(z.string().min(1))
      .default([])
      .describe('Globs of server names; none is approved unless it is named.'),
    configured: z
      .boolean()
      .default(true)
      .describe('Servers that are configured count too, where the configuration was collected.'),
  }),
  evaluate({ session, configuration = null }, { allow, configured }) {
    const isAllowed = globMatcher(allow, { nocase: true })
    const uses = mcpUses(session)
    const done = uses.filter(({ use }) => !use.denied)
    const byServer = Map.groupBy(done, ({ server }) => server)
    const used = [...byServer].flatMap(([server, list]): Finding[] =>
      server === null || isAllowed(server)
        ? []
        : [
            {
              ...words,
              message: `The MCP server \`${server}\` is not approved; ${calls(list)}.`,
              citations: cite(list),
            },
          ],
    )
    const known = configuration?.mcpServers ?? null
    const servers = configured ? (known ?? []) : []
    const unused = servers.filter(({ name, isOn }) => isOn && !isAllowed(name) && !byServer.has(name))
    const unnamed = byServer.get(null) ?? []
    return {
      findings: [
        ...used,
        ...unused.map(({ name, file, line }) => ({
          ...words,
          message: `The MCP server \`${name}\` is configured and not approved.`,
          citations: [citeFile(file, line, line)],
        })),
      ],
      doubts:
        unnamed.length === 0
          ? []
          : [{ message: 'The transcript does not tell which MCP server a tool belongs to.', citations: cite(unnamed) }],
      skipped: null,
      note: notes(deniedNote(uses.length - done.length), configured && known === null),
    }
  },
  examples: {
    violates: [
      {
        title: 'a server that nobody approved',
        events: toolEvents('m1', { tool: 'mcp__weather__today', category: 'mcp' }),
      },
      {
        title: 'a server that is configured only',
        configuration: exampleConfiguration({ mcpServers: [exampleServer()] }),
      },
    ],
    passes: [
      { title: 'no server at all', commands: ['ls'] },
      {
        title: 'an approved server',
        events: toolEvents('m1', { tool: 'mcp__tracker__search', category: 'mcp' }),
        with: { allow: ['track*'] },
      },
      {
        title: 'a server that is switched off',
        configuration: exampleConfiguration({ mcpServers: [exampleServer({ isOn: false })] }),
      },
      {
        title: 'a call that was denied',
        events: toolEvents('m1', { tool: 'mcp__weather__today', category: 'mcp', outcome: 'denied' }),
      },
    ],
    doubtful: [{ title: 'a tool that names no server', events: toolEvents('m1', { tool: 'today', category: 'mcp' }) }],
  },
})

/** Nothing configured and nothing known of it are not the same. */
function notes(denied: string | null, isUnknown: boolean): string | null {
  const unknown = isUnknown ? 'Which servers are configured was not recorded; the calls were looked at.' : null
  return denied === null ? unknown : unknown === null ? denied : `${denied} ${unknown}`
}

function cite(list: readonly McpUse[]) {
  return citeSome(citeEvents(list.flatMap(({ use }) => use.events)))
}

function calls(list: readonly McpUse[]): string {
  return list.length === 1 ? 'it was called once' : `it was called ${list.length} times`
}

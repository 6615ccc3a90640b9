/** The thirty rules of policy.rego in TypeScript, over the same document. */
import type { RegoInput } from '#core/policy/rego-input.ts'

type Rule = (input: RegoInput) => readonly Denial[]

export interface Denial {
  readonly msg: string
  readonly events: readonly string[]
}

const runs =
  (program: string): Rule =>
  ({ commands }) =>
    commands
      .filter((command) => command.program === program)
      .map(({ events }) => ({ msg: `\`${program}\` was run`, events }))

const uses =
  (flag: string): Rule =>
  ({ commands }) =>
    commands
      .filter((command) => command.arguments.includes(flag))
      .map(({ events }) => ({ msg: `\`${flag}\` was used`, events }))

const changes =
  (folder: string): Rule =>
  ({ session }) =>
    session.events.flatMap((event) =>
      event.kind === 'toolResult' && event.edits.some(({ path }) => path.startsWith(folder))
        ? [{ msg: `\`${folder}\` was changed`, events: [event.id] }]
        : [],
    )

const calls =
  (server: string): Rule =>
  ({ session }) =>
    session.events.flatMap((event) =>
      event.kind === 'toolCall' && event.tool.startsWith(server)
        ? [{ msg: `\`${server}\` was called`, events: [event.id] }]
        : [],
    )

const prints =
  (phrase: string): Rule =>
  ({ session }) =>
    session.events.flatMap((event) =>
      event.kind === 'toolResult' && event.output.includes(phrase)
        ? [{ msg: `\`${phrase}\` was printed`, events: [event.id] }]
        : [],
    )

/** By kind, each with the values that policy.rego has for it. */
export const twins = {
  runs: ['shutdown', 'mkfs', 'shred', 'terraform', 'kubectl', 'dropdb'].map(runs),
  uses: ['--no-verify', '--force', '--mirror', '--yes', '--auto-approve', '--delete'].map(uses),
  changes: ['infra/', 'secrets/', '.github/', 'vendor/', 'migrations/', 'billing/'].map(changes),
  calls: ['mcp__mail', 'mcp__chat', 'mcp__files', 'mcp__web', 'mcp__shop', 'mcp__bank'].map(calls),
  prints: [
    'BEGIN PRIVATE KEY',
    'ignore previous instructions',
    'password is',
    'segmentation fault',
    'out of memory',
    'permission denied',
  ].map(prints),
} as const

export function denials(input: RegoInput): readonly Denial[] {
  return Object.values(twins).flatMap((rules) => rules.flatMap((rule) => rule(input)))
}

/** `stemma doctor`: one line a check, what is wrong and what to type. */
import { z } from 'zod'
import { agents } from '#core/agents/registry.ts'
import { capabilityTitles, supportOf } from '#core/agents/support.ts'
import type { Context } from '../context.ts'
import { folded, plain } from '../io/terminal.ts'
import { runChecks } from '../setup/checks.ts'
import type { Finding } from '../setup/finding.ts'
import { defineCommand } from './command.ts'

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'check the set-up and say what to do about what is wrong',
  arguments: [],
  options: [
    { flags: '--fix', description: 'repair what can be repaired without asking anybody' },
    { flags: '--agents', description: 'show what can be seen of each agent, and why not more' },
  ],
  examples: [
    { command: 'stemma doctor --fix', effect: 'repair hooks and the rights of the key, then check again' },
    { command: 'stemma doctor --agents', effect: 'the support matrix, with a reason for every cell that is not yes' },
  ],
  parameters: z.object({ fix: z.boolean().default(false), agents: z.boolean().default(false) }),
  run: async ({ fix, agents: wantsAgents }, context) => {
    if (wantsAgents) {
      showAgents(context)
      return 0
    }
    const first = await runChecks(context)
    const repairable = first.filter(({ repair }) => repair !== null)
    if (fix) for (const { repair } of repairable) await repair?.()
    const checks = fix && repairable.length > 0 ? await runChecks(context) : first
    const repaired = fix ? repairable.map(({ name }) => name) : []
    if (context.json) {
      const shown = checks.map(({ name, state, detail, fix: remedy }) => ({ name, state, detail, fix: remedy }))
      context.terminal.print(JSON.stringify({ checks: shown, repaired }, null, 2))
    } else show(checks, repaired, context)
    return checks.some(({ state }) => state === 'failed') ? 1 : 0
  },
})

const words: Readonly<Record<Finding['state'], string>> = {
  ok: 'ok',
  warning: 'warning',
  failed: 'failed',
  skipped: 'skipped',
}

function showAgents({ terminal, json }: Context): void {
  const shown = agents.map((agent) => ({ id: agent.id, title: agent.title, supports: supportOf(agent) }))
  if (json) {
    terminal.print(JSON.stringify({ agents: shown }, null, 2))
    return
  }
  for (const { title, supports } of shown) {
    terminal.print(terminal.colours.bold(title))
    for (const { capability, state, reason } of supports) {
      terminal.print(`  ${state.padEnd(7)} ${capabilityTitles[capability]}${reason === null ? '' : `: ${reason}`}`)
    }
  }
}

function show(checks: readonly Finding[], repaired: readonly string[], { terminal }: Context): void {
  for (const name of repaired) terminal.say(`repaired ${name}`)
  const shown = withoutCrowds(checks)
  const width = Math.max(...shown.map(({ name }) => name.length))
  // Glyph, word, name, and the spaces between them.
  const indentation = 12 + width
  const columns = terminal.foldAt === null ? Number.POSITIVE_INFINITY : Math.max(20, terminal.foldAt - indentation)
  for (const { name, state, detail, fix } of shown) {
    const [first = '', ...more] = folded(plain(detail), columns)
    terminal.print(`${terminal.mark(state)} ${words[state].padEnd(7)} ${name.padEnd(width)}  ${first}`)
    for (const line of more) terminal.print(`${' '.repeat(indentation)}${line}`)
    // What is to be typed stays on one line, or it could not be copied.
    if (fix !== null && state !== 'ok') terminal.print(`  ${terminal.colours.bold('fix:')} ${plain(fix)}`)
  }
}

/** Agents that nobody uses here are one line: among many of those, what matters would not be seen. */
function withoutCrowds(checks: readonly Finding[]): readonly Finding[] {
  const kindOf = ({ name, state, detail }: Finding): string | null => {
    const kind = /^(hooks|transcripts) of /.exec(name)?.[0]
    return state === 'skipped' && kind !== undefined ? `${kind}\n${detail}` : null
  }
  const crowds = Map.groupBy(checks, kindOf)
  return checks.flatMap((check) => {
    const kind = kindOf(check)
    const crowd = kind === null ? [] : (crowds.get(kind) ?? [])
    if (kind === null || crowd.length < 2) return [check]
    if (crowd[0] !== check) return []
    const [prefix = ''] = kind.split('\n')
    const names = crowd.map(({ name }) => name.slice(prefix.length)).join(', ')
    return [{ ...check, name: `${prefix}${crowd.length} agents`, detail: `${check.detail}: ${names}` }]
  })
}

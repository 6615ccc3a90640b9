/** `stemma policy`: the catalogue, what a policy wants and why, fixtures that it must judge as they say, replay, history. */
import { resolve } from 'node:path'
import { z } from 'zod'
import { type ExitCode, Fault } from '#core/fault.ts'
import { controlsOf } from '#core/framework/controls-of.ts'
import { frameworksInForce } from '#core/framework/frameworks-in-force.ts'
import type { Document } from '#core/policy/document.ts'
import { nearest } from '#core/policy/nearest.ts'
import { policiesInForce } from '#core/policy/policies-in-force.ts'
import type { Example, Policy } from '#core/policy/policy.ts'
import type { Context } from '../context.ts'
import { explainFinding } from '../contract/explain-finding.ts'
import { readFixtures, runFixture } from '../contract/fixtures.ts'
import { replayPolicy } from '../contract/replay.ts'
import { readOrSay, readSources } from '../contract/sources.ts'
import { showHistory } from '../contract/verdict-history.ts'
import { readText } from '../io/files.ts'
import { printTable } from '../io/table.ts'
import { plain } from '../io/terminal.ts'
import { defineCommand } from './command.ts'

const actions = ['list', 'explain', 'test', 'replay', 'history'] as const

export const policy = defineCommand({
  name: 'policy',
  summary: 'list, explain, test and replay policies, and show what they once said',
  arguments: [
    { name: 'action', description: actions.join(', '), required: true, words: actions },
    {
      name: 'target',
      description:
        'explain: the policy, or SESSION/POLICY for what it found; replay: the policy; test: the fixtures; history: SESSION or SESSION/POLICY',
      required: false,
    },
  ],
  options: [
    { flags: '-f, --file <path>', description: 'documents with policies of your own: a file, or a folder' },
    { flags: '--days <number>', description: 'replay: how far back (default 30)' },
    { flags: '--with <json>', description: 'replay: parameters, such as {"allow":["claude-*"]}' },
    { flags: '--repository <name>', description: 'replay: owner/name (default: every repository)' },
  ],
  examples: [
    { command: 'stemma policy list', effect: 'every policy that a contract may name' },
    { command: 'stemma policy explain no-hook-bypass', effect: 'why it is wanted, what to do, parameters, examples' },
    {
      command: 'stemma policy explain claude-code:9c1e/no-hook-bypass',
      effect: 'what it found in that session: the events, the contract that asks for it, how to have it waived',
    },
    {
      command: 'stemma policy test fixtures.yaml',
      effect: '[{title, policy, with, commands: [git commit -n], expect: fail}]; exit 1 where one is judged otherwise',
    },
    {
      command: 'stemma policy replay no-hook-bypass --days 30',
      effect: 'what it would have said of stored sessions; stores nothing',
    },
    {
      command: 'stemma policy history claude-code:9c1e/no-hook-bypass',
      effect: 'every verdict on that session, with the versions of rule and contract that reached it',
    },
  ],
  parameters: z.object({
    action: z.enum(actions, { error: `must be one of ${actions.join(', ')}` }),
    target: z.string().optional(),
    days: z.coerce.number().int().min(1).max(366).default(30),
    with: z.string().max(4_000).optional(),
    repository: z.string().max(300).optional(),
    file: z.string().min(1).optional(),
  }),
  run: async ({ action, target, days, with: parameters, repository, file }, context) => {
    const sources = file === undefined ? null : await readSources(file, context)
    const documents = sources === null ? null : readOrSay(sources, context)
    if (sources !== null && documents === null) return 2
    const known = policiesInForce(documents)
    if (action === 'list') return list(known, context)
    if (target === undefined) throw withoutTarget(action)
    if (action === 'replay') {
      if (documents !== null && !known.some(({ id }) => id === target)) throw unknownPolicy(target, known)
      await replayPolicy({ policy: target, days, with: parameters, repository, sources }, context)
      return 0
    }
    if (action === 'test') return test(target, documents, context)
    const at = target.lastIndexOf('/')
    if (action === 'history') {
      if (at < 0) return showHistory({ session: target, policy: null }, context)
      return showHistory({ session: target.slice(0, at), policy: target.slice(at + 1) }, context)
    }
    if (at < 0) return explain(target, { known, documents }, context)
    return explainFinding({ session: target.slice(0, at), policy: target.slice(at + 1), documents }, context)
  },
})

function list(known: readonly Policy[], { terminal, json }: Context): ExitCode {
  const rows = known.map(({ id, version, severity, title }) => ({ id, version, severity, title }))
  if (json) terminal.print(JSON.stringify({ policies: rows }, null, 2))
  else {
    printTable(
      rows,
      [
        { title: 'Policy', value: ({ id }) => id },
        { title: 'Severity', value: ({ severity }) => severity, importance: 1 },
        { title: 'What it says', value: ({ title }) => title, importance: 2 },
      ],
      terminal,
    )
  }
  return 0
}

function explain(
  id: string,
  { known, documents }: { readonly known: readonly Policy[]; readonly documents: readonly Document[] | null },
  { terminal, json }: Context,
): ExitCode {
  const found = known.find((one) => one.id === id)
  if (found === undefined) throw unknownPolicy(id, known)
  const controls = controlsOf(id, frameworksInForce(documents))
  const parameters = z.toJSONSchema(found.parameters, { unrepresentable: 'any', io: 'input' })
  if (json) {
    const { version, title, why, fix, severity, evidence, examples } = found
    const shown = { id, version, title, why, fix, severity, evidence, controls, parameters, examples }
    terminal.print(JSON.stringify(shown, null, 2))
    return 0
  }
  const { bold, dim } = terminal.colours
  terminal.print(`${bold(found.id)} ${dim(`version ${found.version}, severity ${found.severity}`)}`)
  terminal.print(found.title)
  terminal.print(`\n${bold('Why')}         ${found.why}`)
  terminal.print(`${bold('What to do')}  ${found.fix}`)
  terminal.print(`${bold('Decides by')}  ${found.evidence.join(', ')}`)
  if (controls.length > 0) terminal.print(`${bold('Speaks for')}  ${plain(controls.join(', '))}`)
  terminal.print(`\n${bold('Parameters')}`)
  const described = parameterLines(parameters)
  for (const line of described.length === 0 ? ['  none'] : described) terminal.print(line)
  for (const [title, examples] of examplesOf(found)) {
    terminal.print(`\n${bold(title)}`)
    for (const example of examples) terminal.print(`  ${example.title}${commandsOf(example)}`)
  }
  return 0
}

function parameterLines({ properties }: z.core.JSONSchema.BaseSchema): readonly string[] {
  return Object.entries(properties ?? {}).flatMap(([name, schema]) => {
    if (typeof schema === 'boolean') return [`  ${name}`]
    const usual = schema.default === undefined ? '' : `, default ${JSON.stringify(schema.default)}`
    return [`  ${name} (${schema.type ?? 'any'}${usual})`, ...(schema.description ? [`    ${schema.description}`] : [])]
  })
}

function examplesOf({ examples }: Policy): readonly (readonly [string, readonly Example[]])[] {
  const all = [
    ['Violates', examples.violates],
    ['Passes', examples.passes],
    ['Cannot tell', examples.doubtful ?? []],
  ] as const
  return all.filter(([, list]) => list.length > 0)
}

function commandsOf({ commands = [] }: Example): string {
  const texts = commands.map((one) => plain(typeof one === 'string' ? one : `${one.command} (exit ${one.exit})`))
  return texts.length === 0 ? '' : `: ${texts.join(' ; ')}`
}

async function test(
  file: string,
  documents: readonly Document[] | null,
  { terminal, json, workingDirectory }: Context,
): Promise<ExitCode> {
  const text = await readText(resolve(workingDirectory, file))
  if (text === null) {
    throw new Fault('request-malformed', {
      message: `There is no file ${file}.`,
      hint: 'Name a file of fixtures: `stemma policy test FILE`.',
    })
  }
  const outcomes = readFixtures(file, text, documents).map((fixture) => runFixture(fixture, documents))
  const failed = outcomes.filter(({ isExpected }) => !isExpected).length
  if (json) {
    const shown = outcomes.map(({ fixture: { title, policy: id, expect }, verdict, isExpected }) => {
      return { title, policy: id, expected: expect, isExpected, verdict }
    })
    terminal.print(JSON.stringify({ passed: outcomes.length - failed, failed, fixtures: shown }, null, 2))
  } else {
    for (const { fixture, verdict, isExpected } of outcomes) {
      terminal.print(`${terminal.mark(isExpected ? 'ok' : 'failed')} ${plain(fixture.policy)}: ${plain(fixture.title)}`)
      if (isExpected) continue
      const why = verdict.findings[0]?.message ?? verdict.reason ?? 'nothing was found'
      terminal.print(`    expected ${fixture.expect}, and it is ${verdict.result}: ${plain(why)}`)
    }
    terminal.say(`${outcomes.length - failed} as expected, ${failed} otherwise`)
  }
  return failed > 0 ? 1 : 0
}

function unknownPolicy(id: string, known: readonly Policy[]): Fault {
  const meant = nearest(
    id,
    known.map((one) => one.id),
  )
  return new Fault('not-found', {
    message: `There is no policy ${JSON.stringify(id.slice(0, 60))}.`,
    hint: meant === null ? 'List them: `stemma policy list`.' : `Did you mean \`stemma policy explain ${meant}\`?`,
  })
}

const targets = {
  explain: ['a policy', 'POLICY'],
  test: ['a file of fixtures', 'FILE'],
  replay: ['a policy', 'POLICY'],
  history: ['a session', 'SESSION'],
} as const

function withoutTarget(action: Exclude<(typeof actions)[number], 'list'>): Fault {
  const [what, word] = targets[action]
  return new Fault('request-malformed', {
    message: `Name ${what}.`,
    hint: `Type \`stemma policy ${action} ${word}\`.`,
  })
}

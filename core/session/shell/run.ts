/** Runs one simple command in thought: takes off shells and wrappers, and notes what changes the shell itself. */
import type { Assignment, Command, Redirect, Redirection, Word } from 'unbash'
import { changesShell } from './builtin.ts'
import { foundCalls, gitTexts, textArgument, xargsCall } from './handed-on.ts'
import { runScript, runShell, runSourced } from './nested-shell.ts'
import { type Analysis, type Call, childScope, emit, emitComputed, type ScriptContext } from './reading.ts'
import {
  assignmentValue,
  computedWord,
  copyScope,
  expandWord,
  knownWord,
  type Scope,
  type ShellWord,
  staticInput,
  wordValue,
} from './word.ts'
import { shells, wrappedAt, wrappers } from './wrapper.ts'

/** `sudo env sudo env …`: each wrapper is taken off in a call of its own. */
const MAX_WRAPPERS = 32

export function runCommand(node: Command, analysis: Analysis, context: ScriptContext, scope: Scope): void {
  const substituted = analysis.reader.inside([node], analysis, context, scope)
  const assigned = node.prefix.filter((item) => item.type === 'Assignment')
  if (!node.name) {
    for (const assignment of assigned) assign(assignment, scope)
    return
  }
  const environment = new Map<string, string | null>()
  for (const name of scope.exported) environment.set(name, scope.variables.get(name) ?? null)
  for (const assignment of assigned) environment.set(assignment.name, assignmentValue(assignment, scope))
  const redirects = [...node.prefix, ...node.suffix].filter(
    (item) => item.type !== 'Assignment' && item.type !== 'Word',
  )
  const input = staticInput(node, scope)
  const readsFile = redirects.some(({ type, operator }) => type === 'Redirect' && operator === '<')
  const isFed = readsFile || redirects.some(({ type }) => type === 'HereDoc' || type === 'HereString')
  run({
    words: [...programWords(node.name, scope), ...node.suffix.flatMap((item) => argumentWords(item, scope))],
    environment,
    text: context.source.slice(node.pos, node.end),
    via: context.via,
    input: isFed ? input : context.input,
    isFed,
    writes: redirects.flatMap((item) => (isWrite(item) && item.target ? [wordValue(item.target, scope)] : [])),
    substituted,
    context,
    scope,
    analysis,
  })
}

/** `2>&1` and `>&-` point at descriptors, `>& file` at a file. */
function isWrite(item: Redirection): item is Redirect {
  if (item.type !== 'Redirect') return false
  if (item.operator === '>&') return !/^(?:\d+-?|-)$/.test(item.target?.value ?? '-')
  return ['>', '>>', '>|', '&>', '&>>', '<>'].includes(item.operator)
}

function programWords(name: Word, scope: Scope): readonly ShellWord[] {
  // Backslashes of a Windows path are no quotes to the person who wrote it.
  if (!name.parts && /^[A-Za-z]:\\.*\.exe$/i.test(name.text)) return [knownWord(name.text)]
  return expandWord(name, scope)
}

function argumentWords(item: Command['suffix'][number], scope: Scope): readonly ShellWord[] {
  if (item.type === 'Word') return expandWord(item, scope)
  if (item.type !== 'Assignment') return []
  const value = assignmentValue(item, scope)
  const name = item.text.slice(0, item.text.indexOf('=') + 1)
  return [value === null ? computedWord(item.text, name) : { ...knownWord(name + value), text: item.text }]
}

function assign(assignment: Assignment, scope: Scope): void {
  scope.variables.set(assignment.name, assignmentValue(assignment, scope))
}

function programName(value: string): string {
  return (value.split(/[\\/]/).at(-1) ?? value).replace(/\.(exe|cmd|bat)$/i, '')
}

function run(call: Call, depth = 0): void {
  const [first, ...rest] = call.words
  if (!first) return
  if (first.value === null || depth > MAX_WRAPPERS) {
    emit(call, first.value === null ? null : programName(first.value))
    return
  }
  const name = programName(first.value)
  const { analysis, context, scope } = call
  const isPlain = !first.value.includes('/') && call.via.length === context.via.length

  const alias = isPlain ? analysis.aliases.get(name) : undefined
  if (alias !== undefined && !context.calls.includes(`alias ${name}`)) {
    runAlias(call, name, alias)
    return
  }
  const definition = isPlain ? analysis.functions.get(name) : undefined
  if (definition) {
    if (context.calls.includes(name)) return
    const inner = {
      ...context,
      source: definition.source,
      via: [...call.via, `function ${name}`],
      calls: [...context.calls, name],
      input: call.input,
    }
    const body = copyScope(scope, rest)
    analysis.reader.body(definition.body, analysis, inner, body)
    // A function runs in the same shell: what it sets stays set.
    for (const [variable, value] of body.variables) scope.variables.set(variable, value)
    for (const variable of body.exported) scope.exported.add(variable)
    scope.folder = body.folder
    return
  }
  if (isPlain && changesShell(name, rest, scope, analysis)) {
    emit(call, name)
    return
  }
  if (name === 'eval') {
    runScript(call, 'eval', rest)
    return
  }
  if (name === 'trap' && rest[0]?.value) {
    runScript(call, 'trap', rest.slice(0, 1))
    return
  }
  if (name === '.' || name === 'source') {
    runSourced(call, name)
    return
  }
  if (shells.has(name)) {
    runShell(call, name, rest)
    return
  }
  runThrough(call, name, rest, depth)
}

function runAlias(call: Call, name: string, alias: string): void {
  const { analysis, context, scope, words } = call
  const calls = [...context.calls, `alias ${name}`]
  const text = [alias, ...words.slice(1).map((word) => word.text)].join(' ')
  analysis.reader.text(
    text,
    analysis,
    { ...context, via: [...call.via, `alias ${name}`], calls, input: call.input },
    scope,
  )
}

/** Everything else: programs that run another one, or themselves. */
function runThrough(call: Call, name: string, words: readonly ShellWord[], depth: number): void {
  const values = words.map(({ value }) => value)
  const { reader } = call.analysis
  const within = { ...call.context, via: [...call.via, name], input: call.input }
  if (name === 'xargs' || name === 'parallel') {
    const inner = xargsCall(call, name, words)
    if (inner) run(inner, depth + 1)
    else emit(call, name)
    return
  }
  if (name === 'find' || name === 'fd') for (const inner of foundCalls(call, name, words)) run(inner, depth + 1)
  if (name === 'git') {
    for (const text of gitTexts(values)) reader.text(text, call.analysis, { ...within, input: null }, childScope(call))
  }
  const text = textArgument(name, words)
  if (text) {
    // Where it connects to is in its own words, not in those that it hands on.
    if (name === 'ssh') emit(call, name)
    if (text.value === null) emitComputed(call, name, call.substituted)
    else reader.text(text.value, call.analysis, within, childScope(call))
    return
  }
  const wrapper = wrappers.get(name)
  // `command -v git` only looks the name up.
  const looksUp = name === 'command' && values.some((value) => value === '-v' || value === '-V')
  const wrapped = wrapper && !looksUp ? wrappedAt(wrapper, values) : null
  if (!wrapped) {
    emit(call, name)
    return
  }
  const environment = new Map(call.environment)
  for (const at of wrapped.assignments) {
    const word = values[at] ?? ''
    environment.set(word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1))
  }
  run({ ...call, words: words.slice(wrapped.start), environment, via: [...call.via, name] }, depth + 1)
}

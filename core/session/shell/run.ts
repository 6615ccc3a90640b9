/** Runs one simple command in thought: takes off shells and wrappers, and notes what changes the shell itself. */
import type { Assignment, Command, Redirect, Redirection, Word } from 'unbash'
import { joinPath } from './path.ts'
import { type Analysis, type ScriptContext, walkBody, walkInside, walkText } from './walk.ts'
import {
  assignmentValue,
  computedWord,
  copyScope,
  expandWord,
  knownWord,
  newScope,
  type Scope,
  type ShellWord,
  staticInput,
  wordValue,
} from './word.ts'
import { shells, takesNextWord, wrappedAt, wrappers } from './wrapper.ts'

/** One command on its way through wrappers. */
interface Call {
  readonly words: readonly ShellWord[]
  readonly environment: ReadonlyMap<string, string | null>
  readonly text: string
  readonly via: readonly string[]
  readonly input: string | null
  /** Whether its input comes from a here-document, a here-string or a file, and not from the pipeline. */
  readonly isFed: boolean
  readonly writes: readonly (string | null)[]
  /** Programs inside the substitutions of its words. */
  readonly substituted: readonly (string | null)[]
  readonly context: ScriptContext
  readonly scope: Scope
  readonly analysis: Analysis
}

/** `sudo env sudo env …`: each wrapper is taken off in a call of its own. */
const MAX_WRAPPERS = 32

export function runCommand(node: Command, analysis: Analysis, context: ScriptContext, scope: Scope): void {
  const substituted = walkInside([node], analysis, context, scope)
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
    walkBody(definition.body, analysis, inner, body)
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
  walkText(text, analysis, { ...context, via: [...call.via, `alias ${name}`], calls, input: call.input }, scope)
}

/** Builtins that change what later commands mean. All of them are listed as commands too. */
function changesShell(name: string, words: readonly ShellWord[], scope: Scope, analysis: Analysis): boolean {
  switch (name) {
    case 'cd':
    case 'pushd': {
      const target = words.find(({ value }) => value === null || !/^-[A-Za-z@]/.test(value))
      const path = target ? target.value : '~'
      scope.folder =
        path === null || path === '-' || scope.folder === null ? rooted(path) : joinPath(scope.folder, path)
      scope.variables.set('PWD', scope.folder)
      return true
    }
    case 'popd':
      scope.folder = null
      return true
    case 'export':
    case 'declare':
    case 'typeset':
    case 'local':
    case 'readonly':
      declare(name, words, scope)
      return true
    case 'unset':
      for (const { value } of words) if (value !== null) forget(value, scope)
      return true
    case 'read':
    case 'mapfile':
    case 'readarray':
      for (const { value } of words) if (value !== null && !value.startsWith('-')) scope.variables.set(value, null)
      return true
    case 'set': {
      const options = words.map(({ value }) => value ?? '')
      if (options.some((option) => /^-[a-z]*e/.test(option))) scope.stopsOnError = true
      if (options.includes('pipefail')) scope.pipefail = !options.includes('+o')
      return true
    }
    case 'alias':
      for (const { value } of words) {
        const at = value?.indexOf('=') ?? -1
        if (value !== null && at > 0) analysis.aliases.set(value.slice(0, at), value.slice(at + 1))
      }
      return true
    default:
      return false
  }
}

function rooted(path: string | null): string | null {
  return path !== null && (path.startsWith('/') || path === '~' || path.startsWith('~/')) ? joinPath('.', path) : null
}

function declare(builtin: string, words: readonly ShellWord[], scope: Scope): void {
  const values = words.map(({ value, prefix }) => value ?? prefix)
  const exports = builtin === 'export' ? !values.includes('-n') : values.some((value) => /^-[a-z]*x/.test(value))
  for (const { value, prefix } of words) {
    const text = value ?? prefix
    const at = text.indexOf('=')
    const name = at === -1 ? text : text.slice(0, at)
    if (!/^[A-Za-z_]\w*$/.test(name)) continue
    if (at !== -1) scope.variables.set(name, value === null ? null : value.slice(at + 1))
    if (exports) scope.exported.add(name)
  }
}

function forget(name: string, scope: Scope): void {
  scope.variables.delete(name)
  scope.exported.delete(name)
}

/** A script in the same shell, of words that are joined by spaces. */
function runScript(call: Call, name: string, words: readonly ShellWord[]): void {
  const values = words.map(({ value }) => value)
  if (values.includes(null)) {
    emitComputed(call, name, call.substituted)
    return
  }
  const inner = { ...call.context, via: [...call.via, name], input: call.input }
  walkText(values.join(' '), call.analysis, inner, call.scope)
}

/** `source file` runs a file, which is not visible here, as any script file is not. `source <(…)` runs an output. */
function runSourced(call: Call, name: string): void {
  const file = call.words[1]
  if (file?.text.startsWith('<(')) {
    emitComputed(call, name, call.substituted)
    return
  }
  emit(call, name)
}

function runShell(call: Call, name: string, words: readonly ShellWord[]): void {
  const { analysis } = call
  const inner = childScope(call)
  let readsText = false
  let index = 0
  for (; index < words.length; index += 1) {
    const option = words[index]?.value
    if (option === undefined || option === null || !isShellOption(name, option)) break
    if (option === '--') {
      index += 1
      break
    }
    if (isTextOption(name, option)) readsText = true
    if (/^-[a-z]*e[a-z]*$/.test(option)) inner.stopsOnError = true
    if (takesNextWord({ short: 'oO', long: ['--rcfile', '--init-file'] }, option)) {
      index += 1
      if (words[index]?.value === 'pipefail') inner.pipefail = true
    }
  }
  const operand = words[index]
  if (readsText && operand) {
    if (operand.value === null) {
      emitComputed(call, name, call.substituted)
      return
    }
    const script = isForeign(name)
      ? words
          .slice(index)
          .map(({ value, text }) => value ?? text)
          .join(' ')
      : operand.value
    const context = { ...call.context, via: [...call.via, `${name} -c`], input: call.input }
    walkText(script, analysis, context, { ...inner, positional: words.slice(index + 2) })
    return
  }
  if (operand?.text.startsWith('<(')) {
    emitComputed(call, name, call.substituted)
    return
  }
  if (operand && operand.value !== '-' && operand.value !== '/dev/stdin') {
    emit(call, name)
    return
  }
  runInput(call, name, inner)
}

/** What stands on the input of a shell. A file there is like a script file: run, but not visible here. */
function runInput(call: Call, name: string, scope: Scope): void {
  if (call.input !== null) {
    const context = { ...call.context, via: [...call.via, `${name} <input>`], input: null }
    walkText(call.input, call.analysis, context, scope)
    return
  }
  const { pipedFrom } = call.context
  if (!call.isFed && pipedFrom.length > 0) {
    emitComputed(call, name, pipedFrom)
    return
  }
  emit(call, name)
}

function isForeign(name: string): boolean {
  return name === 'cmd' || name === 'powershell' || name === 'pwsh'
}

function isShellOption(name: string, word: string): boolean {
  return (word.startsWith('-') && word !== '-') || /^\+[oO]$/.test(word) || (name === 'cmd' && word.startsWith('/'))
}

function isTextOption(name: string, option: string): boolean {
  if (name === 'cmd') return /^\/[ck]$/i.test(option)
  if (isForeign(name)) return /^-c(ommand)?$/i.test(option)
  return /^-[A-Za-z]*c[A-Za-z]*$/.test(option)
}

/** What a child process sees: exported variables only. */
function childScope({ scope, environment }: Call): Scope {
  const fresh = newScope(scope.budget)
  const variables = new Map([...fresh.variables, ...environment])
  return { ...fresh, variables, exported: new Set(variables.keys()), folder: scope.folder }
}

/** Everything else: programs that run another one, or themselves. */
function runThrough(call: Call, name: string, words: readonly ShellWord[], depth: number): void {
  const values = words.map(({ value }) => value)
  if (name === 'xargs' || name === 'parallel') {
    runXargs(call, name, words, depth)
    return
  }
  if (name === 'find' || name === 'fd') runFound(call, name, words, depth)
  if (name === 'git') runInsideGit(call, values)
  const text = textArgument(name, words)
  if (text) {
    if (text.value === null) {
      emitComputed(call, name, call.substituted)
      return
    }
    walkText(
      text.value,
      call.analysis,
      { ...call.context, via: [...call.via, name], input: call.input },
      childScope(call),
    )
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

/** Programs with an argument that is shell text: `su -c`, `env -S`, `ssh host …`, `watch …`. */
function textArgument(name: string, words: readonly ShellWord[]): ShellWord | null {
  const after = (option: string) => {
    const at = words.findIndex(({ value }) => value === option)
    return at === -1 ? null : (words[at + 1] ?? null)
  }
  const join = (list: readonly ShellWord[]) => {
    const value = list.some((word) => word.value === null) ? null : list.map((word) => word.value).join(' ')
    return list.length === 0
      ? null
      : value === null
        ? computedWord(list.map(({ text }) => text).join(' '))
        : knownWord(value)
  }
  switch (name) {
    case 'su':
    case 'script':
    case 'flock':
    case 'runuser':
      return after('-c') ?? after('--command')
    case 'env':
      return after('-S') ?? after('--split-string')
    case 'ssh': {
      const host = operandAt({ short: 'bcDEeFIiJLlmOopQRSWw', long: [] }, words)
      return host === -1 ? null : join(words.slice(host + 1))
    }
    case 'watch': {
      const start = operandAt({ short: 'nd', long: ['--interval'] }, words)
      return start === -1 ? null : join(words.slice(start))
    }
    default:
      return null
  }
}

function operandAt(
  options: { readonly short: string; readonly long: readonly string[] },
  words: readonly ShellWord[],
): number {
  for (let index = 0; index < words.length; index += 1) {
    const value = words[index]?.value
    if (value === null || value === undefined || !value.startsWith('-')) return index
    if (takesNextWord(options, value)) index += 1
  }
  return -1
}

function runXargs(call: Call, name: string, words: readonly ShellWord[], depth: number): void {
  const options = {
    short: 'InPLdEsaJRS',
    long: ['--replace', '--max-args', '--max-procs', '--delimiter', '--arg-file', '--max-lines'],
  }
  const start = operandAt(options, words)
  if (start === -1) {
    emit(call, name)
    return
  }
  const marker = replacedMarker(words.slice(0, start).map(({ value }) => value ?? ''))
  const added = computedWord('…', producedPrefix(call), true)
  const inner = words.slice(start)
  const filled = marker
    ? inner.map((word) => (word.value?.includes(marker) ? fill(word, marker, added) : word))
    : [...inner, added]
  run({ ...call, words: filled, via: [...call.via, name], input: null }, depth + 1)
}

/** The text that `xargs` replaces by its input: `-I{}`, `-I {}`, `-J %`, `-i`, `--replace=R`; null = it appends. */
function replacedMarker(options: readonly string[]): string | null {
  for (const [index, option] of options.entries()) {
    const marker = /^(?:-[IJ]|-i|--replace=?)(.*)$/s.exec(option)?.[1]
    if (marker === undefined) continue
    if (marker !== '') return marker
    return option === '-I' || option === '-J' ? (options[index + 1] ?? null) : '{}'
  }
  return null
}

function fill(word: ShellWord, marker: string, added: ShellWord): ShellWord {
  const value = word.value ?? ''
  const at = value.indexOf(marker)
  return {
    ...computedWord(word.text, value.slice(0, at) + (at === 0 ? added.prefix : '')),
    suffix: value.slice(at + marker.length),
  }
}

/** Programs that list paths below the working folder write relative ones, so what they print is no option and no root. */
function producedPrefix({ analysis, context }: Call): string {
  const lister = context.pipedFrom.find((program) => program !== null && listers.has(program))
  if (!lister) return ''
  const command = analysis.commands.findLast(({ program }) => program === lister)
  const roots = command?.arguments.filter(
    (word) => word === null || word.startsWith('/') || word.startsWith('~') || word.startsWith('..'),
  )
  return roots?.length === 0 ? './' : ''
}
const listers = new Set(['find', 'fd', 'ls', 'rg', 'grep', 'git'])

/** `find … -exec command {} ;` runs the command for each path found; find itself is listed too. */
function runFound(call: Call, name: string, words: readonly ShellWord[], depth: number): void {
  const root = words[0]?.value ?? ''
  for (let index = 0; index < words.length; index += 1) {
    const option = words[index]?.value
    if (!option || !['-exec', '-execdir', '-ok', '-okdir', '-x', '-X'].includes(option)) continue
    const end = words.findIndex(({ value }, at) => at > index && (value === ';' || value === '+'))
    const inner = words.slice(index + 1, end === -1 ? words.length : end)
    const prefix = root.startsWith('-') ? './' : `${root}/`
    const filled = inner.map((word) =>
      word.value?.includes('{}') ? fill(word, '{}', computedWord('{}', prefix)) : word,
    )
    run({ ...call, words: filled, via: [...call.via, `${name} ${option}`], input: null, writes: [] }, depth + 1)
    if (end === -1) return
    index = end
  }
}

/** Git sub-commands that run shell text. */
function runInsideGit(call: Call, values: readonly (string | null)[]): void {
  const texts: (string | null | undefined)[] = []
  if (values.includes('rebase')) {
    values.forEach((value, at) => {
      if (value === '-x' || value === '--exec') texts.push(values[at + 1])
      else if (value?.startsWith('--exec=')) texts.push(value.slice('--exec='.length))
    })
  }
  const at = values.indexOf('foreach')
  if (values.includes('submodule') && at !== -1) {
    texts.push(
      values
        .slice(at + 1)
        .filter((value) => value !== '--recursive')
        .join(' '),
    )
  }
  for (const text of texts) {
    if (text)
      walkText(text, call.analysis, { ...call.context, via: [...call.via, 'git'], input: null }, childScope(call))
  }
}

/** A shell whose text is not known: listed as a command, and as a doubt. */
function emitComputed(call: Call, name: string, from: readonly (string | null)[]): void {
  call.analysis.doubts.push({
    kind: 'computed-script',
    message: `\`${name}\` runs text that is computed at run time.`,
    text: call.text,
  })
  emit(call, name, from)
}

function emit(call: Call, program: string | null, runsOutputOf: readonly (string | null)[] | null = null): void {
  const words = call.words.slice(1)
  call.analysis.commands.push({
    program,
    arguments: words.map(({ value }) => value),
    words,
    environment: call.environment,
    text: call.text,
    via: call.via,
    folder: call.scope.folder,
    input: call.input,
    pipedFrom: call.context.pipedFrom,
    writes: call.writes,
    runsOutputOf,
    exit: call.context.exit,
  })
}

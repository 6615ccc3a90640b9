/** Walks a parsed script in the order in which a shell would run it. */
import {
  type CommandNode,
  type CompoundList,
  forEachChild,
  type ParsedScript,
  type PipelineNode,
  parse,
  type Redirection,
  type Statement,
  type SyntaxNode,
  type Word,
} from 'unbash'
import type { ShellCommand } from '../shell.ts'
import { exitOfChain, exitOfPipeline, exitOfStatement, noExit } from './exit.ts'
import type { Analysis, Reader, ScriptContext } from './reading.ts'
import { runCommand } from './run.ts'
import { copyScope, expandWord, type Scope, wordValue } from './word.ts'

/** Nobody writes shells in shells deeper; hostile text might, and each level is parsed anew. */
const MAX_DEPTH = 12
/** A page of script has some hundred commands; functions that call functions multiply them. */
const MAX_COMMANDS = 5_000

/** The only one there is; a value, so that commands need not import what imports them. */
export const reader: Reader = { text: walkText, body: walkBody, inside: walkInside }

export function walkScript(script: ParsedScript, analysis: Analysis, context: ScriptContext, scope: Scope): void {
  const source = script.source ?? context.source
  const [error] = script.errors ?? []
  if (error) {
    const text = source.slice(0, 200)
    analysis.doubts.push({ kind: 'unparsable', message: `The command does not parse: ${error.message}`, text })
  }
  walkStatements(script.commands, analysis, { ...context, source }, scope)
}

function walkText(text: string, analysis: Analysis, context: ScriptContext, scope: Scope): void {
  if (context.depth >= MAX_DEPTH) {
    const message = `Shells are nested more than ${MAX_DEPTH} deep.`
    analysis.doubts.push({ kind: 'too-deep', message, text: text.slice(0, 200) })
    return
  }
  walkScript(parse(text), analysis, { ...context, source: text, depth: context.depth + 1 }, scope)
}

function walkStatements(list: readonly Statement[], analysis: Analysis, context: ScriptContext, scope: Scope): void {
  list.forEach((statement, index) => {
    const isLast = index === list.length - 1
    const exit = exitOfStatement(context.exit, { isLast, isBackground: statement.background === true, scope })
    const { command } = statement
    const inner = { ...context, exit }
    if (command.type === 'AndOr') {
      const relations = exitOfChain(command, exit)
      command.commands.forEach((part, at) => {
        const isAlternative = at > 0 && command.operators[at - 1] === '||'
        const next = { ...inner, exit: relations[at] ?? noExit }
        if (isAlternative) walkBranches([() => walkPipeline(part, analysis, next, scope)], scope)
        else walkPipeline(part, analysis, next, scope)
      })
    } else walkPipeline(command, analysis, inner, scope)
  })
}

function walkPipeline(node: PipelineNode, analysis: Analysis, context: ScriptContext, scope: Scope): void {
  if (node.type !== 'Pipeline') {
    walkNode(node, analysis, context, scope)
    return
  }
  const relations = exitOfPipeline(node, context.exit, scope)
  const isSingle = node.commands.length === 1
  let pipedFrom = context.pipedFrom
  let input = context.input
  node.commands.forEach((command, at) => {
    // Every stage runs in a shell of its own, so what it sets is lost.
    const inner = isSingle ? scope : copyScope(scope)
    const before = analysis.commands.length
    walkNode(command, analysis, { ...context, exit: relations[at] ?? noExit, pipedFrom, input }, inner)
    const stage = analysis.commands.slice(before)
    pipedFrom = [...pipedFrom, ...stage.map(({ program }) => program)]
    input = stage.length === 1 && stage[0] ? printedText(stage[0]) : null
  })
}

/** What a command prints, where its words alone tell. */
function printedText({ program, arguments: words, input }: ShellCommand): string | null {
  const known = words.filter((word) => word !== null)
  if (known.length < words.length) return null
  if (program === 'echo') return known.filter((word) => !/^-[neE]+$/.test(word)).join(' ')
  if (program === 'printf') return known.length === 1 ? (known[0]?.replaceAll('\\n', '\n') ?? null) : null
  const passesOn = (program === 'cat' && (words.length === 0 || words[0] === '-')) || program === 'tee'
  return passesOn ? input : null
}

function walkNode(node: CommandNode, analysis: Analysis, context: ScriptContext, scope: Scope): void {
  if (analysis.commands.length >= MAX_COMMANDS) {
    if (analysis.doubts.at(-1)?.kind === 'too-many') return
    const message = `The text runs more than ${MAX_COMMANDS} commands.`
    analysis.doubts.push({ kind: 'too-many', message, text: context.source.slice(0, 200) })
    return
  }
  switch (node.type) {
    case 'Command':
      runCommand(node, analysis, context, scope)
      return
    case 'Redirected':
      walkInside(node.redirects, analysis, context, scope)
      walkNode(node.command, analysis, { ...context, input: null, ...groupInput(node.redirects, scope) }, scope)
      return
    case 'Function': {
      const name = wordValue(node.name, scope)
      if (name === null) return
      analysis.functions.set(name, { body: node.body, source: context.source })
      if (multiplies(node.body, name)) analysis.forkBombs.push(context.source.slice(node.pos, node.end))
      return
    }
    case 'Subshell':
      walkStatements(node.body.commands, analysis, context, copyScope(scope))
      return
    case 'BraceGroup':
      walkStatements(node.body.commands, analysis, context, scope)
      return
    case 'Coproc':
      walkBody(node.body, analysis, { ...context, exit: noExit }, copyScope(scope))
      return
    default:
      walkConditional(node, analysis, { ...context, exit: noExit }, scope)
      return
  }
}

type Conditional = Exclude<
  CommandNode,
  { type: 'Command' | 'Redirected' | 'Function' | 'Subshell' | 'BraceGroup' | 'Coproc' }
>

function walkConditional(node: Conditional, analysis: Analysis, context: ScriptContext, scope: Scope): void {
  const run = (list: CompoundList) => walkStatements(list.commands, analysis, context, scope)
  switch (node.type) {
    case 'If':
      run(node.clause)
      walkBranches(
        [node.then, ...node.elif.flatMap(({ clause, then }) => [clause, then]), ...(node.else ? [node.else] : [])].map(
          (list) => () => run(list),
        ),
        scope,
      )
      return
    case 'Case':
      walkInside([node.word], analysis, context, scope)
      walkBranches(
        node.items.map((item) => () => run(item.body)),
        scope,
      )
      return
    case 'While':
      forgetAssigned(node, scope)
      walkBranches([() => run(node.clause), () => run(node.body)], scope)
      return
    case 'For':
    case 'Select':
      walkInside(node.wordlist ?? [], analysis, context, scope)
      forgetAssigned(node.body, scope)
      walkBranches(
        loopValues(node.wordlist, scope).map((value) => () => {
          scope.variables.set(node.name.value, value)
          run(node.body)
        }),
        scope,
      )
      return
    case 'ArithmeticFor':
      forgetAssigned(node, scope)
      walkBranches([() => run(node.body)], scope)
      return
    case 'TestCommand':
    case 'ArithmeticCommand':
      walkInside([node], analysis, context, scope)
      return
  }
}

/** Loops over a short list that stands in the text are run word by word; all others once, with a computed value. */
const MAX_LOOP_WORDS = 16

function loopValues(words: readonly Word[] | undefined, scope: Scope): readonly (string | null)[] {
  const values = words?.flatMap((word) => expandWord(word, scope).map(({ value }) => value)) ?? []
  const isListed = values.every((value) => value !== null && !/[*?[]/.test(value))
  return values.length > 0 && values.length <= MAX_LOOP_WORDS && isListed ? values : [null]
}

/** Runs what may or may not run: what such a part sets to another value is computed afterwards. */
function walkBranches(branches: readonly (() => void)[], scope: Scope): void {
  for (const branch of branches) {
    const before = new Map(scope.variables)
    const folder = scope.folder
    branch()
    for (const [name, value] of scope.variables) if (before.get(name) !== value) scope.variables.set(name, null)
    if (scope.folder !== folder) scope.folder = null
  }
}

/** In a loop, what the end of the body sets is already there when its beginning runs again. */
function forgetAssigned(node: SyntaxNode, scope: Scope): void {
  if (node.type === 'Assignment') scope.variables.set(node.name, null)
  forEachChild(node, (child) => forgetAssigned(child, scope))
}

function walkBody(body: SyntaxNode, analysis: Analysis, context: ScriptContext, scope: Scope): void {
  if (body.type === 'CompoundList') walkStatements(body.commands, analysis, context, scope)
  else walkNode(body as CommandNode, analysis, context, scope)
}

function walkInside(
  nodes: readonly SyntaxNode[],
  analysis: Analysis,
  context: ScriptContext,
  scope: Scope,
): readonly (string | null)[] {
  const before = analysis.commands.length
  const visit = (node: SyntaxNode): void => {
    const isSubstitution =
      node.type === 'CommandExpansion' ||
      node.type === 'ProcessSubstitution' ||
      node.type === 'ArithmeticCommandExpansion'
    if (!isSubstitution) {
      forEachChild(node, visit)
      return
    }
    if (!node.script) return
    const via = [...context.via, node.type === 'ProcessSubstitution' ? `${node.operator}(…)` : '$(…)']
    walkScript(node.script, analysis, { ...context, via, exit: noExit, pipedFrom: [], input: null }, copyScope(scope))
  }
  for (const node of nodes) visit(node)
  return analysis.commands.slice(before).map(({ program }) => program)
}

function groupInput(redirects: readonly Redirection[], scope: Scope): { input: string | null } | Record<string, never> {
  const text = redirects.findLast(({ type }) => type === 'HereString' || type === 'HereDoc')
  if (text?.type === 'HereDoc') return { input: text.body.text }
  return text?.type === 'HereString' ? { input: wordValue(text.target, scope) } : {}
}

/** Whether a function calls itself at least twice, or in the background: each run then starts more than one other. */
function multiplies(body: SyntaxNode, name: string): boolean {
  let calls = 0
  let inBackground = false
  const visit = (node: SyntaxNode, background: boolean): void => {
    if (node.type === 'Command' && node.name?.value === name) {
      calls += 1
      inBackground ||= background
    }
    const isBackground = background || (node.type === 'Statement' && node.background === true)
    forEachChild(node, (child) => visit(child, isBackground))
  }
  visit(body, false)
  return calls >= 2 && inBackground
}

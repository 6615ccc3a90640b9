/** What the exit code of a whole text says about the commands inside: half of all test runs end in a pipe to `tail`. */
import type { AndOr, CommandNode, Pipeline, PipelineNode } from 'unbash'
import type { ExitRelation } from '../shell.ts'
import type { Scope } from './word.ts'

export const noExit: ExitRelation = { zero: false, nonzero: false }

/** Commands that in practice do not fail, so that a failure beside them is the other command's. */
const steady = new Set([
  ...[
    'cd',
    'pushd',
    'popd',
    'export',
    'set',
    'echo',
    'printf',
    'true',
    ':',
    'source',
    '.',
    'pwd',
    'mkdir',
    'sleep',
    'clear',
    'date',
  ],
  ...['tail', 'head', 'cat', 'tee', 'sed', 'sort', 'tr', 'wc', 'less', 'awk', 'nl'],
])

export function exitOfStatement(
  whole: ExitRelation,
  at: { readonly isLast: boolean; readonly isBackground: boolean; readonly scope: Scope },
): ExitRelation {
  if (at.isBackground) return noExit
  if (at.isLast) return whole
  // Under `set -e` the script only goes on after success.
  return at.scope.stopsOnError ? { zero: whole.zero, nonzero: false } : noExit
}

/** `a && b || c`: the operators bind from the left, with equal strength. */
export function exitOfChain({ commands, operators }: AndOr, whole: ExitRelation): readonly ExitRelation[] {
  const relations: ExitRelation[] = []
  let left = whole
  for (let index = commands.length - 1; index > 0; index -= 1) {
    const right = commands[index]
    const before = commands.slice(0, index)
    if (operators[index - 1] === '&&') {
      relations.unshift({ zero: left.zero, nonzero: left.nonzero && before.every(isSteady) })
      left = { zero: left.zero, nonzero: left.nonzero && right !== undefined && isSteady(right) }
    } else {
      relations.unshift({ zero: false, nonzero: left.nonzero })
      left = { zero: left.zero && right !== undefined && alwaysFails(right), nonzero: left.nonzero }
    }
  }
  return [left, ...relations]
}

export function exitOfPipeline(
  { commands, prefixes }: Pipeline,
  whole: ExitRelation,
  { pipefail }: Scope,
): readonly ExitRelation[] {
  if (prefixes.some(({ type }) => type === 'Negation')) return commands.map(() => noExit)
  return commands.map((_, index) => {
    if (!pipefail) return index === commands.length - 1 ? whole : noExit
    const others = commands.filter((__, at) => at !== index)
    return { zero: whole.zero, nonzero: whole.nonzero && others.every(isSteady) }
  })
}

function isSteady(node: PipelineNode | CommandNode): boolean {
  if (node.type === 'Pipeline') return node.commands.every(isSteady)
  return node.type === 'Command' && (node.name === undefined || steady.has(node.name.value))
}

function alwaysFails(node: PipelineNode): boolean {
  if (node.type === 'BraceGroup') {
    const last = node.body.commands.at(-1)?.command
    return last !== undefined && last.type !== 'AndOr' && alwaysFails(last)
  }
  if (node.type !== 'Command') return false
  const [code] = node.suffix
  const name = node.name?.value
  if (name === 'false') return true
  if (name !== 'exit' && name !== 'return') return false
  // Without a code it hands on the failure before it.
  return code === undefined || (code.type === 'Word' && /^[1-9]\d*$/.test(code.value))
}

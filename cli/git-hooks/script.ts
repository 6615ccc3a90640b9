/** The text of our git hooks. */

export const hookNames = ['commit-msg', 'post-commit', 'post-rewrite', 'pre-push'] as const
export type HookName = (typeof hookNames)[number]

/** Hooks that git speaks to; both the earlier hook and ours must hear it. */
const listening: ReadonlySet<string> = new Set(['post-rewrite', 'pre-push'])

export const MARKER = '# stemma-managed-hook'
export const BLOCK_START = '# >>> stemma >>>'
export const BLOCK_END = '# <<< stemma <<<'

/** Beside our hooks: links to the earlier ones under their own names, where one of them asks for its name. */
export const NAMED_FOLDER = 'before-stemma'

export interface ScriptOptions {
  /** Where the program is, for callers without the person's PATH. */
  readonly program: string | null
  /** The hook that runs first; `<hook>.before-stemma` where absent. */
  readonly before?: string
}

/** A whole script of ours. Without the program it does nothing; the earlier hook decides as it did before. */
export function hookScript(name: HookName, options: ScriptOptions): string {
  const listens = listening.has(name)
  const feed = listens ? 'printf %s "$input" | ' : ''
  return [
    '#!/bin/sh',
    `${MARKER} 1`,
    '# Written by `stemma init`; `stemma uninstall` takes it away and gives the earlier hook its place back.',
    ...(options.before === undefined ? earlierHook(name) : [`before=${quote(options.before)}`]),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what the shell expands
    ...(listens ? ['input=$(cat; echo .)', 'input=${input%.}'] : []),
    'if [ -x "$before" ] && [ ! -d "$before" ]; then',
    `  ${feed}"$before" "$@" || exit $?`,
    'fi',
    'stemma=$(command -v stemma) || stemma=',
    ...(options.program === null ? [] : [`[ -n "$stemma" ] || stemma=${quote(options.program)}`]),
    '[ -x "$stemma" ] || exit 0',
    name === 'pre-push' ? `${feed}"$stemma" hook git ${name} "$@"` : `${feed}"$stemma" hook git ${name} "$@" || :`,
    '',
  ].join('\n')
}

function earlierHook(name: HookName): readonly string[] {
  return ['before="$0.before-stemma"', `named="\${0%/*}/${NAMED_FOLDER}/${name}"`, '[ ! -x "$named" ] || before=$named']
}

/** Runs the person's hook and nothing else: for hooks that we only stand in the way of. */
export function passingScript(before: string): string {
  return [
    '#!/bin/sh',
    `${MARKER} 1`,
    `before=${quote(before)}`,
    '[ -x "$before" ] && [ ! -d "$before" ] || exit 0',
    'exec "$before" "$@"',
    '',
  ].join('\n')
}

/**
 * A block at the top of a script of the team, since many end in `exit` or `exec`. What git says is heard and handed on
 * to the rest of the script. It may run under `sh -e` (husky), and must not fail without the program.
 */
export function sharedBlock(name: HookName): string {
  const call = `stemma hook git ${name} "$@"`
  const body = listening.has(name)
    ? [
        'stemma_input=$(cat)',
        'if command -v stemma >/dev/null 2>&1; then',
        `  printf '%s\\n' "$stemma_input" | ${call} || ${name === 'pre-push' ? 'exit $?' : ':'}`,
        'fi',
        'exec <<STEMMA_INPUT',
        '$stemma_input',
        'STEMMA_INPUT',
      ]
    : [`if command -v stemma >/dev/null 2>&1; then ${call} || :; fi`]
  return `${[BLOCK_START, ...body, BLOCK_END].join('\n')}\n`
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** Builtins that change what later commands of the same shell mean. */
import { joinPath } from './path.ts'
import type { Analysis } from './reading.ts'
import type { Scope, ShellWord } from './word.ts'

/** Builtins that change what later commands mean. All of them are listed as commands too. */
export function changesShell(name: string, words: readonly ShellWord[], scope: Scope, analysis: Analysis): boolean {
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

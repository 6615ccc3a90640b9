/** Shells inside the text: `sh -c`, `eval`, `source`, and what is piped into a shell. */
import { type Call, childScope, emit, emitComputed } from './reading.ts'
import type { Scope, ShellWord } from './word.ts'
import { takesNextWord } from './wrapper.ts'

/** A script in the same shell, of words that are joined by spaces. */
export function runScript(call: Call, name: string, words: readonly ShellWord[]): void {
  const values = words.map(({ value }) => value)
  if (values.includes(null)) {
    emitComputed(call, name, call.substituted)
    return
  }
  const inner = { ...call.context, via: [...call.via, name], input: call.input }
  call.analysis.reader.text(values.join(' '), call.analysis, inner, call.scope)
}

/** `source file` runs a file, which is not visible here, as any script file is not. `source <(…)` runs an output. */
export function runSourced(call: Call, name: string): void {
  const file = call.words[1]
  if (file?.text.startsWith('<(')) {
    emitComputed(call, name, call.substituted)
    return
  }
  emit(call, name)
}

export function runShell(call: Call, name: string, words: readonly ShellWord[]): void {
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
    call.analysis.reader.text(script, analysis, context, { ...inner, positional: words.slice(index + 2) })
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
    call.analysis.reader.text(call.input, call.analysis, context, scope)
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

/** What programs hand on to others: text for a shell, a command for each line or file. */
import type { Call } from './reading.ts'
import { computedWord, knownWord, type ShellWord } from './word.ts'
import { takesNextWord } from './wrapper.ts'

/** Programs with an argument that is shell text: `su -c`, `env -S`, `ssh host …`, `watch …`. */
export function textArgument(name: string, words: readonly ShellWord[]): ShellWord | null {
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

/** The command that `xargs` runs, with a computed word for its input; null = it names none. */
export function xargsCall(call: Call, name: string, words: readonly ShellWord[]): Call | null {
  const options = {
    short: 'InPLdEsaJRS',
    long: ['--replace', '--max-args', '--max-procs', '--delimiter', '--arg-file', '--max-lines'],
  }
  const start = operandAt(options, words)
  if (start === -1) return null
  const marker = replacedMarker(words.slice(0, start).map(({ value }) => value ?? ''))
  const added = computedWord('…', producedPrefix(call), true)
  const inner = words.slice(start)
  const filled = marker
    ? inner.map((word) => (word.value?.includes(marker) ? fill(word, marker, added) : word))
    : [...inner, added]
  return { ...call, words: filled, via: [...call.via, name], input: null }
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
export function foundCalls(call: Call, name: string, words: readonly ShellWord[]): readonly Call[] {
  const calls: Call[] = []
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
    calls.push({ ...call, words: filled, via: [...call.via, `${name} ${option}`], input: null, writes: [] })
    if (end === -1) break
    index = end
  }
  return calls
}

/** Shell text that a git command runs: `rebase --exec`, `submodule foreach`. */
export function gitTexts(values: readonly (string | null)[]): readonly string[] {
  const texts: (string | null | undefined)[] = []
  if (values.includes('rebase')) {
    values.forEach((value, at) => {
      if (value === '-x' || value === '--exec') texts.push(values[at + 1])
      else if (value?.startsWith('--exec=')) texts.push(value.slice('--exec='.length))
    })
  }
  const at = values.indexOf('foreach')
  if (values.includes('submodule') && at !== -1) {
    const words = values.slice(at + 1).filter((value) => value !== '--recursive')
    texts.push(words.join(' '))
  }
  return texts.flatMap((text) => (text ? [text] : []))
}

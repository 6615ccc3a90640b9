/** What each shell offers while a command is typed; bash is asked itself, the others where they are installed. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Command } from '#cli/commands/command.ts'
import { loadCommands } from '#cli/commands/registry.ts'
import { bashScript } from '#cli/completion/bash.ts'
import { fishScript } from '#cli/completion/fish.ts'
import { grammarOf } from '#cli/completion/grammar.ts'
import { zshScript } from '#cli/completion/zsh.ts'

let definitions: readonly Command[]
let folder: string

beforeAll(async () => {
  definitions = await loadCommands()
  folder = mkdtempSync(join(tmpdir(), 'stemma-completion-'))
  mkdirSync(join(folder, 'src'))
  writeFileSync(join(folder, 'src', 'two words.ts'), '')
  writeFileSync(join(folder, 'policies.yaml'), '')
  const git = (...words: readonly string[]) => execFileSync('git', ['-C', folder, ...words], { stdio: 'ignore' })
  git('init', '-q', '-b', 'main')
  git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '-q', '--allow-empty', '-m', 'Begin')
  git('branch', 'feature/basket')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const scriptFor = (write: typeof bashScript): string => write(grammarOf(definitions))

/** One bash for all lines; each is typed up to its end, a space there begins a new word. */
function offered(lines: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const calls = lines.map((line) => {
    const words = line.split(' ').map((word) => `'${word}'`)
    return `COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; _stemma; printf '%s\\n' "\${COMPREPLY[@]}"; echo ==`
  })
  const input = [scriptFor(bashScript), 'complete -p stemma >/dev/null || exit 1', ...calls].join('\n')
  const ran = spawnSync('bash', ['--norc', '--noprofile', '-u'], { cwd: folder, input, encoding: 'utf8' })
  expect(ran.stderr).toBe('')
  const answers = ran.stdout.split('==\n')
  return new Map(lines.map((line, at) => [line, (answers[at] ?? '').split('\n').filter((word) => word !== '')]))
}

it('bash offers commands, their words and options, values, files and references', () => {
  const expected: readonly (readonly [string, readonly string[]])[] = [
    ['stemma st', ['status', 'stats']],
    ['stemma --json st', ['status', 'stats']],
    ['stemma --cwd src st', ['status', 'stats']],
    ['stemma --cwd s', ['src']],
    ['stemma --verb', ['--verbose']],
    ['stemma guard ', ['on', 'off', 'status']],
    ['stemma guard on ', []],
    ['stemma guard --agent cla', ['claude-code']],
    ['stemma guard --agent codex o', ['on', 'off']],
    ['stemma init --d', ['--dry-run', '--diff']],
    ['stemma init --server ', []],
    ['stemma completion ', ['bash', 'zsh', 'fish']],
    ['stemma help com', ['completion']],
    ['stemma sessions e', ['erase']],
    ['stemma usage --by m', ['model']],
    ['stemma blame s', ['src']],
    ['stemma blame src/', ['src/two words.ts']],
    ['stemma check -f pol', ['policies.yaml']],
    ['stemma blame --revision f', ['feature/basket']],
    ['stemma stats m', ['main']],
    ['stemma stats main..fea', ['main..feature/basket']],
    ['stemma run -- env pol', ['policies.yaml']],
    ['stemma run -- --agent cla', []],
    ['stemma git', []],
    ['stemma push --ho', []],
    ['stemma nonsense ', []],
  ]
  const answers = offered(expected.map(([line]) => line))
  for (const [line, words] of expected) expect([line, answers.get(line)]).toEqual([line, words])
  expect(offered(['stemma '])).toEqual(
    new Map([['stemma ', [...definitions.filter(({ hidden }) => !hidden).map(({ name }) => name), 'help']]]),
  )
})

describe('every script', () => {
  const scripts = [
    ['bash', bashScript],
    ['zsh', zshScript],
    ['fish', fishScript],
  ] as const

  it.each(scripts)('%s has every command and option that help shows, and none that it hides', (_, write) => {
    const script = scriptFor(write)
    for (const { name, options, hidden } of definitions) {
      if (hidden) expect(script).not.toContain(name)
      for (const option of options) {
        const [, long = ''] = /--([a-z-]+)/.exec(option.flags) ?? []
        const isThere = new RegExp(`(?:--|-l )${long}(?![a-z-])`).test(script)
        expect([name, long, isThere]).toEqual([name, long, !option.hidden])
      }
    }
  })

  it.each(scripts)('%s finds nothing wrong with its own', (shell, write) => {
    const ran = spawnSync(shell, ['-n'], { input: scriptFor(write), encoding: 'utf8' })
    if (ran.error && shell !== 'bash') return // not installed here
    expect([ran.status, ran.stderr]).toEqual([0, ''])
  })
})

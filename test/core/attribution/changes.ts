/** A repository with one commit for each kind of change that a diff can hold. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

type Content = string | Uint8Array

/** Each step is one commit; null takes a file away. */
const steps: readonly Readonly<Record<string, Content | null>>[] = [
  { 'a.ts': 'one\ntwo\nthree\n', 'b.ts': 'x\n' },
  { 'a.ts': 'one\n2\nthree\nfour\n' },
  { 'a.ts': 'one\n2\nthree\nfour\nfive', 'c.ts': 'no newline at end' },
  { 'a.ts': 'one\n2\nthree\nfour\nfive\n', 'c.ts': 'no newline at end either' },
  { 'crlf.txt': 'one\r\ntwo\r\nthree\r\n' },
  { 'crlf.txt': 'one\r\nTWO\r\nthree\r\n', 'b.ts': null },
  { 'picture.bin': new Uint8Array([0, 1, 2, 255, 0, 13, 10]) },
  { 'a.ts': 'binary before text\n', 'a.bin': new Uint8Array([0, 9, 9]), 'z.ts': 'after the binary\n' },
  { 'picture.bin': new Uint8Array([0, 1, 2, 254]), 'picture2.bin': null },
  { 'empty.txt': '', 'other-empty.txt': '', 'full.txt': 'full\n' },
  { 'empty.txt': null },
  { 'long.ts': Array.from({ length: 60 }, (_, at) => `line ${at}\n`).join('') },
  { 'long.ts': Array.from({ length: 60 }, (_, at) => (at % 20 === 3 ? `changed ${at}\n` : `line ${at}\n`)).join('') },
  {
    'long.ts': null,
    'moved/long.ts': Array.from({ length: 60 }, (_, at) => (at % 20 === 3 ? `changed ${at}\n` : `line ${at}\n`)).join(
      '',
    ),
  },
  { 'moved/long.ts': null, 'kept.ts': Array.from({ length: 61 }, (_, at) => `line ${at}\n`).join('') },
  { 'tabs.ts': '\tone\n  two \n\f\v three\n' },
  { 'tabs.ts': 'one\ntwo\nthree\n' },
  { 'latin1.txt': new Uint8Array([0x67, 0xfc, 0x6e, 0x0a]), 'ümlaut.txt': 'grün\n', 'with space.txt': 'x\n' },
  { 'traps.txt': '-- a/one\n++ b/two\ndiff --git a/x b/x\n@@ -1 +1 @@\n\\ No newline at end of file\nindex 1..2\n' },
  { 'traps.txt': '-- a/one\n' },
  { 'traps.txt': '+++ b/two\n--- a/one\nBinary files differ\n', 'quote".txt': 'q\n', 'tab\t.txt': 't\n' },
  { 'lone.txt': '\n' },
  { 'lone.txt': '\n\n\n' },
  { 'lone.txt': '' },
]

export interface Changes {
  readonly git: (args: readonly string[], input?: Uint8Array) => Buffer
  /** Oldest first. */
  readonly commits: readonly string[]
  readonly remove: () => void
}

export function makeChanges(): Changes {
  const folder = mkdtempSync(join(tmpdir(), 'stemma-changes-'))
  const git = (args: readonly string[], input?: Uint8Array): Buffer =>
    execFileSync('git', ['-C', folder, ...args], {
      ...(input === undefined ? {} : { input }),
      env: {
        PATH: process.env['PATH'],
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_AUTHOR_NAME: 'Ada',
        GIT_AUTHOR_EMAIL: 'ada@example.com',
        GIT_COMMITTER_NAME: 'Ada',
        GIT_COMMITTER_EMAIL: 'ada@example.com',
      },
      maxBuffer: 1e8,
    })

  git(['init', '--quiet', '--initial-branch=main'])
  git(['config', 'core.autocrlf', 'false'])
  for (const step of steps) {
    for (const [path, content] of Object.entries(step)) {
      const file = join(folder, path)
      if (content === null) rmSync(file, { force: true })
      else {
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, content)
      }
    }
    git(['add', '--all'])
    git(['commit', '--quiet', '--allow-empty', '--message=step'])
  }
  git(['update-index', '--chmod=+x', 'a.ts'])
  git(['commit', '--quiet', '--message=mode'])
  const commits = git(['rev-list', '--reverse', 'HEAD']).toString().trim().split('\n')
  return { git, commits, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

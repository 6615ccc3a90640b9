/**
 * Texts that somebody wrote and a machine minified: our own source and documents, the lock file, and packages as they
 * are installed. Tests are left out on both sides, since secrets are planted in ours and drawn up in others'.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Random } from './random.ts'

const root = join(import.meta.dirname, '..', '..', '..')

const folders = [
  ...['core', 'cli', 'worker', 'queues', 'durable-objects', 'dashboard', 'docs', 'migrations', 'bench'],
  ...['hono', 'zod', 'preact', 'chart.js', 'drizzle-orm', 'drizzle-kit', 'jose', 'diff', 'yaml', 'commander', 're2js']
    .concat(['picomatch', 'smol-toml', 'fast-check', 'playwright-core', 'esbuild', 'vitest', 'wrangler', 'picocolors'])
    .map((name) => join('node_modules', name)),
]
const files = ['package-lock.json', 'package.json', 'biome.json', 'wrangler.toml', 'README.md', 'CONTRIBUTING.md']

const isText = /\.(?:[cm]?[jt]sx?|d\.[cm]?ts|json|map|md|css|html|sql|toml|ya?ml|py|sh|txt|svg)$|\/[A-Z]+$/
const isTest = /(?:^|\/)(?:tests?|__tests__|fixtures?|examples?)\/|\.(?:test|spec)\.[cm]?[jt]sx?$/
/** Shows how to call it with a password that it makes up: to take that out is right. */
const hasPassword = /(?:^|\/)basic-auth\//
/** As much of a file as an agent reads at once, twenty times over: a bundle of megabytes is not all that there is. */
const MAX_CHARACTERS = 400_000

export interface CleanFile {
  /** Below the root of the repository. */
  readonly path: string
  readonly text: string
}

let paths: readonly string[] | null = null
const read = new Map<string, CleanFile>()

/** Some lines of some file, a few hundred to a few thousand characters. */
export function excerpt({ pick, below }: Random): CleanFile {
  paths ??= listed()
  const path = pick(paths)
  const { text } = read.get(path) ?? remember(path)
  const start = text.length < 4_000 ? 0 : lineStart(text, below(text.length - 2_000))
  return { path, text: text.slice(start, start + 300 + below(2_400)) }
}

function remember(path: string): CleanFile {
  const file = { path, text: readFileSync(join(root, path), 'utf8').slice(0, MAX_CHARACTERS) }
  read.set(path, file)
  return file
}

/** Where the line begins that `at` is in; long lines, as minified code has them, are cut anywhere. */
function lineStart(text: string, at: number): number {
  const start = text.lastIndexOf('\n', at) + 1
  return at - start < 400 ? start : at
}

function listed(): readonly string[] {
  const below = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name))),
  )
  return [...files, ...below]
    .filter((path) => isText.test(path) && !isTest.test(path) && !hasPassword.test(path))
    .sort()
}

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { agents } from '#core/agents/registry.ts'
import { policies } from '#core/policy/registry.ts'

const root = join(import.meta.dirname, '..')

/** Which room may import which; `worker` is its shell (index, app, routes, middleware), the three below it are its wings. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: [],
  'worker/store': ['core'],
  'worker/github': ['core'],
  'worker/gitlab': ['core'],
  'worker/model': ['core'],
  'durable-objects': ['core', 'worker/store', 'worker/github', 'worker/forge.ts', 'worker/env.ts'],
  queues: ['core', 'worker/store', 'worker/github', 'worker/model', 'worker/forge.ts', 'worker/env.ts'],
  worker: [
    'core',
    'worker/store',
    'worker/github',
    'worker/gitlab',
    'worker/model',
    'durable-objects',
    'queues',
    'worker/forge.ts',
    'worker/env.ts',
  ],
  dashboard: ['core'],
  cli: ['core'],
}

/** What `core` may take from npm: pure packages only. */
const purePackages = [
  '@pydantic/genai-prices',
  '@secretlint/secretlint-rule-preset-recommend',
  '@secretlint/types',
  'diff',
  'jsonc-parser',
  'picomatch',
  're2js',
  'smol-toml',
  'unbash',
  'yaml',
  'zod',
]

const aliases: Readonly<Record<string, string>> = {
  '#core/': 'core/',
  '#worker/': 'worker/',
  '#objects/': 'durable-objects/',
  '#queues/': 'queues/',
  '#cli/': 'cli/',
  '#dashboard/': 'dashboard/',
  '#test/': 'test/',
}

interface Import {
  readonly file: string
  readonly specifier: string
  /** Path from the root for an import of our own; null for a package. */
  readonly target: string | null
  readonly isTypeOnly: boolean
}

const sources = ['core', 'worker', 'durable-objects', 'queues', 'dashboard', 'cli'].flatMap((folder) =>
  sourcesIn(folder),
)
const imports = sources.flatMap(importsOf)

describe('the house', () => {
  it('lets no room import upward or sideways', () => {
    const trespasses = imports
      .filter(({ file, target }) => target !== null && !isAllowed(file, target))
      .map(({ file, specifier }) => `${file} imports ${specifier}`)
    expect(trespasses).toEqual([])
  })

  it('keeps packages with a platform of their own out of core', () => {
    const impure = imports
      .filter(({ file, target }) => target === null && file.startsWith('core/'))
      .filter(({ specifier }) => !purePackages.some((name) => specifier === name || specifier.startsWith(`${name}/`)))
      .map(({ file, specifier }) => `${file} imports ${specifier}`)
    expect(impure).toEqual([])
  })

  it('has no circle of imports', () => {
    expect(circles()).toEqual([])
  })

  it('takes time, ids and randomness in core as arguments', () => {
    const impure = sources
      .filter((file) => file.startsWith('core/'))
      .filter((file) =>
        /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bcrypto\.randomUUID\(/.test(withoutComments(file)),
      )
    expect(impure).toEqual([])
  })

  it('keeps SQL in worker/store and in Durable Objects', () => {
    const strays = imports
      .filter(({ specifier }) => specifier === 'drizzle-orm' || specifier.startsWith('drizzle-orm/'))
      .filter(({ file }) => !file.startsWith('worker/store/'))
      .map(({ file }) => file)
    expect(strays).toEqual([])
  })
})

describe('the registries', () => {
  it.each(agents.map(({ id }) => id))('agent %s has fixtures and a page', (id) => {
    expect(existsSync(join(root, 'test/fixtures/agents', id))).toBe(true)
    expect(readFileSync(join(root, 'docs/reference/agents.md'), 'utf8')).toContain(`\`${id}\``)
  })

  it.each(policies.map((policy) => [policy.id, policy] as const))(
    'policy %s has examples both ways and a page',
    (id, policy) => {
      expect(policy.examples.violates.length).toBeGreaterThan(0)
      expect(policy.examples.passes.length).toBeGreaterThan(0)
      expect(readFileSync(join(root, 'docs/reference/policies.md'), 'utf8')).toContain(`## ${id}`)
    },
  )

  it('lists every policy file and every agent folder', () => {
    const rules = readdirSync(join(root, 'core/policy/rules')).map((file) => file.replace(/\.ts$/, ''))
    expect(policies.map(({ id }) => id).sort()).toEqual(rules.sort())
    const folders = readdirSync(join(root, 'core/agents')).filter((name) =>
      existsSync(join(root, 'core/agents', name, 'index.ts')),
    )
    expect(agents.map(({ id }) => id).sort()).toEqual(folders.sort())
  })
})

function sourcesIn(folder: string): string[] {
  const start = join(root, folder)
  if (!existsSync(start)) return []
  return readdirSync(start, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
}

function withoutComments(file: string): string {
  return readFileSync(join(root, file), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '')
}

function importsOf(file: string): Import[] {
  const text = withoutComments(file)
  const pattern =
    /(?:^|\n)\s*(import|export)\s+(type\s+)?(?:[^'"()]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g
  return [...text.matchAll(pattern)].map((match) => {
    const specifier = match[3] ?? match[4] ?? ''
    return { file, specifier, target: resolve(file, specifier), isTypeOnly: match[2] !== undefined }
  })
}

function resolve(file: string, specifier: string): string | null {
  if (specifier.startsWith('.')) return relative(root, join(root, dirname(file), specifier))
  const alias = Object.keys(aliases).find((prefix) => specifier.startsWith(prefix))
  return alias === undefined ? null : specifier.replace(alias, aliases[alias] ?? '')
}

function roomOf(path: string): string {
  if (path === 'worker/env.ts' || path === 'worker/forge.ts') return path
  const rooms = Object.keys(mayImport).sort((left, right) => right.length - left.length)
  return rooms.find((room) => path.startsWith(`${room}/`)) ?? 'test'
}

function isAllowed(file: string, target: string): boolean {
  const from = roomOf(file)
  const to = roomOf(target)
  if (from === to) return true
  if (from === 'worker/env.ts') return true
  // It chooses between the forges, for those who must not know which there are.
  if (from === 'worker/forge.ts') return to === 'core' || to.startsWith('worker/')
  return mayImport[from]?.includes(to) ?? false
}

/** Each circle once, as `a -> b -> a`. Types are erased, so a circle of types alone does no harm. */
function circles(): string[] {
  const edges = new Map<string, string[]>()
  for (const { file, target, isTypeOnly } of imports) {
    if (target !== null && !isTypeOnly) edges.set(file, [...(edges.get(file) ?? []), target])
  }
  const found = new Set<string>()
  const finished = new Set<string>()
  const walk = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file)
    if (at >= 0) {
      found.add([...path.slice(at), file].join(' -> '))
      return
    }
    if (finished.has(file)) return
    for (const next of edges.get(file) ?? []) walk(next, [...path, file])
    finished.add(file)
  }
  for (const file of edges.keys()) walk(file, [])
  return [...found]
}

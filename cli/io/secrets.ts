/** Secrets that this machine knows by value: they are replaced wherever they occur, whatever they look like. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readText } from './files.ts'

/** Shorter values are words and numbers that occur everywhere; replacing them would destroy the evidence. */
const MIN_LENGTH = 8
/** Repositories keep `.env` files at the root or in the folder of a package. */
const MAX_DEPTH = 3
const MAX_FILE_CHARACTERS = 1_000_000

const secretName =
  /(secret|token|passw(or)?d|passphrase|api_?key|access_?key|private_?key|credential|auth|dsn|connection_?string|_pat$|_key$)/i
/** Names that the pattern takes for secrets and that hold paths, sockets or switches. */
const harmlessName = /^(SSH_AUTH_SOCK|XAUTHORITY|GPG_AGENT_INFO|.*_(PATH|FILE|DIR|URL|HOST|TTL|LIFETIME))$/i
const template = /\.(example|sample|template|dist|defaults?)$/
const skippedFolders = new Set(['node_modules', '.git', 'vendor', 'dist', 'build', 'target', '.venv'])

export async function knownSecrets(
  roots: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const files = (await Promise.all(roots.map((root) => environmentFiles(root, MAX_DEPTH)))).flat()
  const texts = await Promise.all(files.map((file) => readText(file).catch(() => null)))
  const pairs = [
    ...Object.entries(environment).filter(([name]) => secretName.test(name) && !harmlessName.test(name)),
    ...texts.flatMap((text) => (text === null ? [] : readEnvironmentFile(text.slice(0, MAX_FILE_CHARACTERS)))),
  ]
  const values = pairs.map(([, value]) => value.trim()).filter((value) => value.length >= MIN_LENGTH)
  // The longest first, so that a secret which contains another one is replaced whole.
  return [...new Set(values)].sort((left, right) => right.length - left.length)
}

/** Entries whose name says secret, or whose value looks drawn by lot; settings such as `NODE_ENV=production` are none. */
export function readEnvironmentFile(text: string): readonly (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = []
  for (const line of text.split('\n')) {
    const [, name, raw] = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*=\s*(.*)$/.exec(line) ?? []
    if (name === undefined || raw === undefined) continue
    const quoted = /^"((?:[^"\\]|\\.)*)"|^'([^']*)'/.exec(raw)
    const value = quoted === null ? raw.replace(/\s+#.*$/, '').trim() : (quoted[1] ?? quoted[2] ?? '')
    const isNamed = secretName.test(name) && !harmlessName.test(name)
    if (isNamed || isRandom(value) || hasPassword(value)) pairs.push([name, value])
  }
  return pairs
}

function isRandom(value: string): boolean {
  return value.length >= 16 && /^[A-Za-z0-9+/=_.-]+$/.test(value) && /\d/.test(value) && /[A-Za-z]/.test(value)
}

function hasPassword(value: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s@]+@/i.test(value)
}

async function environmentFiles(folder: string, depth: number): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.startsWith('.env') && !template.test(entry.name))
    .map((entry) => join(folder, entry.name))
  if (depth === 0) return files
  const folders = entries.filter((entry) => entry.isDirectory() && !skippedFolders.has(entry.name))
  const below = await Promise.all(folders.map((entry) => environmentFiles(join(folder, entry.name), depth - 1)))
  return [...files, ...below.flat()]
}
